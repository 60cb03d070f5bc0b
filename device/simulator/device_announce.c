#include "device_announce.h"

#include "device_publisher_daemon.h"
#include "device_publisher_embedded.h"
#include "ota/responder.h"

#include <avahi-common/error.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Sockets of avahi's: its own wake-up, one for each protocol, that of the kernel's news or D-Bus.
 */
#define AVAHI_FDS_MAX 28

/* Names that are tried one after the other while the daemon knows at once that each is taken. */
#define NAMES_MAX 1000

/* ---- telling ---- */

static void tell(const struct device_announce *announce, struct device_announce_event event)
{
    event.name = announce->name;
    event.host = announce->host;
    event.port = announce->config->local.port;
    announce->config->on_event(announce->config->event_ctx, &event);
}

static void warn(struct device_announce *announce, const char *text)
{
    if (!announce->has_warned)
        tell(announce, (struct device_announce_event){ .kind = DEVICE_UNANNOUNCED, .text = text });
    announce->has_warned = true;
}

/* ---- names ---- */

static void set_name(struct device_announce *announce, const char *name)
{
    char label[DEVICE_HOST_LABEL_SIZE];

    (void)snprintf(announce->name, sizeof announce->name, "%s", name);
    device_name_host_label(label, name);
    (void)snprintf(announce->host, sizeof announce->host, "%s." DEVICE_SERVICE_DOMAIN, label);
}

static void take_next_name(struct device_announce *announce)
{
    char former[DEVICE_NAME_SIZE];
    char next[DEVICE_NAME_SIZE];

    memcpy(former, announce->name, sizeof former);
    device_name_alternative(next, announce->config->name, ++announce->number);
    set_name(announce, next);
    tell(announce, (struct device_announce_event){ .kind = DEVICE_RENAMED, .former = former });
}

/* ---- records ---- */

/* As stock devices write them, in their order; NULL when there is no memory. */
static AvahiStringList *make_txt(const struct device_announce_config *config)
{
    char board[sizeof "board=" + DEVICE_BOARD_BYTES];

    (void)snprintf(board, sizeof board, "board=%s", config->board);
    return avahi_string_list_new("tcp_check=no", "ssh_upload=no", board,
                                 config->has_password ? "auth_upload=yes" : "auth_upload=no", NULL);
}

static int add_all(struct device_announce *announce, const struct device_service *service)
{
    struct device_publisher *publisher = &announce->publisher;
    const struct device_links *links = &announce->links;
    /*
     * Avahi takes records back on one interface only when they were added for each of several. Who
     * is on several is on all of them.
     */
    const struct device_link *only = links->link;

    for (size_t i = 1; i < links->count; i++) {
        if (device_links_is_first(links, i))
            only = NULL;
    }
    int error =
        links->count > 0 ? publisher->kind->add_service(publisher, only, service) : AVAHI_OK;
    for (size_t i = 0; i < links->count && !error; i++)
        error = publisher->kind->add_address(publisher, &links->link[i], service);
    return error ? error : publisher->kind->commit(publisher);
}

/* Hand the records to the publisher, under the first name that is free as far as it knows. */
static void commit(struct device_announce *announce)
{
    struct device_publisher *publisher = &announce->publisher;
    struct device_service service = {
        .host = announce->host,
        .name = announce->name,
        .port = announce->config->local.port,
        .txt = make_txt(announce->config),
    };
    int error = service.txt ? add_all(announce, &service) : AVAHI_ERR_NO_MEMORY;

    for (unsigned i = 1; error == AVAHI_ERR_COLLISION && i < NAMES_MAX; i++) {
        take_next_name(announce);
        error = publisher->kind->reset(publisher);
        if (!error)
            error = add_all(announce, &service);
    }
    avahi_string_list_free(service.txt);
    announce->is_committed = true;
    announce->is_told = false;
    publisher->error = error;
}

/* ---- the publisher ---- */

static void close_publisher(struct device_announce *announce)
{
    struct device_publisher *publisher = &announce->publisher;

    if (publisher->kind)
        publisher->kind->close(publisher);
    *publisher = (struct device_publisher){ 0 };
}

static int open_publisher(struct device_announce *announce,
                          const struct device_publisher_kind *kind)
{
    struct device_publisher *publisher = &announce->publisher;
    int error;

    announce->is_committed = false;
    *publisher = (struct device_publisher){ .kind = kind };
    error = kind->open(publisher, avahi_simple_poll_get(announce->poll), &announce->links);
    if (error)
        *publisher = (struct device_publisher){ 0 };
    return error;
}

/* The publisher has failed with this error, or could not be had: another one, or none. */
static void replace_publisher(struct device_announce *announce,
                              const struct device_publisher_kind *failed, int error)
{
    close_publisher(announce);
    if (failed == &device_publisher_daemon && announce->config->mdns == DEVICE_MDNS_AUTO)
        error = open_publisher(announce, &device_publisher_embedded);
    if (error)
        warn(announce, avahi_strerror(error));
}

/* See what has become of the records, and do what that asks for. */
static void settle(struct device_announce *announce)
{
    struct device_publisher *publisher = &announce->publisher;

    while (publisher->kind) {
        if (publisher->error) {
            replace_publisher(announce, publisher->kind, publisher->error);
        } else if (announce->is_committed && publisher->state == AVAHI_ENTRY_GROUP_COLLISION) {
            take_next_name(announce);
            announce->is_committed = false;
            publisher->state = AVAHI_ENTRY_GROUP_UNCOMMITED;
            publisher->error = publisher->kind->reset(publisher);
        } else if (publisher->is_ready && !announce->is_committed) {
            commit(announce);
        } else {
            break;
        }
    }
    if (publisher->kind && publisher->state == AVAHI_ENTRY_GROUP_ESTABLISHED &&
        !announce->is_told) {
        announce->is_told = true;
        tell(announce, (struct device_announce_event){ .kind = DEVICE_ANNOUNCED,
                                                       .through = publisher->kind->name });
    }
}

/* ---- waiting ---- */

static int poll_ms(struct pollfd *fds, size_t count, int timeout_ms, const sigset_t *mask)
{
    struct timespec timeout = { .tv_sec = timeout_ms / 1000,
                                .tv_nsec = (long)(timeout_ms % 1000) * 1000000 };

    if (ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, mask) >= 0)
        return 0;
    for (size_t i = 0; i < count; i++)
        fds[i].revents = 0;
    return errno == EINTR ? 0 : errno;
}

/* Avahi's poll(): waits for the others' sockets, too. */
static int poll_all(struct pollfd *own, unsigned own_count, int timeout_ms, void *ctx)
{
    struct device_announce *announce = ctx;
    struct device_announce_wait *wait = &announce->wait;
    struct pollfd all[AVAHI_FDS_MAX + DEVICE_ANNOUNCE_FDS];

    if (own_count > AVAHI_FDS_MAX || wait->count > DEVICE_ANNOUNCE_FDS) {
        wait->error = EMFILE;
        return -1;
    }
    memcpy(all, own, own_count * sizeof *own);
    memcpy(all + own_count, wait->fds, wait->count * sizeof *own);
    wait->error = poll_ms(all, own_count + wait->count, timeout_ms, wait->mask);
    memcpy(own, all, own_count * sizeof *own);
    memcpy(wait->fds, all + own_count, wait->count * sizeof *own);
    return wait->error ? -1 : 0;
}

bool device_announce_wait(struct device_announce *announce, struct pollfd *fds, size_t count,
                          uint32_t timeout_ms, const sigset_t *mask)
{
    int timeout = timeout_ms == OTA_NEVER ? -1 : timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms;

    announce->wait = (struct device_announce_wait){ .fds = fds, .count = count, .mask = mask };
    if (!announce->poll) {
        announce->wait.error = poll_ms(fds, count, timeout, mask);
    } else if (avahi_simple_poll_prepare(announce->poll, timeout) != 0 ||
               avahi_simple_poll_run(announce->poll) != 0 ||
               avahi_simple_poll_dispatch(announce->poll) != 0) {
        if (!announce->wait.error)
            announce->wait.error = EIO;
    } else {
        settle(announce);
    }
    errno = announce->wait.error;
    return announce->wait.error == 0;
}

/* ---- start and stop ---- */

void device_announce_init(struct device_announce *announce,
                          const struct device_announce_config *config)
{
    *announce = (struct device_announce){ .config = config, .number = 1 };
    set_name(announce, config->name);
}

void device_announce_start(struct device_announce *announce)
{
    enum device_mdns mdns = announce->config->mdns;
    const struct device_publisher_kind *kind =
        mdns == DEVICE_MDNS_EMBEDDED ? &device_publisher_embedded : &device_publisher_daemon;

    if (mdns == DEVICE_MDNS_OFF)
        return;
    if (!device_links_find(&announce->links, &announce->config->local)) {
        warn(announce, strerror(errno));
        return;
    }
    if (announce->links.count == 0) {
        warn(announce, "no interface that is up has its address");
        return;
    }
    announce->poll = avahi_simple_poll_new();
    if (!announce->poll) {
        warn(announce, strerror(ENOMEM));
        return;
    }
    avahi_simple_poll_set_func(announce->poll, poll_all, announce);
    int error = open_publisher(announce, kind);
    if (error)
        replace_publisher(announce, kind, error);
    settle(announce);
}

void device_announce_stop(struct device_announce *announce)
{
    close_publisher(announce);
    if (announce->poll)
        avahi_simple_poll_free(announce->poll);
    announce->poll = NULL;
}
