#include "device_announce.h"

#include "device/port/posix/posix_clock.h"
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

/* Names that are tried one after the other while it is known at once that each is taken. */
#define NAMES_MAX 1000

/* How often to see which addresses there are: they come late, and change. */
#define LOOK_MS 2000u

/* How long who publishes may take for an answer. */
#define ANSWER_MS 2000u

/* After a failure, when to try again. */
#define RETRY_MS 5000u

/* ---- time ---- */

static bool passed(uint32_t since_ms, uint32_t time_ms)
{
    return posix_clock_now_ms() - since_ms >= time_ms;
}

/* How much of a time remains, at most `limit_ms`. */
static uint32_t remaining(uint32_t since_ms, uint32_t time_ms, uint32_t limit_ms)
{
    uint32_t gone = posix_clock_now_ms() - since_ms;
    uint32_t left = gone < time_ms ? time_ms - gone : 0;

    return left < limit_ms ? left : limit_ms;
}

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

static struct device_service make_service(const struct device_announce *announce)
{
    const struct device_announce_config *config = announce->config;
    struct device_service service = {
        .port = config->local.port,
        .has_password = config->has_password,
    };

    (void)snprintf(service.name, sizeof service.name, "%s", announce->name);
    (void)snprintf(service.host, sizeof service.host, "%s", announce->host);
    (void)snprintf(service.board, sizeof service.board, "%s", config->board);
    return service;
}

static int publish(struct device_announce *announce)
{
    struct device_publisher *publisher = &announce->publisher;
    const struct device_service service = make_service(announce);

    return publisher->kind->publish(publisher, &announce->links, &service);
}

/* Hand the records to the publisher, under the first name that is free as far as it knows. */
static void commit(struct device_announce *announce)
{
    struct device_publisher *publisher = &announce->publisher;

    announce->is_committed = true;
    announce->is_told = false;
    publisher->state = AVAHI_ENTRY_GROUP_UNCOMMITED;
    int error = publish(announce);
    for (unsigned i = 1; error == AVAHI_ERR_COLLISION && i < NAMES_MAX; i++) {
        take_next_name(announce);
        error = publish(announce);
    }
    if (error)
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

static int open_publisher(struct device_announce *announce)
{
    struct device_publisher *publisher = &announce->publisher;
    const struct device_publisher_kind *kind = announce->kind;

    announce->is_committed = false;
    *publisher = (struct device_publisher){ .kind = kind };
    int error = kind->open(publisher, avahi_simple_poll_get(announce->poll), &announce->links);
    if (error)
        *publisher = (struct device_publisher){ 0 };
    return error;
}

/* The publisher has failed, or could not be had: have one of our own instead, or none for now. */
static void replace_publisher(struct device_announce *announce, int error)
{
    close_publisher(announce);
    if (announce->kind == &device_publisher_daemon && announce->config->mdns == DEVICE_MDNS_AUTO) {
        announce->kind = &device_publisher_embedded;
        error = open_publisher(announce);
    }
    if (error) {
        announce->failed_ms = posix_clock_now_ms();
        warn(announce, avahi_strerror(error));
    }
}

static void begin(struct device_announce *announce)
{
    int error = open_publisher(announce);

    if (error)
        replace_publisher(announce, error);
}

/* See what has become of the records, and do what that asks for. */
static void settle(struct device_announce *announce)
{
    struct device_publisher *publisher = &announce->publisher;

    while (publisher->kind) {
        if (publisher->is_asked && passed(publisher->asked_ms, ANSWER_MS))
            publisher->error = AVAHI_ERR_TIMEOUT;
        if (publisher->error) {
            replace_publisher(announce, publisher->error);
        } else if (announce->is_committed && publisher->state == AVAHI_ENTRY_GROUP_COLLISION) {
            take_next_name(announce);
            commit(announce);
        } else if (publisher->is_ready && !announce->is_committed) {
            commit(announce);
        } else {
            break;
        }
    }
    if (publisher->kind && publisher->state == AVAHI_ENTRY_GROUP_ESTABLISHED &&
        !announce->is_told) {
        announce->is_told = true;
        announce->has_warned = false;
        tell(announce, (struct device_announce_event){ .kind = DEVICE_ANNOUNCED,
                                                       .through = publisher->kind->name });
    }
}

/* ---- the links ---- */

/* True when there are others than before. What cannot be found out has not changed. */
static bool look(struct device_announce *announce)
{
    struct device_links links;

    announce->looked_ms = posix_clock_now_ms();
    if (!device_links_find(&links, &announce->config->local)) {
        if (!announce->publisher.kind)
            warn(announce, strerror(errno));
        return false;
    }
    if (links.count == 0)
        warn(announce, "no interface that is up has its address");
    if (device_links_equal(&links, &announce->links))
        return false;
    announce->links = links;
    return true;
}

/* Do what is due. */
static void work(struct device_announce *announce)
{
    settle(announce);
    if (passed(announce->looked_ms, LOOK_MS) && look(announce)) {
        close_publisher(announce);
        if (announce->links.count > 0)
            begin(announce);
    } else if (!announce->publisher.kind && announce->links.count > 0 &&
               passed(announce->failed_ms, RETRY_MS)) {
        begin(announce);
    }
    settle(announce);
}

/* When something will be due, in ms, at most `timeout_ms`. */
static uint32_t next_work(const struct device_announce *announce, uint32_t timeout_ms)
{
    const struct device_publisher *publisher = &announce->publisher;
    uint32_t next = remaining(announce->looked_ms, LOOK_MS, timeout_ms);

    if (!publisher->kind && announce->links.count > 0)
        next = remaining(announce->failed_ms, RETRY_MS, next);
    if (publisher->kind && publisher->is_asked)
        next = remaining(publisher->asked_ms, ANSWER_MS, next);
    return next;
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
    uint32_t time_ms = announce->poll ? next_work(announce, timeout_ms) : timeout_ms;
    int timeout = time_ms == OTA_NEVER ? -1 : time_ms > INT_MAX ? INT_MAX : (int)time_ms;

    announce->wait = (struct device_announce_wait){ .fds = fds, .count = count, .mask = mask };
    if (!announce->poll) {
        announce->wait.error = poll_ms(fds, count, timeout, mask);
    } else if (avahi_simple_poll_prepare(announce->poll, timeout) != 0 ||
               avahi_simple_poll_run(announce->poll) != 0 ||
               avahi_simple_poll_dispatch(announce->poll) != 0) {
        if (!announce->wait.error)
            announce->wait.error = EIO;
    } else {
        work(announce);
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
    announce->poll = avahi_simple_poll_new();
    if (!announce->poll) {
        warn(announce, strerror(ENOMEM));
        return;
    }
    avahi_simple_poll_set_func(announce->poll, poll_all, announce);
    announce->kind = kind;
    look(announce);
    if (announce->links.count > 0)
        begin(announce);
    settle(announce);
}

void device_announce_stop(struct device_announce *announce)
{
    close_publisher(announce);
    if (announce->poll)
        avahi_simple_poll_free(announce->poll);
    announce->poll = NULL;
}
