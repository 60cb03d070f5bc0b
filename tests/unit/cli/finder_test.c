/*
 * The finder over an mDNS that this test makes up, defined in the place of cli/discover/mdns.c.
 */
#include "cli/discover/finder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

/* A run that takes longer hangs. */
#define PATIENCE_S 30

struct mdns {
    struct mdns_options options;
    enum mdns_mode mode;
};

struct mdns_query {
    mdns_browse_fn *browse;
    mdns_service_fn *resolve;
    void *ctx;
    char name[DEVICE_NAME_MAX];
};

#define DEVICES_MAX 8

static struct {
    struct event_base *base;
    struct finder *finder;
    unsigned crowd;                   /* crowd-0 and so on, that the network has */
    const char *devices[DEVICES_MAX]; /* that it has, too */
    bool has_daemon;
    bool has_sockets;
    bool hangs;                /* the daemon, if it is one that is asked */
    unsigned refused;          /* questions that it was asked all the same */
    struct mdns *mdns;         /* open */
    struct mdns_query *browse; /* open */
    size_t queries;            /* open */
    unsigned browsed;
    unsigned fail_browse; /* so many times */
    unsigned stop_at;     /* end the loop when it has browsed so often */
    size_t stop_events;   /* end the loop when there have been so many events */
    size_t event_count;
    char events[1024];
    struct failure lost;
} net;

/* --- The made-up mDNS ------------------------------------------------------------------------- */

struct mdns *mdns_open(struct event_base *base, const struct mdns_options *options,
                       struct failure *failure)
{
    bool daemon = options->mode != MDNS_EMBEDDED && net.has_daemon;

    cr_assert_eq(base, net.base);
    cr_assert_null(net.mdns);
    if (!daemon && (options->mode == MDNS_DAEMON || !net.has_sockets)) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "no mDNS");
        return NULL;
    }
    net.mdns = calloc(1, sizeof *net.mdns);
    cr_assert_not_null(net.mdns);
    *net.mdns = (struct mdns){ *options, daemon ? MDNS_DAEMON : MDNS_EMBEDDED };
    return net.mdns;
}

/* With all queries: those of this test's are on a list of their own, so that none is leaked. */
static struct mdns_query *open_queries[2048];

void mdns_close(struct mdns *mdns)
{
    for (size_t i = 0; mdns && i < sizeof open_queries / sizeof *open_queries; i++)
        mdns_query_free(open_queries[i]);
    if (mdns)
        net.mdns = NULL;
    free(mdns);
}

/* A daemon that hangs is noticed here, or by whatever it is asked. */
void mdns_check(struct mdns *mdns)
{
    if (net.hangs)
        mdns->options.lost(mdns->options.ctx, "it hangs");
}

enum mdns_mode mdns_mode(const struct mdns *mdns)
{
    return mdns->mode;
}

static struct mdns_query *new_query(struct mdns_query values)
{
    struct mdns_query *query = malloc(sizeof *query);
    size_t i = 0;

    cr_assert_not_null(query);
    *query = values;
    while (open_queries[i])
        i++;
    open_queries[i] = query;
    net.queries++;
    return query;
}

void mdns_query_free(struct mdns_query *query)
{
    if (!query)
        return;
    for (size_t i = 0; i < sizeof open_queries / sizeof *open_queries; i++) {
        if (open_queries[i] == query)
            open_queries[i] = NULL;
    }
    if (net.browse == query)
        net.browse = NULL;
    net.queries--;
    free(query);
}

static const char *crowd_name(unsigned i)
{
    static char name[32];

    snprintf(name, sizeof name, "crowd-%u", i);
    return name;
}

struct mdns_query *mdns_browse(struct mdns *mdns, mdns_browse_fn *fn, void *ctx,
                               struct failure *failure)
{
    cr_assert_eq(mdns, net.mdns);
    net.browsed++;
    if (net.browsed == net.stop_at)
        event_base_loopexit(net.base, NULL);
    if (net.fail_browse > 0) {
        net.fail_browse--;
        failure_set(failure, EXIT_LOCAL_FAILURE, "not now");
        return NULL;
    }
    net.browse = new_query((struct mdns_query){ .browse = fn, .ctx = ctx });
    for (unsigned i = 0; i < net.crowd; i++)
        fn(ctx, MDNS_ADDED, &(struct mdns_sighting){ crowd_name(i), 1, AF_INET });
    for (size_t i = 0; i < DEVICES_MAX && net.devices[i]; i++)
        fn(ctx, MDNS_ADDED, &(struct mdns_sighting){ net.devices[i], 1, AF_INET });
    fn(ctx, MDNS_SETTLED, NULL);
    return net.browse;
}

struct mdns_query *mdns_resolve(struct mdns *mdns, const struct mdns_sighting *sighting,
                                int address_family, mdns_service_fn *fn, void *ctx,
                                struct failure *failure)
{
    struct mdns_service service = { .host = "h.local", .txt = (const uint8_t *)"" };

    cr_assert_eq(mdns, net.mdns);
    if (net.hangs && mdns->mode == MDNS_DAEMON) {
        net.refused++;
        mdns->options.lost(mdns->options.ctx, "it hangs");
        failure_set(failure, EXIT_LOCAL_FAILURE, "it hangs");
        return NULL;
    }
    struct mdns_query *query = new_query((struct mdns_query){ .resolve = fn, .ctx = ctx });
    cr_assert(address_parse(&service.address, "192.168.1.40"));
    address_set_port(&service.address, 8266);
    snprintf(query->name, sizeof query->name, "%s", sighting->name);
    /* Before it returns, as it may be. */
    fn(ctx, address_family == AF_INET ? MDNS_ADDED : MDNS_GONE,
       address_family == AF_INET ? &service : NULL);
    return query;
}

/* --- The run ---------------------------------------------------------------------------------- */

static void on_event(void *ctx, enum finder_event event, const struct device *device)
{
    size_t used = strlen(net.events);

    (void)ctx;
    snprintf(net.events + used, sizeof net.events - used, "%c%s;", "+~-"[event], device -> name);
    if (++net.event_count == net.stop_events)
        event_base_loopexit(net.base, NULL);
}

static void on_lost(void *ctx, const struct failure *failure)
{
    (void)ctx;
    net.lost = *failure;
    event_base_loopexit(net.base, NULL);
}

static void enter(void)
{
    memset(&net, 0, sizeof net);
    net.base = event_base_new();
    net.has_daemon = net.has_sockets = true;
}

static void leave(void)
{
    finder_close(net.finder);
    event_base_free(net.base);
    cr_expect_eq(net.queries, 0, "%zu queries were left open", net.queries);
    cr_expect_null(net.mdns);
}

TestSuite(finder, .init = enter, .fini = leave);

static bool open_finder(enum mdns_mode mode, bool insist)
{
    const struct finder_options options = {
        .mode = mode,
        .insist = insist,
        .event = on_event,
        .lost = on_lost,
    };
    struct failure failure;

    net.finder = finder_open(net.base, &options, &failure);
    return net.finder != NULL;
}

/* Run until something ends the loop. */
static void run(void)
{
    struct timeval patience = { .tv_sec = PATIENCE_S };
    struct timeval before;
    struct timeval after;

    event_base_loopexit(net.base, &patience);
    gettimeofday(&before, NULL);
    event_base_dispatch(net.base);
    gettimeofday(&after, NULL);
    cr_assert_lt(after.tv_sec - before.tv_sec, PATIENCE_S - 1, "nothing happened");
}

static void expect(const char *events)
{
    cr_assert_str_eq(net.events, events);
    net.events[0] = '\0';
    net.event_count = 0;
}

Test(finder, finds_devices)
{
    const struct device **devices;

    net.devices[0] = "kitchen";
    net.devices[1] = "Bath";
    net.stop_events = 2;
    cr_assert(open_finder(MDNS_AUTO, false));
    cr_expect_eq(finder_mode(net.finder), MDNS_DAEMON);
    run();
    expect("+kitchen;+Bath;");
    cr_assert_eq(finder_devices(net.finder, &devices), 2);
    cr_expect_str_eq(devices[0]->name, "Bath");
    cr_expect_str_eq(devices[1]->name, "kitchen");
    free(devices);
}

Test(finder, says_when_it_cannot_begin)
{
    net.has_daemon = false;
    cr_expect_not(open_finder(MDNS_DAEMON, false));
    net.has_sockets = false;
    cr_expect_not(open_finder(MDNS_AUTO, false));
    net.has_sockets = true;
    net.fail_browse = 2;
    cr_expect_not(open_finder(MDNS_AUTO, false));
    net.fail_browse = 1;
    cr_expect_not(open_finder(MDNS_DAEMON, false));
    net.fail_browse = 1;
    cr_expect_not(open_finder(MDNS_EMBEDDED, false));
}

Test(finder, begins_without_a_daemon_that_cannot_be_asked)
{
    net.devices[0] = "kitchen";
    net.fail_browse = 1;
    net.stop_events = 1;
    cr_assert(open_finder(MDNS_AUTO, false));
    cr_expect_eq(finder_mode(net.finder), MDNS_EMBEDDED);
    run();
    expect("+kitchen;");
}

Test(finder, leaves_a_daemon_that_hangs_with_the_first_question)
{
    net.devices[0] = "kitchen";
    net.devices[1] = "bath";
    net.hangs = true;
    net.stop_events = 2;
    cr_assert(open_finder(MDNS_AUTO, false));
    run();
    expect("+kitchen;+bath;");
    cr_expect_eq(net.refused, 1);
    cr_expect_eq(finder_mode(net.finder), MDNS_EMBEDDED);
}

Test(finder, notices_a_daemon_that_hangs_though_nothing_is_asked)
{
    net.devices[0] = "kitchen";
    net.stop_events = 1;
    cr_assert(open_finder(MDNS_AUTO, false));
    run();
    expect("+kitchen;");
    net.hangs = true;
    net.stop_at = 2;
    run();
    cr_expect_eq(finder_mode(net.finder), MDNS_EMBEDDED);
}

Test(finder, asks_again_without_losing_devices)
{
    net.devices[0] = "kitchen";
    net.stop_at = 3;
    cr_assert(open_finder(MDNS_AUTO, true));
    run();
    expect("+kitchen;");
    net.devices[1] = "bath";
    net.stop_events = 1;
    run();
    expect("+bath;");
}

Test(finder, removes_what_is_not_seen_when_it_asks_again)
{
    net.devices[0] = "kitchen";
    net.devices[1] = "bath";
    net.stop_events = 2;
    cr_assert(open_finder(MDNS_AUTO, true));
    run();
    expect("+kitchen;+bath;");
    net.devices[1] = NULL;
    net.stop_events = 1;
    run();
    expect("-bath;");
}

Test(finder, goes_on_asking_when_that_fails_once)
{
    net.stop_at = 2;
    cr_assert(open_finder(MDNS_AUTO, true));
    net.fail_browse = 1;
    run();
    net.devices[0] = "kitchen";
    net.stop_events = 1;
    run();
    expect("+kitchen;");
}

Test(finder, goes_on_without_the_daemon_and_forgets_what_is_not_seen_again)
{
    net.devices[0] = "kitchen";
    net.devices[1] = "bath";
    net.stop_events = 2;
    cr_assert(open_finder(MDNS_AUTO, false));
    run();
    expect("+kitchen;+bath;");
    net.devices[1] = NULL;
    net.has_daemon = false;
    net.stop_events = 1;
    net.mdns->options.lost(net.mdns->options.ctx, "gone");
    run();
    expect("-bath;");
    cr_expect_eq(finder_mode(net.finder), MDNS_EMBEDDED);
    cr_expect_str_eq(net.lost.text, "");
}

Test(finder, says_when_the_daemon_goes_and_nothing_takes_its_place)
{
    cr_assert(open_finder(MDNS_AUTO, true));
    net.has_sockets = false;
    net.mdns->options.lost(net.mdns->options.ctx, "gone");
    run();
    cr_expect_str_eq(net.lost.text, "no mDNS");
}

Test(finder, sticks_to_the_daemon_when_told_so)
{
    cr_assert(open_finder(MDNS_DAEMON, false));
    net.mdns->options.lost(net.mdns->options.ctx, "the daemon is gone");
    run();
    cr_expect_str_eq(net.lost.text, "the daemon is gone");
}

Test(finder, tells_when_a_device_goes)
{
    net.devices[0] = "kitchen";
    net.stop_events = 1;
    cr_assert(open_finder(MDNS_EMBEDDED, false));
    run();
    expect("+kitchen;");
    net.browse->browse(net.browse->ctx, MDNS_GONE,
                       &(struct mdns_sighting){ "kitchen", 1, AF_INET });
    run();
    expect("-kitchen;");
    cr_expect_eq(net.queries, 1, "the browsing alone stays open");
}

Test(finder, takes_in_what_it_ignored_when_there_is_room_again)
{
    net.crowd = FINDER_DEVICES_MAX;
    net.devices[0] = "kitchen";
    net.stop_events = FINDER_DEVICES_MAX;
    cr_assert(open_finder(MDNS_EMBEDDED, false));
    run();
    cr_expect_null(strstr(net.events, "kitchen"));
    expect(net.events);
    net.stop_events = FINDER_DEVICES_MAX + 1;
    for (unsigned i = 0; i < net.crowd; i++)
        net.browse->browse(net.browse->ctx, MDNS_GONE,
                           &(struct mdns_sighting){ crowd_name(i), 1, AF_INET });
    net.crowd = 0;
    run();
    const struct device **devices;
    cr_assert_eq(finder_devices(net.finder, &devices), 1);
    cr_expect_str_eq(devices[0]->name, "kitchen");
    free(devices);
}
