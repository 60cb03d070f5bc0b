#include "cli/discover/finder.h"

#include "cli/clock.h"
#include "cli/discover/catalogue.h"
#include "cli/printable.h"

#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Once a second in the first seconds. */
#define INSIST_MS    1000
#define INSIST_TIMES 5

/* After that it asks as often as the stock IDE does; so a daemon that hangs is noticed, too. */
#define GO_ON_MS 30000

/* How long what the daemon knew has, to be found again without it. */
#define REPLACE_MS 5000

struct finder {
    struct event_base *base;
    struct finder_options options;
    struct mdns *mdns; /* NULL: it is lost */
    enum mdns_mode mode;
    struct mdns_query *browse;
    struct catalogue *catalogue;
    struct event *work;        /* there may be wishes */
    struct event *insist;      /* ask again */
    struct event *switch_over; /* the daemon is gone, or what it knew is old enough to go */
    unsigned insisted;
    bool lost;       /* the daemon is gone */
    bool replacing;  /* what it knew is kept for the time being */
    bool round_open; /* a question asked anew has not been settled */
    bool ignored;    /* devices, as there are too many; it has been said */
    char why[256];   /* the daemon is gone */
};

static void log_line(const struct finder *finder, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void log_line(const struct finder *finder, const char *format, ...)
{
    char line[1024];
    va_list args;

    if (!finder->options.log)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    finder->options.log(finder->options.ctx, line);
}

static void set_timer(struct event *event, unsigned ms)
{
    const struct timeval delay = { .tv_sec = ms / 1000,
                                   .tv_usec = (suseconds_t)(ms % 1000) * 1000 };

    event_add(event, &delay);
}

/* --- Browsing --------------------------------------------------------------------------------- */

static void log_sighting(const struct finder *finder, const struct mdns_sighting *sighting,
                         const char *what)
{
    char name[4 * DEVICE_NAME_MAX];
    char interface[IF_NAMESIZE];

    if (!finder->options.log)
        return;
    if (!if_indextoname(sighting->interface, interface))
        snprintf(interface, sizeof interface, "%u", sighting->interface);
    log_line(finder, "%s %s on %s over %s",
             printable_bytes(name, sizeof name, sighting->name, strlen(sighting->name)), what,
             interface, sighting->family == AF_INET ? "IPv4" : "IPv6");
}

static void add_sighting(struct finder *finder, const struct mdns_sighting *sighting)
{
    if (catalogue_seen(finder->catalogue, sighting)) {
        log_sighting(finder, sighting, "is seen");
        return;
    }
    if (!finder->ignored)
        log_line(finder, "there are more than %d devices: the others are ignored",
                 FINDER_DEVICES_MAX);
    finder->ignored = true;
}

static void on_browse(void *ctx, enum mdns_event event, const struct mdns_sighting *sighting)
{
    struct finder *finder = ctx;

    switch (event) {
    case MDNS_ADDED:
    case MDNS_CHANGED:
        add_sighting(finder, sighting);
        break;
    case MDNS_GONE:
        log_sighting(finder, sighting, "is gone");
        catalogue_unseen(finder->catalogue, sighting);
        break;
    case MDNS_SETTLED:
        if (finder->round_open && !finder->replacing)
            catalogue_end_round(finder->catalogue);
        finder->round_open = false;
        break;
    }
    event_active(finder->work, 0, 0);
}

static bool browse(struct finder *finder, struct failure *failure)
{
    finder->browse = mdns_browse(finder->mdns, on_browse, finder, failure);
    return finder->browse != NULL;
}

/* Avahi asks less and less often by itself; a new question is asked at once. */
static void on_insist(evutil_socket_t fd, short what, void *arg)
{
    struct finder *finder = arg;
    struct failure failure;

    (void)fd;
    (void)what;
    if (!finder->mdns || finder->lost)
        return;
    mdns_query_free(finder->browse);
    finder->browse = NULL;
    if (!finder->replacing) {
        catalogue_begin_round(finder->catalogue);
        finder->round_open = true;
    }
    finder->insisted++;
    bool asked = browse(finder, &failure);
    if (!asked)
        log_line(finder, "asking again failed: %s", failure.text);
    set_timer(finder->insist, !asked || finder->insisted < INSIST_TIMES ? INSIST_MS : GO_ON_MS);
}

static void start_insisting(struct finder *finder)
{
    finder->insisted = 0;
    if (finder->options.insist)
        set_timer(finder->insist, INSIST_MS);
}

/* --- Resolving -------------------------------------------------------------------------------- */

static void log_answer(const struct finder *finder, const struct catalogue_query *query,
                       const struct mdns_service *service)
{
    char name[4 * DEVICE_NAME_MAX];
    char address[ADDRESS_TEXT_MAX];

    if (!finder->options.log || !query->entry)
        return;
    printable_bytes(name, sizeof name, query->entry->device.name,
                    strlen(query->entry->device.name));
    if (service)
        log_line(finder, "%s is at %s", name, address_text(&service->address, address));
    else
        log_line(finder, "%s has no %s address that it tells of", name,
                 query->address_family == AF_INET ? "IPv4" : "IPv6");
}

static void on_service(void *ctx, enum mdns_event event, const struct mdns_service *service)
{
    struct catalogue_query *query = ctx;
    struct finder *finder = query->owner;

    (void)event;
    log_answer(finder, query, service);
    catalogue_answer(finder->catalogue, query, service, clock_ms());
    event_active(finder->work, 0, 0);
}

static void ask(struct finder *finder, const struct catalogue_wish *wish)
{
    struct catalogue_query *query = wish->query;
    struct failure failure;

    query->owner = finder;
    query->handle = finder->mdns ? mdns_resolve(finder->mdns, &wish->sighting, wish->address_family,
                                                on_service, query, &failure)
                                 : NULL;
    if (query->handle)
        return;
    if (finder->mdns)
        log_line(finder, "%s", failure.text);
    catalogue_answer(finder->catalogue, query, NULL, clock_ms());
}

/* --- Doing what the catalogue wishes ---------------------------------------------------------- */

static void do_wish(struct finder *finder, const struct catalogue_wish *wish)
{
    switch (wish->kind) {
    case CATALOGUE_ASK:
        ask(finder, wish);
        break;
    case CATALOGUE_DROP:
        mdns_query_free(wish->query->handle);
        wish->query->handle = NULL;
        break;
    case CATALOGUE_TELL:
        finder->options.event(finder->options.ctx, wish->event, wish->device);
        break;
    }
}

static void on_work(evutil_socket_t fd, short what, void *arg)
{
    struct finder *finder = arg;
    struct catalogue_wish wish;
    uint64_t now = clock_ms();
    uint64_t wake;

    (void)fd;
    (void)what;
    if (finder->lost)
        return;
    while (catalogue_next(finder->catalogue, now, &wish))
        do_wish(finder, &wish);
    if (catalogue_wake(finder->catalogue, &wake))
        set_timer(finder->work, wake > now ? (unsigned)(wake - now) : 0);
}

/* --- The daemon goes away --------------------------------------------------------------------- */

static void on_lost(void *ctx, const char *why)
{
    struct finder *finder = ctx;

    finder->lost = true;
    snprintf(finder->why, sizeof finder->why, "%s", why);
    /* It must not be closed from here. */
    event_active(finder->switch_over, 0, 0);
}

static void on_log(void *ctx, const char *text)
{
    log_line(ctx, "%s", text);
}

static bool open_mdns(struct finder *finder, enum mdns_mode mode, struct failure *failure)
{
    const struct mdns_options options = {
        .mode = mode,
        .interface = finder->options.interface,
        .log = finder->options.log ? on_log : NULL,
        .lost = on_lost,
        .ctx = finder,
    };

    finder->lost = false;
    finder->mdns = mdns_open(finder->base, &options, failure);
    if (!finder->mdns)
        return false;
    finder->mode = mdns_mode(finder->mdns);
    return browse(finder, failure);
}

/* The way without the daemon, with what the daemon knew to begin with. */
static bool replace_daemon(struct finder *finder, struct failure *failure)
{
    if (finder->options.mode != MDNS_AUTO || finder->mode != MDNS_DAEMON)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s", finder->why);
    log_line(finder, "%s: going on without the daemon", finder->why);
    catalogue_begin_round(finder->catalogue);
    finder->replacing = true;
    return open_mdns(finder, MDNS_EMBEDDED, failure);
}

static void on_switch_over(evutil_socket_t fd, short what, void *arg)
{
    struct finder *finder = arg;
    struct failure failure;

    (void)fd;
    (void)what;
    if (!finder->lost) {
        finder->replacing = false;
        catalogue_end_round(finder->catalogue);
        event_active(finder->work, 0, 0);
        return;
    }
    mdns_close(finder->mdns);
    finder->mdns = NULL;
    finder->browse = NULL;
    catalogue_forget_queries(finder->catalogue);
    if (replace_daemon(finder, &failure)) {
        start_insisting(finder);
        set_timer(finder->switch_over, REPLACE_MS);
        event_active(finder->work, 0, 0);
        return;
    }
    finder->lost = true;
    if (finder->options.lost)
        finder->options.lost(finder->options.ctx, &failure);
}

/* --- Beginning and end ------------------------------------------------------------------------ */

static bool open_finder(struct finder *finder, struct failure *failure)
{
    finder->catalogue = catalogue_new(finder->options.family);
    finder->work = event_new(finder->base, -1, 0, on_work, finder);
    finder->insist = event_new(finder->base, -1, 0, on_insist, finder);
    finder->switch_over = event_new(finder->base, -1, 0, on_switch_over, finder);
    if (!finder->catalogue || !finder->work || !finder->insist || !finder->switch_over)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    if (!open_mdns(finder, finder->options.mode, failure))
        return false;
    start_insisting(finder);
    return true;
}

struct finder *finder_open(struct event_base *base, const struct finder_options *options,
                           struct failure *failure)
{
    struct finder *finder = calloc(1, sizeof *finder);

    if (!finder) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
        return NULL;
    }
    finder->base = base;
    finder->options = *options;
    if (open_finder(finder, failure))
        return finder;
    finder_close(finder);
    return NULL;
}

void finder_close(struct finder *finder)
{
    if (!finder)
        return;
    mdns_close(finder->mdns);
    catalogue_free(finder->catalogue);
    if (finder->work)
        event_free(finder->work);
    if (finder->insist)
        event_free(finder->insist);
    if (finder->switch_over)
        event_free(finder->switch_over);
    free(finder);
}

enum mdns_mode finder_mode(const struct finder *finder)
{
    return finder->mode;
}

size_t finder_devices(const struct finder *finder, const struct device ***devices)
{
    return catalogue_devices(finder->catalogue, devices);
}
