#include "cli/discover/finder.h"

#include "cli/clock.h"
#include "cli/discover/catalogue.h"
#include "cli/discover/finder_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Once a second in the first seconds. */
#define INSIST_MS    1000
#define INSIST_TIMES 5

/* After that it asks as often as the stock IDE does. */
#define GO_ON_MS 30000

/* After devices were ignored, and some of those that were not are gone. */
#define RENEW_MS 5000

/* How often it is looked whether the daemon still answers: one that hangs says nothing. */
#define CHECK_MS 10000

/* How long wishes are fulfilled at a time: signals and limits of time are heard in between. */
#define WORK_MS 100

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
    struct event *check;       /* whether the daemon is alive */
    struct event *switch_over; /* the daemon is gone, or what it knew is old enough to go */
    unsigned insisted;
    bool lost;       /* the daemon is gone */
    bool replacing;  /* what it knew is kept for the time being */
    bool round_open; /* a question asked anew has not been settled */
    bool ignored;    /* devices, as there are too many */
    bool said;       /* that they are */
    bool renewing;   /* it is asked again because of them */
    char why[256];   /* the daemon is gone */
};

static void set_timer(struct event *event, unsigned ms)
{
    const struct timeval delay = { .tv_sec = ms / 1000,
                                   .tv_usec = (suseconds_t)(ms % 1000) * 1000 };

    event_add(event, &delay);
}

/* --- Browsing --------------------------------------------------------------------------------- */

static void add_sighting(struct finder *finder, const struct mdns_sighting *sighting)
{
    if (catalogue_seen(finder->catalogue, sighting)) {
        finder_log_sighting(&finder->options, sighting, "is seen");
        return;
    }
    if (!finder->said)
        finder_log(&finder->options, "there are more than %d devices: the others are ignored",
                   FINDER_DEVICES_MAX);
    finder->ignored = finder->said = true;
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
        finder_log_sighting(&finder->options, sighting, "is gone");
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
    finder->ignored = finder->renewing = false;
    bool asked = browse(finder, &failure);
    if (!asked)
        finder_log(&finder->options, "asking again failed: %s", failure.text);
    if (!asked || (finder->options.insist && finder->insisted < INSIST_TIMES))
        set_timer(finder->insist, INSIST_MS);
    else if (finder->options.insist)
        set_timer(finder->insist, GO_ON_MS);
}

/* Devices that were ignored are not announced to us again: the question is. */
static void renew(struct finder *finder)
{
    bool is_soon = finder->options.insist && finder->insisted < INSIST_TIMES;

    if (!finder->ignored || finder->renewing || is_soon || !catalogue_has_room(finder->catalogue))
        return;
    finder->renewing = true;
    set_timer(finder->insist, RENEW_MS);
}

static void on_check(evutil_socket_t fd, short what, void *arg)
{
    struct finder *finder = arg;

    (void)fd;
    (void)what;
    if (!finder->mdns || finder->lost)
        return;
    mdns_check(finder->mdns);
    set_timer(finder->check, CHECK_MS);
}

static void start_insisting(struct finder *finder)
{
    finder->insisted = 0;
    if (finder->options.insist)
        set_timer(finder->insist, INSIST_MS);
}

/* --- Resolving -------------------------------------------------------------------------------- */

static void on_service(void *ctx, enum mdns_event event, const struct mdns_service *service)
{
    struct catalogue_query *query = ctx;
    struct finder *finder = query->owner;

    (void)event;
    finder_log_answer(&finder->options, query, service);
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
        finder_log(&finder->options, "%s", failure.text);
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
    const uint64_t begun = clock_ms();
    uint64_t now = begun;
    uint64_t wake;

    (void)fd;
    (void)what;
    /* Once the daemon is lost every question would fail; another way will be asked them. */
    while (!finder->lost && now - begun < WORK_MS &&
           catalogue_next(finder->catalogue, now, &wish)) {
        do_wish(finder, &wish);
        now = clock_ms();
    }
    if (finder->lost)
        return;
    renew(finder);
    if (now - begun >= WORK_MS)
        set_timer(finder->work, 0);
    else if (catalogue_wake(finder->catalogue, &wake))
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
    const struct finder *finder = ctx;

    finder_log(&finder->options, "%s", text);
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
    if (finder->mode == MDNS_DAEMON)
        set_timer(finder->check, CHECK_MS);
    return browse(finder, failure);
}

/* A daemon that cannot be asked even once is as good as none. */
static bool open_any_mdns(struct finder *finder, struct failure *failure)
{
    if (open_mdns(finder, finder->options.mode, failure))
        return true;
    if (!finder->mdns || finder->options.mode != MDNS_AUTO || finder->mode != MDNS_DAEMON)
        return false;
    finder_log(&finder->options, "%s: going on without the daemon", failure->text);
    mdns_close(finder->mdns);
    finder->mdns = NULL;
    event_del(finder->switch_over);
    return open_mdns(finder, MDNS_EMBEDDED, failure);
}

/* The way without the daemon, with what the daemon knew to begin with. */
static bool replace_daemon(struct finder *finder, struct failure *failure)
{
    if (finder->options.mode != MDNS_AUTO || finder->mode != MDNS_DAEMON)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s", finder->why);
    finder_log(&finder->options, "%s: going on without the daemon", finder->why);
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
    finder->check = event_new(finder->base, -1, 0, on_check, finder);
    finder->switch_over = event_new(finder->base, -1, 0, on_switch_over, finder);
    if (!finder->catalogue || !finder->work || !finder->insist || !finder->check ||
        !finder->switch_over)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    if (!open_any_mdns(finder, failure))
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
    if (finder->check)
        event_free(finder->check);
    if (finder->switch_over)
        event_free(finder->switch_over);
    free(finder);
}

enum mdns_mode finder_mode(const struct finder *finder)
{
    return finder->mode;
}

bool finder_is_cached(const struct finder *finder)
{
    return finder->mode == MDNS_DAEMON || finder->replacing;
}

size_t finder_devices(const struct finder *finder, const struct device ***devices)
{
    return catalogue_devices(finder->catalogue, devices);
}
