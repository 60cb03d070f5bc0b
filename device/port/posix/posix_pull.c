#include "posix_pull.h"

#include "posix_clock.h"
#include "posix_lookup.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

static void close_socket(struct posix_pull *pull)
{
    if (pull->fd >= 0)
        close(pull->fd);
    pull->fd = -1;
}

static void net_close(void *ctx)
{
    struct posix_pull *pull = ctx;

    posix_lookup_drop(pull->lookup);
    pull->lookup = NULL;
    close_socket(pull);
    pull->state = POSIX_PULL_IDLE;
    pull->addresses = 0;
    pull->tried = 0;
    pull->peer_ended = false;
    pull->send_is_full = false;
    pull->input_at = 0;
    pull->input_len = 0;
}

/* ---- connecting ---- */

static bool open_connection(struct posix_pull *pull, const struct sockaddr_storage *address)
{
    socklen_t len =
        address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    int one = 1;

    pull->fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (pull->fd < 0)
        return false;
    setsockopt(pull->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(pull->fd, (const struct sockaddr *)address, len) == 0 || errno == EINPROGRESS)
        return true;
    close_socket(pull);
    return false;
}

/*
 * Milliseconds for the address that is going to be tried: one that nobody answers at is no use. The
 * puller waits for so long altogether as it has said, and every address is to have a part of that;
 * the last one has whatever is left.
 */
static uint32_t share(const struct posix_pull *pull, uint32_t now_ms)
{
    uint32_t gone = now_ms - pull->began_ms;
    uint32_t left = gone < pull->limit_ms ? pull->limit_ms - gone : 0;
    uint32_t part = left / (uint32_t)(pull->addresses - pull->tried);

    return part < POSIX_PULL_TRY_MS ? part : POSIX_PULL_TRY_MS;
}

/* Go on to the next address that can be tried. */
static void try_next(struct posix_pull *pull)
{
    close_socket(pull);
    while (pull->tried < pull->addresses) {
        uint32_t now_ms = posix_clock_now_ms();
        uint32_t try_ms = share(pull, now_ms);
        if (open_connection(pull, &pull->address[pull->tried++])) {
            pull->state = POSIX_PULL_CONNECTING;
            pull->tried_ms = now_ms;
            pull->try_ms = try_ms;
            return;
        }
    }
    pull->state = POSIX_PULL_UNREACHABLE;
}

static bool net_connect(void *ctx, const char *host, uint16_t port, bool tls)
{
    struct posix_pull *pull = ctx;

    if (tls)
        return false;
    net_close(pull);
    pull->began_ms = posix_clock_now_ms();
    pull->port = port;
    pull->addresses = posix_lookup_numeric(host, port, pull->address);
    if (pull->addresses > 0) {
        try_next(pull);
    } else {
        pull->lookup = posix_lookup_start(host);
        pull->state = pull->lookup ? POSIX_PULL_LOOKING_UP : POSIX_PULL_UNREACHABLE;
    }
    if (pull->state != POSIX_PULL_UNREACHABLE)
        return true;
    net_close(pull);
    return false;
}

static void finish_lookup(struct posix_pull *pull)
{
    pull->addresses =
        posix_lookup_take(pull->lookup, pull->port, pull->address, POSIX_PULL_ADDRESSES);
    posix_lookup_drop(pull->lookup);
    pull->lookup = NULL;
    try_next(pull);
}

/* Milliseconds that the address being tried still has. */
static uint32_t time_left(const struct posix_pull *pull)
{
    uint32_t gone = posix_clock_now_ms() - pull->tried_ms;

    if (pull->state != POSIX_PULL_CONNECTING || pull->tried == pull->addresses)
        return OTA_PULL_NEVER;
    return gone < pull->try_ms ? pull->try_ms - gone : 0;
}

static void finish_connect(struct posix_pull *pull, struct ota_puller *puller)
{
    int error = 0;
    socklen_t len = sizeof error;

    if (getsockopt(pull->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
        try_next(pull);
        return;
    }
    pull->state = POSIX_PULL_CONNECTED;
    ota_puller_on_connected(puller, posix_clock_now_ms());
}

/* ---- the connection ---- */

static int32_t net_send(void *ctx, const void *bytes, size_t len)
{
    struct posix_pull *pull = ctx;
    ssize_t n = send(pull->fd, bytes, len < INT32_MAX ? len : INT32_MAX, MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN && errno != EINTR)
        return -1;
    if (n < 0)
        n = 0;
    pull->send_is_full = (size_t)n < len;
    return (int32_t)n;
}

static bool has_input(const struct posix_pull *pull)
{
    return pull->input_at < pull->input_len;
}

/*
 * Whether there is somebody for what comes. As long as the request is not out the puller takes no
 * answer, and one that had been read would have the loop offer it without a rest.
 */
static bool wants_input(const struct posix_pull *pull)
{
    return !pull->peer_ended && !pull->send_is_full && !has_input(pull);
}

static void read_connection(struct posix_pull *pull)
{
    ssize_t n = recv(pull->fd, pull->input, sizeof pull->input, 0);

    if (n > 0) {
        pull->input_at = 0;
        pull->input_len = (size_t)n;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        pull->peer_ended = true;
    }
}

/*
 * Hand over what was read. The end comes behind it, for only who has no input left reads more. The
 * puller may close meanwhile, or connect anew.
 */
static void deliver(struct posix_pull *pull, struct ota_puller *puller)
{
    if (has_input(pull)) {
        size_t taken = ota_puller_on_stream(puller, pull->input + pull->input_at,
                                            pull->input_len - pull->input_at, posix_clock_now_ms());
        if (has_input(pull))
            pull->input_at += taken;
    }
    if (pull->state == POSIX_PULL_CONNECTED && pull->peer_ended) {
        pull->state = POSIX_PULL_ENDED;
        ota_puller_on_closed(puller, posix_clock_now_ms());
    }
}

static void serve_connection(struct posix_pull *pull, struct ota_puller *puller, short events)
{
    if (pull->send_is_full && (events & (POLLOUT | POLLERR | POLLHUP))) {
        pull->send_is_full = false;
        ota_puller_on_sendable(puller, posix_clock_now_ms());
    }
    if (pull->state != POSIX_PULL_CONNECTED)
        return;
    if (wants_input(pull) && (events & (POLLIN | POLLERR | POLLHUP)))
        read_connection(pull);
    deliver(pull, puller);
}

/* ---- the loop ---- */

void posix_pull_init(struct posix_pull *pull)
{
    *pull = (struct posix_pull){
        .net = { .ctx = pull, .connect = net_connect, .send = net_send, .close = net_close },
        .fd = -1,
    };
}

void posix_pull_close(struct posix_pull *pull)
{
    net_close(pull);
}

bool posix_pull_start(struct posix_pull *pull, struct ota_puller *puller, const char *url,
                      enum ota_target target)
{
    uint32_t limit_ms = puller->config->connect_timeout_ms;

    pull->limit_ms = limit_ms > 0 ? limit_ms : OTA_PULL_CONNECT_TIMEOUT_MS;
    pull->delay_ms = 0;
    return ota_puller_start(puller, url, target, posix_clock_now_ms());
}

uint32_t posix_pull_prepare(struct posix_pull *pull, struct pollfd fds[POSIX_PULL_FDS])
{
    uint32_t left = time_left(pull);
    uint32_t delay_ms = left < pull->delay_ms ? left : pull->delay_ms;

    fds[0] = (struct pollfd){ .fd = -1 };
    switch (pull->state) {
    case POSIX_PULL_LOOKING_UP:
        fds[0] = (struct pollfd){ .fd = posix_lookup_fd(pull->lookup), .events = POLLIN };
        break;
    case POSIX_PULL_CONNECTING:
        fds[0] = (struct pollfd){ .fd = pull->fd, .events = POLLOUT };
        break;
    case POSIX_PULL_CONNECTED:
        fds[0].fd = pull->fd;
        fds[0].events =
            (short)((pull->send_is_full ? POLLOUT : 0) | (wants_input(pull) ? POLLIN : 0));
        break;
    case POSIX_PULL_UNREACHABLE:
        delay_ms = 0;
        break;
    case POSIX_PULL_IDLE:
    case POSIX_PULL_ENDED:
        break;
    }
    /* Polling may have made room for what was read before: that is offered again at once. */
    return has_input(pull) ? 0 : delay_ms;
}

void posix_pull_serve(struct posix_pull *pull, struct ota_puller *puller,
                      const struct pollfd fds[POSIX_PULL_FDS])
{
    short events = fds[0].revents;

    if (pull->state == POSIX_PULL_CONNECTED)
        serve_connection(pull, puller, events);
    else if (pull->state == POSIX_PULL_CONNECTING && events)
        finish_connect(pull, puller);
    else if (time_left(pull) == 0)
        try_next(pull);
    else if (pull->state == POSIX_PULL_LOOKING_UP && events)
        finish_lookup(pull);
    if (pull->state == POSIX_PULL_UNREACHABLE) {
        pull->state = POSIX_PULL_ENDED;
        ota_puller_on_closed(puller, posix_clock_now_ms());
    }
    /* Last, so that the caller sees what it has brought about before the next wait. */
    pull->delay_ms = ota_puller_poll(puller, posix_clock_now_ms());
}
