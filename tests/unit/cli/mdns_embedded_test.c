/*
 * mDNS within the process, end to end: on the loopback interface of a network namespace that each
 * test makes for itself, with a publisher on the same event base.
 */
#include "cli/discover/mdns.h"
#include "cli/discover/mdns_poll.h"

#include <arpa/inet.h>
#include <avahi-core/core.h>
#include <avahi-core/publish.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A hang ends the test; nothing else takes nearly as long. */
#define LIMIT_S 60

#define NAME    \
    "K\xC3\xBC" \
    "che \"1\".x"

static struct event_base *base;

/* ---- what the publisher does ---- */

static struct mdns_poll publisher_poll;
static AvahiServer *publisher;
static AvahiSEntryGroup *group;

static void group_changed(AvahiServer *server, AvahiSEntryGroup *which, AvahiEntryGroupState state,
                          void *userdata)
{
    (void)server;
    (void)which;
    (void)state;
    (void)userdata;
}

static void publish(const char *type, const char *name, const char *text)
{
    AvahiStringList *txt = avahi_string_list_new("first=1", text, NULL);

    cr_assert_eq(avahi_server_add_service_strlst(publisher, group, AVAHI_IF_UNSPEC,
                                                 AVAHI_PROTO_INET, 0, name, type, "local",
                                                 "kitchen.local", 8266, txt),
                 0);
    avahi_string_list_free(txt);
}

static void start_publisher(void)
{
    AvahiServerConfig config;
    AvahiAddress address;
    int error = 0;

    mdns_poll_init(&publisher_poll, base);
    avahi_server_config_init(&config);
    config.use_ipv6 = 0;
    config.publish_addresses = 0;
    config.publish_hinfo = 0;
    config.publish_workstation = 0;
    config.publish_domain = 0;
    publisher = avahi_server_new(&publisher_poll.api, &config, NULL, NULL, &error);
    avahi_server_config_free(&config);
    cr_assert_not_null(publisher, "avahi's error %d", error);
    group = avahi_s_entry_group_new(publisher, group_changed, NULL);
    cr_assert_not_null(avahi_address_parse("127.0.0.9", AVAHI_PROTO_INET, &address));
    cr_assert_eq(avahi_server_add_address(publisher, group, AVAHI_IF_UNSPEC, AVAHI_PROTO_INET,
                                          AVAHI_PUBLISH_NO_REVERSE, "kitchen.local", &address),
                 0);
    publish("_arduino._tcp", NAME, "b=2");
    publish("_http._tcp", "other", "b=2");
    cr_assert_eq(avahi_s_entry_group_commit(group), 0);
}

/* ---- the network ---- */

static void map_id(const char *file, unsigned id)
{
    FILE *map = fopen(file, "we");

    if (!map)
        return;
    fprintf(map, "%u %u 1\n", id, id);
    fclose(map);
}

/*
 * Who is not root may do the same within a namespace of users. Only a process without threads may
 * make one, and Criterion's have some: so this is for all of them, before there are any.
 */
__attribute__((constructor)) static void become_privileged(void)
{
    unsigned uid = geteuid();
    unsigned gid = getegid();

    if (uid == 0 || unshare(CLONE_NEWUSER) != 0)
        return;
    FILE *groups = fopen("/proc/self/setgroups", "we");
    if (groups) {
        fputs("deny", groups);
        fclose(groups);
    }
    map_id("/proc/self/uid_map", uid);
    map_id("/proc/self/gid_map", gid);
}

static void skip_without_namespace(void)
{
    struct ifreq ifr = { .ifr_name = "lo" };

    if (unshare(CLONE_NEWNET) != 0)
        cr_skip_test("no right to make network namespaces: %s", strerror(errno));
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ifr.ifr_flags = IFF_UP | IFF_MULTICAST;
    cr_assert_eq(ioctl(fd, SIOCSIFFLAGS, &ifr), 0, "%s", strerror(errno));
    close(fd);
    /* No daemon of this machine is of any concern. */
    setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/at/all", 1);
    base = event_base_new();
}

/* ---- what is heard ---- */

static struct heard {
    unsigned sightings;
    unsigned lapses; /* sightings that went */
    unsigned settled;
    struct mdns_sighting last;
    char name[64];
    unsigned services; /* events, each of them */
    enum mdns_event event;
    char host[64];
    struct address address;
    uint8_t txt[64];
    size_t txt_len;
    unsigned hosts;
    enum mdns_event host_event;
    struct address host_address;
    char log[4096];
} heard;

static struct mdns_query *self;

static void sighted(void *ctx, enum mdns_event event, const struct mdns_sighting *sighting)
{
    (void)ctx;
    if (event == MDNS_SETTLED) {
        heard.settled++;
    } else if (event == MDNS_GONE) {
        heard.lapses++;
    } else {
        heard.sightings++;
        heard.last = *sighting;
        snprintf(heard.name, sizeof heard.name, "%s", sighting->name);
        heard.last.name = heard.name;
    }
    mdns_query_free(self);
    self = NULL;
}

static void resolved(void *ctx, enum mdns_event event, const struct mdns_service *service)
{
    (void)ctx;
    heard.services++;
    heard.event = event;
    if (!service)
        return;
    snprintf(heard.host, sizeof heard.host, "%s", service->host);
    heard.address = service->address;
    cr_assert_leq(service->txt_len, sizeof heard.txt);
    memcpy(heard.txt, service->txt, service->txt_len);
    heard.txt_len = service->txt_len;
}

static void host_resolved(void *ctx, enum mdns_event event, const struct address *address)
{
    (void)ctx;
    heard.hosts++;
    heard.host_event = event;
    if (address)
        heard.host_address = *address;
}

static void logged(void *ctx, const char *text)
{
    size_t len = strlen(heard.log);

    (void)ctx;
    snprintf(heard.log + len, sizeof heard.log - len, "%s\n", text);
}

static struct mdns *open_mode(enum mdns_mode mode, const char *interface)
{
    const struct mdns_options options = { .mode = mode, .interface = interface, .log = logged };
    struct failure failure = { .text = "" };
    struct mdns *mdns = mdns_open(base, &options, &failure);

    cr_assert_not_null(mdns, "%s", failure.text);
    return mdns;
}

static struct mdns_query *look(struct mdns *mdns)
{
    struct failure failure = { .text = "" };
    struct mdns_query *query = mdns_browse(mdns, sighted, NULL, &failure);

    cr_assert_not_null(query, "%s", failure.text);
    return query;
}

/* Run until a counter is there; the suite's limit ends a wait in vain. */
static void await(const unsigned *counter, unsigned count)
{
    while (*counter < count)
        cr_assert_eq(event_base_loop(base, EVLOOP_ONCE), 0);
}

static void end(struct mdns *mdns)
{
    if (publisher)
        avahi_server_free(publisher); /* while its last words still go to our log */
    mdns_close(mdns);
    event_base_free(base);
}

TestSuite(mdns_embedded, .init = skip_without_namespace, .timeout = LIMIT_S);

Test(mdns_embedded, follows_a_service_through_its_life)
{
    struct failure failure = { .text = "" };
    char text[ADDRESS_TEXT_MAX];
    struct mdns *mdns = open_mode(MDNS_EMBEDDED, NULL);

    look(mdns);
    await(&heard.settled, 1);
    cr_assert_eq(heard.sightings, 0);
    start_publisher();
    await(&heard.sightings, 1);
    cr_assert_str_eq(heard.name, NAME);
    cr_assert_eq(heard.last.interface, if_nametoindex("lo"));
    cr_assert_eq(heard.last.family, AF_INET);

    cr_assert_not_null(mdns_resolve(mdns, &heard.last, AF_INET, resolved, NULL, &failure));
    cr_assert_not_null(
        mdns_resolve_host(mdns, "kitchen.local", AF_INET, host_resolved, NULL, &failure));
    await(&heard.services, 1);
    cr_assert_eq(heard.event, MDNS_ADDED);
    cr_assert_str_eq(heard.host, "kitchen.local");
    cr_assert_str_eq(address_text(&heard.address, text), "127.0.0.9:8266");
    cr_assert_eq(heard.txt_len, 12);
    cr_assert_eq(memcmp(heard.txt, "\7first=1\3b=2", 12), 0);
    await(&heard.hosts, 1);
    cr_assert_eq(heard.host_event, MDNS_ADDED);
    cr_assert_str_eq(address_text(&heard.host_address, text), "127.0.0.9:0");

    AvahiStringList *txt = avahi_string_list_new("b=3", NULL);
    cr_assert_eq(avahi_server_update_service_txt_strlst(publisher, group, AVAHI_IF_UNSPEC,
                                                        AVAHI_PROTO_INET, 0, NAME, "_arduino._tcp",
                                                        "local", txt),
                 0);
    avahi_string_list_free(txt);
    await(&heard.services, 2);
    cr_assert_eq(heard.event, MDNS_CHANGED);
    cr_assert_eq(heard.txt_len, 4);
    cr_assert_eq(memcmp(heard.txt, "\3b=3", 4), 0);
    cr_assert_eq(heard.sightings, 1, "the other service is none of ours");

    avahi_s_entry_group_reset(group);
    await(&heard.lapses, 1);
    await(&heard.services, 3);
    cr_assert_eq(heard.event, MDNS_GONE);
    await(&heard.hosts, 2);
    cr_assert_eq(heard.host_event, MDNS_GONE);
    end(mdns);
}

Test(mdns_embedded, a_query_may_be_closed_by_its_own_callback)
{
    struct mdns *mdns = open_mode(MDNS_EMBEDDED, "lo");

    start_publisher();
    self = look(mdns);
    await(&heard.settled, 1);
    cr_assert_null(self);
    look(mdns); /* the closed one must not be heard beside it */
    await(&heard.sightings, 1);
    cr_assert_eq(heard.settled, 2);
    end(mdns);
}

/* A socket that hears what is asked on the loopback interface. */
static int listen_in(void)
{
    const struct sockaddr_in group_address = { .sin_family = AF_INET,
                                               .sin_port = htons(5353),
                                               .sin_addr.s_addr = inet_addr("224.0.0.251") };
    const struct ip_mreqn member = { .imr_multiaddr = group_address.sin_addr,
                                     .imr_ifindex = (int)if_nametoindex("lo") };
    const int yes = 1;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    cr_assert_eq(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), 0);
    cr_assert_eq(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes), 0);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&group_address, sizeof group_address), 0);
    cr_assert_eq(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &member, sizeof member), 0, "%s",
                 strerror(errno));
    return fd;
}

Test(mdns_embedded, asks_at_once_and_whenever_it_is_asked_again)
{
    static const char name[] = "\10_arduino\4_tcp\5local";
    uint8_t packet[512];
    struct mdns *mdns = open_mode(MDNS_EMBEDDED, "lo");
    int fd = listen_in();

    for (unsigned times = 0; times < 2; times++) {
        struct mdns_query *query = look(mdns);
        /* avahi itself cannot have asked by now, as the loop has not run. */
        ssize_t len = recv(fd, packet, sizeof packet, 0);
        cr_assert_eq(len, 12 + (ssize_t)sizeof name + 4);
        cr_assert_eq(memcmp(packet, "\0\0\0\0\0\1\0\0\0\0\0\0", 12), 0);
        cr_assert_eq(memcmp(packet + 12, name, sizeof name), 0);
        cr_assert_eq(memcmp(packet + 12 + sizeof name, "\0\14\0\1", 4), 0);
        mdns_query_free(query);
    }
    look(mdns);
    start_publisher();
    await(&heard.sightings, 1);
    close(fd);
    end(mdns);
}

Test(mdns_embedded, several_at_once_do_not_mind_each_other)
{
    struct mdns *one = open_mode(MDNS_EMBEDDED, NULL);
    struct mdns *other = open_mode(MDNS_EMBEDDED, NULL);

    look(one);
    look(other);
    await(&heard.settled, 2);
    mdns_close(one);
    start_publisher();
    await(&heard.sightings, 1);
    end(other);
}

Test(mdns_embedded, is_what_auto_means_without_a_daemon)
{
    struct mdns *mdns = open_mode(MDNS_AUTO, NULL);

    cr_assert_eq(mdns_mode(mdns), MDNS_EMBEDDED);
    cr_assert_eq(strncmp(heard.log, "mDNS: embedded (no daemon: ", 27), 0, "%s", heard.log);
    cr_assert_not_null(strstr(heard.log, "/nowhere/at/all"), "%s", heard.log);
    end(mdns);
}

static void refused(enum mdns_mode mode, const char *interface, const char *reason)
{
    const struct mdns_options options = { .mode = mode, .interface = interface };
    struct failure failure = { .text = "" };

    cr_assert_null(mdns_open(base, &options, &failure));
    cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_assert_not_null(strstr(failure.text, reason), "%s", failure.text);
}

Test(mdns_embedded, says_what_cannot_be_had)
{
    refused(MDNS_DAEMON, NULL, "/nowhere/at/all");
    refused(MDNS_AUTO, "none0", "\"none0\"");
    refused(MDNS_EMBEDDED, "none0", "\"none0\"");
    event_base_free(base);
}

Test(mdns_embedded, refuses_a_question_that_cannot_be_asked)
{
    struct failure failure = { .text = "" };
    struct mdns *mdns = open_mode(MDNS_EMBEDDED, NULL);
    char host[300];

    memset(host, 'h', sizeof host);
    host[sizeof host - 1] = '\0';
    cr_assert_null(mdns_resolve_host(mdns, host, AF_INET, host_resolved, NULL, &failure));
    cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_assert_neq(failure.text[0], '\0');
    mdns_query_free(NULL);
    end(mdns);
}
