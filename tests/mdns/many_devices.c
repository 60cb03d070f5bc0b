/*
 * Announces many devices at once, faster than anything written in Python:
 *
 *     many-devices COUNT
 *
 * device-000 and so on, each a host of its own with an address in 10.200.0.0/16, on all
 * interfaces. Says "ready" once all are announced, and ends with its stdin, with goodbyes.
 */
#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <avahi-common/simple-watch.h>
#include <avahi-core/core.h>
#include <avahi-core/log.h>
#include <avahi-core/publish.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SERVICE "_arduino._tcp"

static void group_changed(AvahiServer *server, AvahiSEntryGroup *group, AvahiEntryGroupState state,
                          void *ctx)
{
    (void)server;
    (void)group;
    (void)ctx;
    if (state == AVAHI_ENTRY_GROUP_ESTABLISHED) {
        puts("ready");
        fflush(stdout);
    } else if (state == AVAHI_ENTRY_GROUP_COLLISION || state == AVAHI_ENTRY_GROUP_FAILURE) {
        fprintf(stderr, "they cannot be announced\n");
        exit(EXIT_FAILURE); /* NOLINT(concurrency-mt-unsafe): there is one thread */
    }
}

/* 0, or an error of Avahi's. */
static int add_device(AvahiServer *server, AvahiSEntryGroup *group, unsigned number)
{
    char name[32];
    char host[40];
    AvahiAddress address;
    char text[32];

    snprintf(name, sizeof name, "device-%03u", number);
    snprintf(host, sizeof host, "%s.local", name);
    snprintf(text, sizeof text, "10.200.%u.%u", number / 250, number % 250 + 1);
    avahi_address_parse(text, AVAHI_PROTO_INET, &address);
    int result = avahi_server_add_address(server, group, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC,
                                          AVAHI_PUBLISH_NO_REVERSE, host, &address);
    return result < 0 ? result
                      : avahi_server_add_service(server, group, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC,
                                                 AVAHI_PUBLISH_NO_COOKIE, name, SERVICE, NULL, host,
                                                 8266, "tcp_check=no", "ssh_upload=no",
                                                 "board=nodemcuv2", "auth_upload=no", NULL);
}

static AvahiServer *open_server(AvahiSimplePoll *poll, int *error)
{
    AvahiServerConfig config;

    avahi_server_config_init(&config);
    config.publish_addresses = 0; /* there may be another responder on this machine */
    config.publish_hinfo = 0;
    config.publish_workstation = 0;
    config.publish_domain = 0;
    AvahiServer *server = avahi_server_new(avahi_simple_poll_get(poll), &config, NULL, NULL, error);
    avahi_server_config_free(&config);
    return server;
}

static void input_ended(AvahiWatch *watch, int fd, AvahiWatchEvent event, void *ctx)
{
    char input[64];

    (void)watch;
    (void)event;
    if (read(fd, input, sizeof input) <= 0)
        avahi_simple_poll_quit(ctx);
}

int main(int argc, char **argv)
{
    int error = 0;
    unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    AvahiSimplePoll *poll = avahi_simple_poll_new();

    if (count == 0 || count > 10000 || !poll) {
        fprintf(stderr, "usage: many-devices COUNT\n");
        return EXIT_FAILURE;
    }
    AvahiServer *server = open_server(poll, &error);
    AvahiSEntryGroup *group = server ? avahi_s_entry_group_new(server, group_changed, NULL) : NULL;
    for (unsigned i = 0; group && error >= 0 && i < count; i++)
        error = add_device(server, group, i);
    if (!group || error < 0 || (error = avahi_s_entry_group_commit(group)) < 0) {
        fprintf(stderr, "%s\n",
                avahi_strerror(server && error >= 0 ? avahi_server_errno(server) : error));
        return EXIT_FAILURE;
    }
    const AvahiPoll *api = avahi_simple_poll_get(poll);
    AvahiWatch *watch = api->watch_new(api, STDIN_FILENO, AVAHI_WATCH_IN, input_ended, poll);
    avahi_simple_poll_loop(poll);
    api->watch_free(watch);
    avahi_server_free(server);
    avahi_simple_poll_free(poll);
    return EXIT_SUCCESS;
}
