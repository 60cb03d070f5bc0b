#include "cli/push/loop.h"

#include "cli/clock.h"
#include "cli/push/listener.h"

#include <errno.h>
#include <event2/event.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Between two looks at what the devices have acknowledged; also the observer's tick. */
#define TICK_MS 100

/* Uploads looked at in one tick: with more of them, each has its turn less often. */
#define SEEN_PER_TICK 64

struct push_loop {
    struct transport_env env;
    const struct push_loop_options *options;
    struct push_upload **uploads; /* those under way */
    size_t count;
    size_t room;
    void *hosts;      /* of all that were ever started: addresses, whose ports mean nothing */
    size_t next_seen; /* the upload that the next tick begins with, modulo `count` */
    listener_list listeners;
    struct event *tick;
};

static bool fill_random(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    while (len > 0) {
        ssize_t n = getrandom(out, len, 0);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            out += n;
            len -= (size_t)n;
        }
    }
    return true;
}

static int compare_hosts(const void *a, const void *b)
{
    return address_compare(a, b);
}

static struct address host_of(const struct address *address)
{
    struct address host = *address;

    address_set_port(&host, 0);
    return host;
}

static bool is_known_host(const struct push_loop *loop, const struct address *address)
{
    const struct address host = host_of(address);

    return tfind(&host, &loop->hosts, compare_hosts);
}

/* Without memory it is not known, and a call of its that comes too late is a stranger's. */
static void know_host(struct push_loop *loop, const struct address *address)
{
    struct address *host = is_known_host(loop, address) ? NULL : malloc(sizeof *host);

    if (!host)
        return;
    *host = host_of(address);
    if (!tsearch(host, &loop->hosts, compare_hosts))
        free(host);
}

/* The upload that waits for this call; NULL when there is none. */
static struct push_upload *find_upload(const struct push_loop *loop,
                                       const struct listener *listener, const struct address *from)
{
    for (size_t i = 0; i < loop->count; i++) {
        struct push_upload *upload = loop->uploads[i];
        if (upload->listener == listener && address_same_host(&upload->device, from) &&
            push_session_wants_connection(&upload->session))
            return upload;
    }
    return NULL;
}

/* No connection can be taken any more: whoever still waits for one at this listener fails. */
static void fail_listener(struct push_loop *loop, const struct listener *listener, int error)
{
    for (size_t i = loop->count; i-- > 0;) { /* each that ends leaves its place to the last one */
        struct push_upload *upload = loop->uploads[i];
        if (upload->listener != listener || !push_session_wants_connection(&upload->session))
            continue;
        failure_set(&upload->failure, EXIT_LOCAL_FAILURE, "cannot take its connection: %s",
                    strerror(error));
        transport_fail(upload);
    }
}

static void on_call(evutil_socket_t fd, short what, void *arg)
{
    const struct listener *listener = arg;
    struct push_loop *loop = listener->owner;
    struct address from;

    (void)fd;
    (void)what;
    int stream_fd = listener_accept(listener, &from);
    if (stream_fd < 0) {
        /* Without descriptors or memory the same call would come at once, for ever. */
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
            fail_listener(loop, listener, errno);
        return;
    }
    struct push_upload *upload = find_upload(loop, listener, &from);
    if (upload) {
        transport_start_stream(upload, stream_fd);
        return;
    }
    close(stream_fd);
    if (!is_known_host(loop, &from) && loop->options->observer.stranger)
        loop->options->observer.stranger(loop->options->observer.ctx, &listener->local, &from);
}

static bool is_moving(const struct push_upload *upload)
{
    return upload->session.state == PUSH_STREAMING ||
           upload->session.state == PUSH_AWAITING_VERDICT;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct push_loop *loop = arg;
    const struct push_observer *observer = &loop->options->observer;

    (void)fd;
    (void)what;
    size_t seen = 0;
    for (size_t i = 0; i < loop->count && seen < SEEN_PER_TICK; i++) {
        struct push_upload *upload = loop->uploads[loop->next_seen++ % loop->count];
        seen += upload->stream_fd >= 0;
        transport_sample(upload);
        if (is_moving(upload) && observer->tick)
            observer->tick(observer->ctx, upload);
    }
}

/* Calls are told apart by the caller's address: no two uploads to one host can share a port. */
static bool shares_host(const struct push_loop *loop, const struct push_upload *upload)
{
    for (size_t i = 0; i < loop->count; i++) {
        const struct push_upload *other = loop->uploads[i];
        if (other != upload && other->listener == upload->listener &&
            address_same_host(&other->device, &upload->device))
            return true;
    }
    return false;
}

/* Have another of the listeners there are, which no upload to the same host uses. */
static bool change_listener(struct push_loop *loop, struct push_upload *upload)
{
    struct listener *first = upload->listener;

    for (struct listener *other = loop->listeners; other; other = other->next) {
        upload->listener = other;
        if (!address_same_host(&other->local, &upload->local) || shares_host(loop, upload))
            continue;
        other->users++;
        listener_leave(&loop->listeners, first);
        return true;
    }
    upload->listener = first;
    return false;
}

static bool open_sockets(struct push_loop *loop, struct push_upload *upload)
{
    upload->udp_fd = endpoint_open_udp(&upload->device, &loop->options->bind_to, &upload->local,
                                       &upload->failure);
    if (upload->udp_fd < 0)
        return false;
    upload->listener = listener_get(&loop->listeners, loop->env.base, &upload->local,
                                    loop->options->ports, on_call, loop, &upload->failure);
    if (!upload->listener)
        return false;
    bool is_taken = shares_host(loop, upload) && !change_listener(loop, upload);
    address_set_port(&upload->local, address_port(&upload->listener->local));
    upload->config.port = address_port(&upload->local);
    if (is_taken)
        return failure_set(&upload->failure, EXIT_LOCAL_FAILURE,
                           "another device at its address is being updated through TCP port %u; "
                           "give a range of ports with -P",
                           upload->config.port);
    return transport_start_datagrams(upload);
}

static bool take(struct push_loop *loop, struct push_upload *upload)
{
    if (loop->count == loop->room) {
        size_t room = loop->room > 0 ? 2 * loop->room : 16;
        struct push_upload **uploads = reallocarray(loop->uploads, room, sizeof *uploads);
        if (!uploads)
            return failure_set(&upload->failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
        loop->uploads = uploads;
        loop->room = room;
    }
    upload->place = loop->count;
    loop->uploads[loop->count++] = upload;
    know_host(loop, &upload->device);
    return true;
}

/* It is over, its sockets are closed: what it shared with others is given back. */
static void leave(struct push_loop *loop, struct push_upload *upload)
{
    if (upload->place < loop->count && loop->uploads[upload->place] == upload) {
        struct push_upload *last = loop->uploads[--loop->count];
        last->place = upload->place;
        loop->uploads[last->place] = last;
    }
    if (upload->listener)
        listener_leave(&loop->listeners, upload->listener);
    upload->listener = NULL;
}

static void on_finished(void *ctx, struct push_upload *upload)
{
    struct push_loop *loop = ctx;

    leave(loop, upload);
    if (loop->options->finished)
        loop->options->finished(loop->options->finished_ctx, upload);
}

void push_loop_start(struct push_loop *loop, struct push_upload *upload)
{
    transport_init(upload, &loop->env);
    upload->failure.text[0] = '\0';
    upload->network_error = 0;
    upload->shown_bytes = 0;
    upload->shown_quarters = 0;
    upload->started_ms = clock_ms();
    upload->config.random = fill_random;
    if (take(loop, upload) && open_sockets(loop, upload)) {
        push_session_init(&upload->session, &upload->config, clock_ms());
    } else {
        upload->session = (struct push_session){ .config = &upload->config };
        push_session_abort(&upload->session, PUSH_LOCAL_FAILURE);
    }
    transport_settle(upload);
}

void push_loop_abort(struct push_loop *loop, enum push_reason reason)
{
    for (size_t i = loop->count; i-- > 0;) {
        struct push_upload *upload = loop->uploads[i];
        push_session_abort(&upload->session, reason);
        transport_settle(upload);
    }
}

struct push_loop *push_loop_new(struct event_base *base, const struct push_loop_options *options)
{
    const struct timeval tick = { .tv_usec = TICK_MS * 1000 };
    struct push_loop *loop = calloc(1, sizeof *loop);

    if (!loop)
        return NULL;
    loop->options = options;
    loop->env = (struct transport_env){
        base, options->image_fd, options->image_stamp, &options->observer, on_finished, loop
    };
    loop->tick = event_new(base, -1, EV_PERSIST, on_tick, loop);
    if (!loop->tick || event_add(loop->tick, &tick) != 0) {
        push_loop_free(loop);
        return NULL;
    }
    return loop;
}

void push_loop_free(struct push_loop *loop)
{
    if (!loop)
        return;
    while (loop->count > 0) {
        struct push_upload *upload = loop->uploads[loop->count - 1];
        transport_release(upload);
        leave(loop, upload);
    }
    if (loop->tick)
        event_free(loop->tick);
    tdestroy(loop->hosts, free);
    free(loop->uploads);
    free(loop);
}
