#include "tests/bench/relay.h"

#include "common/invitation.h"
#include "tests/bench/delay_line.h"
#include "tests/support/deadline.h"
#include "tests/support/loopback.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define LOCAL "127.0.0.1"

/* Loopback has segments of 64 KiB; with those of an Ethernet, small windows work as they do there.
 */
#define SEGMENT 1460

#define UNBOUNDED ((size_t)1 << 30)

/* One direction of the connection. */
struct flow {
    int from;
    int to;
    size_t credit; /* bytes that may be taken in now */
    struct delay_line bytes;
    struct delay_line credits; /* on their way back */
    bool blocked;              /* the receiver had no room for the first of `bytes` */
    bool ended;                /* the sender has closed; so does the relay, once `bytes` is empty */
    bool closed;               /* and has done it */
};

struct relay {
    struct relay_options options;
    pthread_t thread;
    int64_t half;  /* a round trip, in ns */
    int stop;      /* eventfd */
    int near;      /* UDP socket that the uploader sees */
    int far;       /* UDP socket that the device sees */
    int listener;  /* where the device connects */
    int device;    /* the connection, while the one to the uploader is not open yet */
    int64_t dial;  /* when that is opened; INT64_MAX: not now */
    uint16_t port; /* of the uploader's listener */
    struct loopback_address uploader;
    struct delay_line to_device;
    struct delay_line to_uploader;
    struct flow down; /* uploader to device */
    struct flow up;
};

/* ---- datagrams ---- */

static void take_from_uploader(struct relay *relay, int64_t now)
{
    char text[2048];
    char rewritten[sizeof text + INVITATION_MAX];
    struct invitation invitation;

    relay->uploader.len = sizeof relay->uploader.sa;
    ssize_t n =
        recvfrom(relay->near, text, sizeof text, 0, &relay->uploader.sa.any, &relay->uploader.len);
    if (n <= 0)
        return;
    if (invitation_parse(&invitation, text, (size_t)n) && invitation.command != PUSH_PROOF) {
        relay->port = invitation.port;
        invitation.port = loopback_port(relay->listener);
        size_t len = invitation_format(&invitation, rewritten, sizeof rewritten);
        delay_line_put(&relay->to_device, now + relay->half, rewritten, len);
    } else {
        delay_line_put(&relay->to_device, now + relay->half, text, (size_t)n);
    }
}

static void take_from_device(struct relay *relay, int64_t now)
{
    char text[2048];
    ssize_t n = recv(relay->far, text, sizeof text, 0);

    if (n > 0)
        delay_line_put(&relay->to_uploader, now + relay->half, text, (size_t)n);
}

/* Loss is part of UDP: what cannot be sent is gone. */
static void deliver_datagrams(struct relay *relay, int64_t now)
{
    struct parcel *parcel;

    while ((parcel = delay_line_due(&relay->to_device, now)) != NULL) {
        (void)!send(relay->far, parcel->bytes, parcel->len, 0);
        delay_line_take(&relay->to_device, parcel->len);
    }
    while ((parcel = delay_line_due(&relay->to_uploader, now)) != NULL) {
        sendto(relay->near, parcel->bytes, parcel->len, 0, &relay->uploader.sa.any,
               relay->uploader.len);
        delay_line_take(&relay->to_uploader, parcel->len);
    }
}

/* ---- the connection ---- */

static void flow_open(struct flow *flow, int from, int to, size_t window)
{
    *flow = (struct flow){ .from = from, .to = to, .credit = window };
}

/* Take in what the credit allows; it has left its sender at `departure`. */
static bool flow_take(struct flow *flow, int64_t departure, int64_t half)
{
    char bytes[SEGMENT];

    while (flow->credit > 0 && !flow->ended) {
        size_t max = flow->credit < sizeof bytes ? flow->credit : sizeof bytes;
        ssize_t n = recv(flow->from, bytes, max, 0);
        if (n < 0)
            return errno == EAGAIN;
        if (n == 0)
            flow->ended = true;
        else if (!delay_line_put(&flow->bytes, departure + half, bytes, (size_t)n))
            return false;
        flow->credit -= (size_t)n;
    }
    return true;
}

/*
 * Hand over what has arrived. A parcel counts as delivered when it was due, unless the receiver had
 * no room for it then: that this process woke up late is no property of the link.
 */
static bool flow_deliver(struct flow *flow, int64_t now, int64_t half)
{
    struct parcel *parcel;

    while ((parcel = delay_line_due(&flow->bytes, now)) != NULL) {
        ssize_t n = send(flow->to, parcel->bytes + parcel->taken, parcel->len, MSG_NOSIGNAL);
        if (n < 0) {
            flow->blocked = true;
            return errno == EAGAIN;
        }
        int64_t delivered = flow->blocked ? now : parcel->due;
        flow->blocked = (size_t)n < parcel->len;
        delay_line_take(&flow->bytes, (size_t)n);
        delay_line_put(&flow->credits, delivered + half, NULL, (size_t)n);
    }
    if (flow->ended && !flow->bytes.first && !flow->closed) {
        shutdown(flow->to, SHUT_WR);
        flow->closed = true;
    }
    return true;
}

/* The same for credit: what has waited for it leaves when it was due. */
static bool flow_renew(struct flow *flow, int64_t now, int64_t half)
{
    struct parcel *parcel;

    while ((parcel = delay_line_due(&flow->credits, now)) != NULL) {
        int64_t due = parcel->due;
        flow->credit += parcel->len;
        delay_line_take(&flow->credits, parcel->len);
        if (!flow_take(flow, due, half))
            return false;
    }
    return flow_take(flow, now, half);
}

static bool flow_serve(struct flow *flow, int64_t now, int64_t half)
{
    return flow_renew(flow, now, half) && flow_deliver(flow, now, half);
}

static void hang_up(struct relay *relay)
{
    delay_line_clear(&relay->down.bytes);
    delay_line_clear(&relay->down.credits);
    delay_line_clear(&relay->up.bytes);
    delay_line_clear(&relay->up.credits);
    loopback_close(&relay->down.from);
    loopback_close(&relay->down.to);
    loopback_close(&relay->device);
    flow_open(&relay->down, -1, -1, 0);
    flow_open(&relay->up, -1, -1, 0);
    relay->dial = INT64_MAX;
}

static void answer_device(struct relay *relay, int64_t now)
{
    int on = 1;
    int fd = accept4(relay->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    hang_up(relay);
    relay->device = fd;
    relay->dial = now + 3 * relay->half;
}

/* A connection to the uploader whose buffers hold little more than the window. */
static void call_uploader(struct relay *relay)
{
    struct loopback_address to = relay->uploader;
    int on = 1;
    int segment = SEGMENT;
    int buffer = (int)relay->options.window;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    relay->dial = INT64_MAX;
    loopback_set_port(&to, relay->port);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    /* Loopback needs no time to connect: what poll() waits for next is the first bytes. */
    if (connect(fd, &to.sa.any, to.len) != 0 && errno != EINPROGRESS) {
        loopback_close(&fd);
        hang_up(relay);
        return;
    }
    flow_open(&relay->down, fd, relay->device, relay->options.window);
    flow_open(&relay->up, relay->device, fd, UNBOUNDED);
    relay->device = -1;
}

static void serve_connection(struct relay *relay, int64_t now)
{
    struct flow *down = &relay->down;
    struct flow *up = &relay->up;

    if (relay->dial <= now)
        call_uploader(relay);
    if (down->from < 0)
        return;
    if (!flow_serve(down, now, relay->half) || !flow_serve(up, now, relay->half) ||
        (down->closed && up->closed))
        hang_up(relay);
}

/* ---- the loop ---- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When something is due next; bytes that wait for room in a socket are poll()'s business. */
static int64_t next_due(const struct relay *relay, int64_t now)
{
    const struct flow *flows[] = { &relay->down, &relay->up };
    int64_t next = relay->dial;

    next = earlier(next, delay_line_next(&relay->to_device));
    next = earlier(next, delay_line_next(&relay->to_uploader));
    for (int i = 0; i < 2; i++) {
        if (!delay_line_due(&flows[i]->bytes, now))
            next = earlier(next, delay_line_next(&flows[i]->bytes));
        next = earlier(next, delay_line_next(&flows[i]->credits));
    }
    return next;
}

static short flow_events(const struct flow *in, const struct flow *out, int64_t now)
{
    int events = 0;

    if (in->credit > 0 && !in->ended)
        events |= POLLIN;
    if (delay_line_due(&out->bytes, now))
        events |= POLLOUT;
    return (short)events;
}

/* Sleep until there is something to do; false at the end. */
static bool wait_for_work(struct relay *relay, struct pollfd fds[6])
{
    int64_t now = deadline_now();
    int64_t next = next_due(relay, now);
    int64_t left = next > now ? next - now : 0;
    struct timespec timeout = { .tv_sec = left / 1000000000, .tv_nsec = left % 1000000000 };
    short uploader_events = flow_events(&relay->down, &relay->up, now);
    short device_events = flow_events(&relay->up, &relay->down, now);

    fds[0] = (struct pollfd){ .fd = relay->stop, .events = POLLIN };
    fds[1] = (struct pollfd){ .fd = relay->near, .events = POLLIN };
    fds[2] = (struct pollfd){ .fd = relay->far, .events = POLLIN };
    fds[3] = (struct pollfd){ .fd = relay->listener, .events = POLLIN };
    fds[4] =
        (struct pollfd){ .fd = uploader_events ? relay->down.from : -1, .events = uploader_events };
    fds[5] = (struct pollfd){ .fd = device_events ? relay->down.to : -1, .events = device_events };
    (void)!ppoll(fds, 6, next == INT64_MAX ? NULL : &timeout, NULL);
    return fds[0].revents == 0;
}

static void *run(void *argument)
{
    struct relay *relay = argument;
    struct pollfd fds[6];

    prctl(PR_SET_TIMERSLACK, 1000); /* 1 us instead of 50: the delays are to be exact */
    while (wait_for_work(relay, fds)) {
        int64_t now = deadline_now();
        if (fds[1].revents)
            take_from_uploader(relay, now);
        if (fds[2].revents)
            take_from_device(relay, now);
        if (fds[3].revents)
            answer_device(relay, now);
        deliver_datagrams(relay, now);
        serve_connection(relay, now);
    }
    return NULL;
}

static bool open_sockets(struct relay *relay)
{
    struct loopback_address device;
    int segment = SEGMENT;

    relay->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    relay->near = loopback_bind(LOCAL, 0, SOCK_DGRAM);
    relay->far = loopback_bind(LOCAL, 0, SOCK_DGRAM);
    relay->listener = loopback_bind(LOCAL, 0, SOCK_STREAM);
    if (relay->stop < 0 || relay->near < 0 || relay->far < 0 || relay->listener < 0)
        return false;
    setsockopt(relay->listener, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    return loopback_parse(&device, LOCAL, relay->options.device_port) &&
           connect(relay->far, &device.sa.any, device.len) == 0;
}

static void close_sockets(struct relay *relay)
{
    loopback_close(&relay->stop);
    loopback_close(&relay->near);
    loopback_close(&relay->far);
    loopback_close(&relay->listener);
}

struct relay *relay_start(const struct relay_options *options)
{
    struct relay *relay = calloc(1, sizeof *relay);

    if (!relay)
        return NULL;
    relay->options = *options;
    relay->half = (int64_t)options->rtt_us * 1000 / 2;
    relay->device = relay->down.from = relay->down.to = -1;
    hang_up(relay);
    if (open_sockets(relay) && pthread_create(&relay->thread, NULL, run, relay) == 0)
        return relay;
    close_sockets(relay);
    free(relay);
    return NULL;
}

uint16_t relay_port(const struct relay *relay)
{
    return loopback_port(relay->near);
}

void relay_stop(struct relay *relay)
{
    eventfd_write(relay->stop, 1);
    pthread_join(relay->thread, NULL);
    hang_up(relay);
    delay_line_clear(&relay->to_device);
    delay_line_clear(&relay->to_uploader);
    close_sockets(relay);
    free(relay);
}
