#include "cli/push/loop.h"

#include "cli/clock.h"
#include "cli/push/listener.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Between two looks at what the devices have acknowledged; also the observer's tick. */
#define TICK_MS 100

struct push_loop {
    struct transport_env env;
    const struct push_loop_options *options;
    struct push_upload *uploads;
    size_t count;
    size_t unfinished;
    listener_list listeners;
    int signal;
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

/* The upload at this listener whose device `from` is; NULL when there is none. */
static struct push_upload *find_upload(const struct push_loop *loop,
                                       const struct listener *listener, const struct address *from)
{
    for (size_t i = 0; i < loop->count; i++) {
        struct push_upload *upload = &loop->uploads[i];
        if (upload->listener == listener && address_same_host(&upload->device, from))
            return upload;
    }
    return NULL;
}

/* No connection can be taken any more: whoever still waits for one at this listener fails. */
static void fail_listener(struct push_loop *loop, const struct listener *listener, int error)
{
    for (size_t i = 0; i < loop->count; i++) {
        struct push_upload *upload = &loop->uploads[i];
        if (upload->listener != listener || upload->udp_fd < 0 ||
            !push_session_wants_connection(&upload->session))
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
    if (upload && push_session_wants_connection(&upload->session)) {
        transport_start_stream(upload, stream_fd);
        return;
    }
    close(stream_fd);
    if (!upload && loop->options->observer.stranger)
        loop->options->observer.stranger(loop->options->observer.ctx, &listener->local, &from);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct push_loop *loop = arg;

    (void)fd;
    (void)what;
    for (size_t i = 0; i < loop->count; i++)
        transport_sample(&loop->uploads[i]);
    if (loop->options->observer.tick)
        loop->options->observer.tick(loop->options->observer.ctx);
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    struct push_loop *loop = arg;

    (void)what;
    loop->signal = (int)number;
    for (size_t i = 0; i < loop->count; i++) {
        struct push_upload *upload = &loop->uploads[i];
        if (upload->session.state == PUSH_FINISHED)
            continue;
        push_session_abort(&upload->session, PUSH_INTERRUPTED);
        transport_settle(upload);
    }
    event_base_loopbreak(loop->env.base);
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
    address_set_port(&upload->local, address_port(&upload->listener->local));
    upload->config.port = address_port(&upload->local);
    return transport_start_datagrams(upload);
}

static void start(struct push_loop *loop, struct push_upload *upload)
{
    upload->started_ms = clock_ms();
    upload->config.random = fill_random;
    if (open_sockets(loop, upload)) {
        push_session_init(&upload->session, &upload->config, clock_ms());
    } else {
        upload->session = (struct push_session){ .config = &upload->config };
        push_session_abort(&upload->session, PUSH_LOCAL_FAILURE);
    }
    transport_settle(upload);
}

/* The loop could not be made: tell every upload. */
static void fail(struct push_upload *upload)
{
    upload->started_ms = clock_ms();
    failure_set(&upload->failure, EXIT_LOCAL_FAILURE, "cannot start the event loop: %s",
                strerror(errno));
    upload->session = (struct push_session){ .config = &upload->config };
    push_session_abort(&upload->session, PUSH_LOCAL_FAILURE);
    transport_settle(upload);
}

struct loop_events {
    struct event *interrupt;
    struct event *terminate;
    struct event *tick;
};

static bool add_events(struct push_loop *loop, struct loop_events *events)
{
    const struct timeval tick = { .tv_usec = TICK_MS * 1000 };
    struct event_base *base = loop->env.base;

    if (!base)
        return false;
    events->interrupt = evsignal_new(base, SIGINT, on_signal, loop);
    events->terminate = evsignal_new(base, SIGTERM, on_signal, loop);
    events->tick = event_new(base, -1, EV_PERSIST, on_tick, loop);
    return events->interrupt && events->terminate && events->tick &&
           event_add(events->interrupt, NULL) == 0 && event_add(events->terminate, NULL) == 0 &&
           event_add(events->tick, &tick) == 0;
}

static void free_events(struct loop_events *events)
{
    if (events->interrupt)
        event_free(events->interrupt);
    if (events->terminate)
        event_free(events->terminate);
    if (events->tick)
        event_free(events->tick);
}

int push_loop_run(struct push_upload *uploads, size_t count,
                  const struct push_loop_options *options)
{
    struct loop_events events = { NULL, NULL, NULL };
    struct push_loop loop = {
        .options = options,
        .uploads = uploads,
        .count = count,
        .unfinished = count,
    };

    loop.env = (struct transport_env){ event_base_new(), options->image_fd, options->image_stamp,
                                       &options->observer, &loop.unfinished };
    for (size_t i = 0; i < count; i++)
        transport_init(&uploads[i], &loop.env);
    bool ready = add_events(&loop, &events);
    for (size_t i = 0; i < count; i++) {
        if (ready)
            start(&loop, &uploads[i]);
        else
            fail(&uploads[i]);
    }
    if (ready && loop.unfinished > 0)
        event_base_dispatch(loop.env.base);
    for (size_t i = 0; i < count; i++)
        transport_release(&uploads[i]);
    listener_close_all(&loop.listeners);
    free_events(&events);
    if (loop.env.base)
        event_base_free(loop.env.base);
    return loop.signal;
}
