#include "cli/push/online.h"

#include "cli/clock.h"
#include "cli/discover/finder.h"
#include "cli/push/probe.h"

#include <stdlib.h>
#include <string.h>

/* Questions are put off so long after the verdict: a stock device takes that for its reboot. */
#define SETTLE_MS 1000u

/* After this time a new finder, whose cache is empty, asks anew. */
#define ROUND_MS 2500u

#define TURN_MS 50

struct online {
    struct event_base *base;
    struct online_options options;
    struct event *turn;
    bool no_mdns;          /* it is not to be asked */
    struct finder *finder; /* NULL: none is open, or none can be had */
    uint64_t round;        /* when it was opened; 0: none was */
    struct online_wait *list;
};

struct online_wait {
    struct online_wait *next;
    struct online *online;
    struct online_device device;
    uint64_t settled; /* when questions begin to count */
    uint64_t end;
    bool is_announced;
    struct probe *probe;
    bool is_back; /* it has answered the probe */
    online_fn *fn;
    void *ctx;
};

/* It is announced: it is asked there. */
static void take_announcement(struct online_wait *wait, const struct device *device)
{
    struct address address = device->address;

    if (wait->device.has_fixed_port)
        address_set_port(&address, address_port(&wait->device.address));
    if (!address_equal(&address, &wait->device.address)) {
        probe_free(wait->probe);
        wait->probe = NULL;
    }
    wait->is_announced = true;
    wait->device.address = address;
    memcpy(wait->device.name, device->name, sizeof wait->device.name);
}

static void on_device(void *ctx, enum finder_event event, const struct device *device)
{
    struct online *online = ctx;

    if (event == FINDER_REMOVED)
        return;
    for (struct online_wait *wait = online->list; wait; wait = wait->next) {
        bool is_same = (wait->device.name[0] && strcmp(wait->device.name, device->name) == 0) ||
                       (wait->device.has_fixed_port
                            ? address_same_host(&wait->device.address, &device->address)
                            : address_equal(&wait->device.address, &device->address));
        if (!wait->is_back && wait->settled <= online->round && is_same)
            take_announcement(wait, device);
    }
}

static void on_answer(void *ctx)
{
    struct online_wait *wait = ctx;

    wait->is_back = true;
}

static void on_log(void *ctx, const char *text)
{
    struct online *online = ctx;

    online->options.log(online->options.log_ctx, text);
}

static void start_round(struct online *online, uint64_t now)
{
    const struct finder_options options = {
        .mode = MDNS_EMBEDDED,
        .interface = online->options.mdns.interface,
        .family = online->options.family,
        .insist = true,
        .log = online->options.log ? on_log : NULL,
        .event = on_device,
        .ctx = online,
    };
    struct failure failure;

    finder_close(online->finder);
    online->finder = finder_open(online->base, &options, &failure);
    online->round = now;
    if (!online->finder && online->options.log)
        on_log(online, failure.text);
}

static void release(struct online_wait *wait)
{
    struct online_wait **at = &wait->online->list;

    while (*at && *at != wait)
        at = &(*at)->next;
    if (*at)
        *at = wait->next;
    probe_free(wait->probe);
    free(wait);
}

/* Tell of those whose wait is over. */
static void tell(struct online *online, uint64_t now)
{
    struct online_wait *next;

    for (struct online_wait *wait = online->list; wait; wait = next) {
        next = wait->next;
        if (!wait->is_back && now < wait->end)
            continue;
        wait->fn(wait->ctx, wait->is_back ? &wait->device : NULL);
        release(wait);
    }
}

/* One that was found by mDNS is asked when it is announced, if mDNS can be had. */
static void ask(struct online *online, struct online_wait *wait)
{
    bool awaits_mdns = online->finder && wait->device.name[0] && !wait->is_announced;

    if (!awaits_mdns && !wait->probe && !wait->is_back)
        wait->probe = probe_start(online->base, &wait->device.address, &online->options.bind_to,
                                  on_answer, wait);
}

static void ask_all(struct online *online, uint64_t now)
{
    bool is_due = false;

    for (struct online_wait *wait = online->list; wait; wait = wait->next)
        is_due = is_due || now >= wait->settled;
    if (is_due && !online->no_mdns && (online->round == 0 || now - online->round >= ROUND_MS))
        start_round(online, now);
    for (struct online_wait *wait = online->list; wait; wait = wait->next) {
        if (now >= wait->settled)
            ask(online, wait);
    }
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
    struct online *online = arg;
    uint64_t now = clock_ms();

    (void)fd;
    (void)what;
    tell(online, now);
    ask_all(online, now);
    if (online->list)
        return;
    finder_close(online->finder);
    online->finder = NULL;
    online->round = 0;
    event_del(online->turn);
}

struct online *online_new(struct event_base *base, const struct online_options *options)
{
    struct online *online = calloc(1, sizeof *online);

    if (!online)
        return NULL;
    online->base = base;
    online->options = *options;
    online->no_mdns = options->mdns.mode == MDNS_OFF || options->mdns.mode == MDNS_DAEMON;
    online->turn = event_new(base, -1, EV_PERSIST, on_turn, online);
    if (!online->turn) {
        free(online);
        return NULL;
    }
    return online;
}

void online_free(struct online *online)
{
    struct online_wait *next;

    if (!online)
        return;
    for (struct online_wait *wait = online->list; wait; wait = next) {
        next = wait->next;
        release(wait);
    }
    finder_close(online->finder);
    event_free(online->turn);
    free(online);
}

struct online_wait *online_start(struct online *online, const struct online_device *device,
                                 uint32_t limit_ms, online_fn *fn, void *ctx)
{
    const struct timeval turn = { .tv_usec = TURN_MS * 1000 };
    struct online_wait *wait = calloc(1, sizeof *wait);
    uint64_t now = clock_ms();

    if (!wait)
        return NULL;
    wait->online = online;
    wait->device = *device;
    wait->settled = now + SETTLE_MS;
    wait->end = now + limit_ms;
    wait->fn = fn;
    wait->ctx = ctx;
    wait->next = online->list;
    online->list = wait;
    /* Put off by each device that comes, it would never be anybody's turn. */
    if (!event_pending(online->turn, EV_TIMEOUT, NULL))
        event_add(online->turn, &turn);
    return wait;
}
