#include "cli/serve/http_settle.h"

#include "cli/serve/http_exchange.h"
#include "cli/serve/http_state.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* How often the acknowledgements are looked at. */
#define PERIOD_MS 20

/*
 * At how many of them, in turn: each costs three questions to the kernel, and with thousands of
 * readers others would have to wait meanwhile.
 */
#define TURNS_MAX 256

struct http_settling {
    TAILQ_ENTRY(http_settling) link;
    LIST_ENTRY(http_settling) peer_link;
    struct http_settling_queue *queue; /* that it is in */
    struct http_peer *peer;
    struct http_exchange *exchange; /* NULL: the one under way, and the connection is held */
    uint64_t target; /* acknowledged bytes of the connection when the answer is all there */
    uint64_t missing;
    int64_t since;  /* when the answer began, in ms */
    int64_t active; /* when `missing` last changed, in ms */
};

uint64_t http_settle_unsent(int fd)
{
    int unsent = 0;

    if (ioctl(fd, SIOCOUTQ, &unsent) != 0 || unsent < 0)
        return 0;
    return (uint64_t)unsent;
}

/* Bytes that were ever acknowledged on a connection; it may be gone. */
static uint64_t acknowledged(int fd)
{
    struct tcp_info info = { 0 };
    socklen_t len = sizeof info;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return 0;
    return info.tcpi_bytes_acked;
}

/*
 * How many bytes will have been acknowledged when all that was written so far is. What is written
 * later, as the next answer or the end of TLS, does not count.
 */
static uint64_t find_target(int fd)
{
    uint64_t before;
    uint64_t unsent;

    /* Acknowledgements that come between the two questions must not count twice. */
    do {
        before = acknowledged(fd);
        unsent = http_settle_unsent(fd);
    } while (acknowledged(fd) != before);
    return before + unsent;
}

static bool is_lost(int fd)
{
    struct pollfd poll_fd = { .fd = fd };

    return poll(&poll_fd, 1, 0) > 0 && (poll_fd.revents & (POLLERR | POLLNVAL));
}

static uint64_t find_missing(const struct http_settling *settling)
{
    uint64_t there = acknowledged(settling->peer->fd);

    return there < settling->target ? settling->target - there : 0;
}

/* True when nothing more will be acknowledged. */
static bool is_over(struct http_settling *settling, int64_t now, const struct http_settle *settle)
{
    /* In this order: what is acknowledged before the end is seen. */
    bool lost = is_lost(settling->peer->fd);
    uint64_t missing = find_missing(settling);

    if (missing != settling->missing)
        settling->active = now;
    settling->missing = missing;
    return missing == 0 || lost || now - settling->active > settle->idle_ms ||
           now - settling->since > settle->answer_ms;
}

/* Move an entry to the end of another queue, or of the same. */
static void move(struct http_settling *settling, struct http_settling_queue *to)
{
    struct http_settle *settle = &settling->peer->server->settle;

    TAILQ_REMOVE(settling->queue, settling, link);
    settle->count -= settling->queue == &settle->queue;
    settling->queue = to;
    if (!to)
        return;
    TAILQ_INSERT_TAIL(to, settling, link);
    settle->count += to == &settle->queue;
}

static void end(struct http_settling *settling)
{
    struct http_peer *peer = settling->peer;
    struct http_exchange *exchange = settling->exchange;
    uint64_t missing = settling->missing;

    move(settling, NULL);
    LIST_REMOVE(settling, peer_link);
    free(settling);
    if (exchange) {
        peer->active = http_server_now();
        http_exchange_end(exchange, missing);
    } else if (peer->exchange) {
        peer->exchange->missing = missing;
        http_peer_written(peer);
    }
}

/* The end of an answer whose connection goes on; unless there are to be no more. */
static void end_answer(struct http_settling *settling)
{
    struct http_peer *peer = settling->peer;

    end(settling);
    if (peer->server->draining)
        http_peer_close_idle(peer);
}

static void start_timer(struct http_settle *settle)
{
    struct timeval period = { .tv_usec = PERIOD_MS * 1000 };

    evtimer_add(settle->timer, &period);
}

static void on_timer(evutil_socket_t fd, short events, void *ctx)
{
    struct http_settle *settle = ctx;
    struct http_settling *settling;
    struct http_settling *next;
    int64_t now = http_server_now();
    size_t turns = settle->count < TURNS_MAX ? settle->count : TURNS_MAX;

    (void)fd;
    (void)events;
    for (settling = TAILQ_FIRST(&settle->queue); settling && turns > 0; settling = next, turns--) {
        next = TAILQ_NEXT(settling, link);
        bool over = is_over(settling, now, settle);
        move(settling, over && !settling->exchange ? &settle->over : &settle->queue);
        if (over && settling->exchange)
            end_answer(settling);
    }
    /* These close their connections, and so end what others there are of the same. */
    for (settling = TAILQ_FIRST(&settle->over); settling; settling = next) {
        next = TAILQ_NEXT(settling, link);
        end(settling);
    }
    if (!TAILQ_EMPTY(&settle->queue))
        start_timer(settle);
}

bool http_settle_init(struct http_settle *settle, struct event_base *base, int64_t idle_ms,
                      int64_t answer_ms)
{
    TAILQ_INIT(&settle->queue);
    TAILQ_INIT(&settle->over);
    settle->idle_ms = idle_ms;
    settle->answer_ms = answer_ms;
    settle->timer = evtimer_new(base, on_timer, settle);
    return settle->timer != NULL;
}

/* Begin to wait; NULL when there is nothing to wait for, or no memory: `missing` tells. */
static struct http_settling *begin(struct http_settle *settle, struct http_peer *peer,
                                   uint64_t *missing)
{
    struct http_settling *settling;

    *missing = http_settle_unsent(peer->fd);
    if (*missing == 0 || !(settling = calloc(1, sizeof *settling)))
        return NULL;
    settling->peer = peer;
    settling->target = find_target(peer->fd);
    settling->missing = *missing;
    settling->active = http_server_now();
    settling->since = peer->began;
    if (TAILQ_EMPTY(&settle->queue))
        start_timer(settle);
    settling->queue = &settle->queue;
    TAILQ_INSERT_TAIL(&settle->queue, settling, link);
    settle->count++;
    LIST_INSERT_HEAD(&peer->settling, settling, peer_link);
    return settling;
}

bool http_settle_hold(struct http_settle *settle, struct http_peer *peer)
{
    return begin(settle, peer, &peer->exchange->missing) != NULL;
}

void http_settle_add(struct http_settle *settle, struct http_peer *peer,
                     struct http_exchange *exchange)
{
    struct http_settling *settling = begin(settle, peer, &exchange->missing);

    if (!settling) {
        http_exchange_end(exchange, exchange->missing);
        return;
    }
    http_exchange_keep(exchange);
    settling->exchange = exchange;
}

void http_settle_leave(struct http_peer *peer)
{
    struct http_settling *settling;
    struct http_settling *next;

    for (settling = LIST_FIRST(&peer->settling); settling; settling = next) {
        next = LIST_NEXT(settling, peer_link);
        settling->missing = find_missing(settling);
        end(settling);
    }
}

void http_settle_free(struct http_settle *settle)
{
    if (settle->timer)
        event_free(settle->timer);
}
