#include "cli/serve/http_settle.h"

#include "cli/serve/http_exchange.h"
#include "cli/serve/http_state.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* How often the acknowledgements are looked at. */
#define PERIOD_MS 20

struct http_settling {
    LIST_ENTRY(http_settling) link;
    struct http_exchange *exchange;
    int fd; /* our own */
    uint64_t unsent;
    int64_t active; /* when `unsent` last changed, in ms */
};

uint64_t http_settle_unsent(int fd)
{
    int unsent = 0;

    if (ioctl(fd, SIOCOUTQ, &unsent) != 0 || unsent < 0)
        return 0;
    return (uint64_t)unsent;
}

static void end(struct http_settling *settling)
{
    LIST_REMOVE(settling, link);
    close(settling->fd);
    http_exchange_end(settling->exchange, settling->unsent);
    free(settling);
}

/* True when nothing more will be acknowledged. */
static bool is_over(struct http_settling *settling, int64_t now, int64_t idle_ms)
{
    struct pollfd poll_fd = { .fd = settling->fd };
    uint64_t unsent = http_settle_unsent(settling->fd);

    if (unsent != settling->unsent)
        settling->active = now;
    /* A connection that was reset says so, and its count means nothing then: the last one holds. */
    if (unsent > 0 && poll(&poll_fd, 1, 0) > 0 && (poll_fd.revents & (POLLERR | POLLNVAL)))
        return true;
    settling->unsent = unsent;
    return unsent == 0 || now - settling->active > idle_ms;
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

    (void)fd;
    (void)events;
    for (settling = LIST_FIRST(&settle->list); settling; settling = next) {
        next = LIST_NEXT(settling, link);
        if (is_over(settling, now, settle->idle_ms))
            end(settling);
    }
    if (!LIST_EMPTY(&settle->list))
        start_timer(settle);
}

bool http_settle_init(struct http_settle *settle, struct event_base *base, int64_t idle_ms)
{
    LIST_INIT(&settle->list);
    settle->idle_ms = idle_ms;
    settle->timer = evtimer_new(base, on_timer, settle);
    return settle->timer != NULL;
}

void http_settle_add(struct http_settle *settle, struct http_exchange *exchange, int fd)
{
    struct http_settling *settling = NULL;
    uint64_t unsent = http_settle_unsent(fd);

    if (unsent > 0)
        settling = calloc(1, sizeof *settling);
    int own = settling ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (own < 0) {
        free(settling);
        http_exchange_end(exchange, unsent);
        return;
    }
    http_exchange_keep(exchange);
    exchange->peer = NULL;
    *settling = (struct http_settling){
        .exchange = exchange, .fd = own, .unsent = unsent, .active = http_server_now()
    };
    if (LIST_EMPTY(&settle->list))
        start_timer(settle);
    LIST_INSERT_HEAD(&settle->list, settling, link);
}

void http_settle_free(struct http_settle *settle)
{
    struct http_settling *settling;

    while ((settling = LIST_FIRST(&settle->list)) != NULL)
        end(settling);
    if (settle->timer)
        event_free(settle->timer);
}
