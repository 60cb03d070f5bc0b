/*
 * The finder over an mDNS that is made up (finder_world.h).
 */
#include "tests/unit/cli/finder_world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

/* A run that takes longer hangs. */
#define PATIENCE_S 30

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
