#include "cli/push/transport.h"

#include "cli/clock.h"
#include "cli/push/stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Datagrams of one device taken in one turn, so that a flood does not starve the others. */
#define DATAGRAMS_PER_TURN 16

static void free_event(struct event **event)
{
    if (*event)
        event_free(*event);
    *event = NULL;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void transport_init(struct push_upload *upload, const struct transport_env *env)
{
    upload->env = env;
    upload->listener = NULL;
    upload->datagrams = NULL;
    upload->readable = NULL;
    upload->writable = NULL;
    upload->timer = NULL;
    upload->rings_at = UINT64_MAX;
    upload->udp_fd = -1;
    upload->stream_fd = -1;
}

static void close_stream(struct push_upload *upload)
{
    free_event(&upload->readable);
    free_event(&upload->writable);
    close_fd(&upload->stream_fd);
}

/* A device that has given its verdict sees an orderly end; one that is given up, a reset. */
static void drop_stream(struct push_upload *upload)
{
    enum push_reason reason = upload->session.reason;

    if (upload->stream_fd >= 0 && reason != PUSH_UPDATED && reason != PUSH_FAILED)
        stream_abandon(upload->stream_fd);
    close_stream(upload);
}

void transport_release(struct push_upload *upload)
{
    close_stream(upload);
    free_event(&upload->datagrams);
    free_event(&upload->timer);
    close_fd(&upload->udp_fd);
}

/* --- Carrying out what a session wants -------------------------------------------------------- */

static void send_datagram(struct push_upload *upload)
{
    const struct push_session *session = &upload->session;

    /* A first failure may be the late report of an ICMP error: it says nothing about this one. */
    for (int try = 0; try < 2; try++) {
        if (send(upload->udp_fd, session->datagram, session->datagram_len, 0) >= 0)
            return;
        if (errno != EAGAIN && errno != EINTR)
            upload->network_error = errno;
    }
}

static void on_event(struct push_upload *upload, enum push_event event)
{
    const struct push_observer *observer = upload->env->observer;

    if (event == PUSH_EVENT_CONNECTED)
        upload->connected_ms = clock_ms();
    if (event == PUSH_EVENT_FINISHED)
        upload->finished_ms = clock_ms();
    if (observer->event)
        observer->event(observer->ctx, upload, event);
}

static void on_finished(struct push_upload *upload)
{
    transport_release(upload);
    if (upload->env->finished)
        upload->env->finished(upload->env->finished_ctx, upload);
}

static void set_timer(struct push_upload *upload)
{
    uint64_t now = clock_ms();
    uint64_t wake = push_session_wake(&upload->session);
    uint64_t wait = wake > now ? wake - now : 0;
    const struct timeval after = { .tv_sec = (time_t)(wait / 1000),
                                   .tv_usec = (suseconds_t)(wait % 1000) * 1000 };

    /* Most often what it is set for moves on; one that then rings too early is set again. */
    if (wake >= upload->rings_at)
        return;
    upload->rings_at = wake;
    event_add(upload->timer, &after);
}

void transport_settle(struct push_upload *upload)
{
    bool finished = false;

    for (;;) {
        struct push_action action = push_session_next(&upload->session);
        if (action.kind == PUSH_ACTION_NONE)
            break;
        if (action.kind == PUSH_ACTION_SEND) {
            send_datagram(upload);
        } else if (action.kind == PUSH_ACTION_CLOSE) {
            drop_stream(upload);
        } else {
            on_event(upload, action.event);
            finished = finished || action.event == PUSH_EVENT_FINISHED;
        }
    }
    if (finished)
        on_finished(upload);
    else if (upload->timer)
        set_timer(upload);
}

void transport_fail(struct push_upload *upload)
{
    push_session_abort(&upload->session, PUSH_LOCAL_FAILURE);
    transport_settle(upload);
}

/* --- What happens ------------------------------------------------------------------------------
 */

static void on_datagrams(evutil_socket_t fd, short what, void *arg)
{
    struct push_upload *upload = arg;
    char bytes[1500];

    (void)what;
    for (int i = 0; i < DATAGRAMS_PER_TURN && upload->udp_fd >= 0; i++) {
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        if (n >= 0) {
            upload->network_error = 0;
            push_session_on_datagram(&upload->session, bytes, (size_t)n, clock_ms());
        } else if (errno == ECONNREFUSED) {
            push_session_on_unreachable(&upload->session, clock_ms());
        } else {
            if (errno != EAGAIN && errno != EINTR)
                upload->network_error = errno;
            break;
        }
        transport_settle(upload);
    }
}

static void note_acknowledged(struct push_upload *upload)
{
    uint64_t total = stream_acknowledged(upload->stream_fd, upload->session.sent);

    push_session_on_acknowledged(&upload->session, total, clock_ms());
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct push_upload *upload = arg;

    (void)fd;
    (void)what;
    upload->rings_at = UINT64_MAX;
    /* What has come since the latest look may be what was waited for. */
    transport_sample(upload);
    if (upload->udp_fd < 0)
        return;
    push_session_on_time(&upload->session, clock_ms());
    transport_settle(upload);
}

static void on_stream_end(struct push_upload *upload, bool reset)
{
    note_acknowledged(upload);
    close_stream(upload);
    push_session_on_closed(&upload->session, reset, clock_ms());
    transport_settle(upload);
}

/*
 * Once there is nothing to be sent any more, every byte of the device counts. Without this the
 * regular look hears the verdict as well, only later: with many devices by most of a second.
 */
static void hear_verdict(struct push_upload *upload)
{
    if (upload->hears_all || push_session_wants_bytes(&upload->session))
        return;
    stream_hear_all(upload->stream_fd);
    upload->hears_all = true;
}

/* True when the session was told where it stands: something was received, or it has ended. */
static bool receive(struct push_upload *upload)
{
    char bytes[4096];
    size_t len;
    enum stream_status status = stream_receive(upload->stream_fd, bytes, sizeof bytes, &len);

    if (status == STREAM_OK) {
        note_acknowledged(upload);
        push_session_on_stream(&upload->session, bytes, len, clock_ms());
        hear_verdict(upload);
        transport_settle(upload);
    } else if (status != STREAM_AGAIN) {
        on_stream_end(upload, status == STREAM_BROKEN || upload->stream_broken);
    }
    return status != STREAM_AGAIN;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    receive(arg);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct push_upload *upload = arg;
    struct push_session *session = &upload->session;
    size_t sent = 0;
    enum stream_status status = STREAM_OK;

    (void)what;
    /*
     * What the device has said comes before the last bytes: an "OK" that it said too early must not
     * be read only when everything has been sent, and then be taken for a verdict on the whole
     * image.
     */
    if (session->config->size - session->sent <= STREAM_TURN_MAX)
        receive(upload);
    if (upload->stream_fd < 0)
        return;
    if (push_session_wants_bytes(session))
        status = stream_send_file(fd, upload->env->image_fd, session->sent, session->config->size,
                                  &sent);
    push_session_on_sent(session, sent);
    if (status == STREAM_SHORT || status == STREAM_FILE) {
        failure_set(&upload->failure, EXIT_LOCAL_FAILURE,
                    status == STREAM_SHORT
                        ? "the image became shorter while it was being sent; build first, then "
                          "upload"
                        : "the image can no longer be read");
        transport_fail(upload);
        return;
    }
    /* A broken connection is reported by on_readable(), after what the device said before. */
    upload->stream_broken = status == STREAM_BROKEN;
    if (upload->stream_broken || !push_session_wants_bytes(session))
        event_del(upload->writable);
    hear_verdict(upload);
    note_acknowledged(upload);
    transport_settle(upload);
}

void transport_start_stream(struct push_upload *upload, int fd)
{
    struct event_base *base = upload->env->base;

    stream_prepare(fd);
    upload->stream_fd = fd;
    upload->stream_broken = false;
    upload->hears_all = false;
    upload->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, upload);
    upload->writable = event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable, upload);
    push_session_on_connected(&upload->session, clock_ms());
    if (!file_stamp_holds(upload->env->image_stamp, upload->env->image_fd)) {
        failure_set(&upload->failure, EXIT_LOCAL_FAILURE,
                    "the image was written to since it was read; build first, then upload");
        transport_fail(upload);
        return;
    }
    if (!upload->readable || !upload->writable || event_add(upload->readable, NULL) != 0 ||
        event_add(upload->writable, NULL) != 0) {
        failure_set(&upload->failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
        transport_fail(upload);
        return;
    }
    transport_settle(upload);
}

void transport_sample(struct push_upload *upload)
{
    if (upload->stream_fd < 0 || receive(upload))
        return;
    note_acknowledged(upload);
    transport_settle(upload);
}

bool transport_start_datagrams(struct push_upload *upload)
{
    struct event_base *base = upload->env->base;

    upload->datagrams = event_new(base, upload->udp_fd, EV_READ | EV_PERSIST, on_datagrams, upload);
    upload->timer = event_new(base, -1, 0, on_timer, upload);
    if (upload->datagrams && upload->timer && event_add(upload->datagrams, NULL) == 0)
        return true;
    return failure_set(&upload->failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
}
