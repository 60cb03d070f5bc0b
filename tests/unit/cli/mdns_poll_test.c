#include "cli/discover/mdns_poll.h"

#include <avahi-common/timeval.h>
#include <criterion/criterion.h>
#include <sys/socket.h>
#include <unistd.h>

/* A hang ends the test, nothing else does. */
#define LIMIT 30

static struct event_base *base;
static struct mdns_poll loop;
static const AvahiPoll *api;
static int pair[2];

static void enter(void)
{
    base = event_base_new();
    mdns_poll_init(&loop, base);
    api = &loop.api;
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
}

static void leave(void)
{
    event_base_free(base);
    close(pair[0]);
    close(pair[1]);
}

TestSuite(mdns_poll, .init = enter, .fini = leave, .timeout = LIMIT);

/* What a callback saw, and what it shall do. */
struct seen {
    unsigned times;
    int fd;
    AvahiWatchEvent event;
    AvahiWatchEvent got;
    AvahiWatchEvent next; /* what to wait for from then on */
    bool free_it;
};

static void watch_said(AvahiWatch *watch, int fd, AvahiWatchEvent event, void *userdata)
{
    struct seen *seen = userdata;

    seen->times++;
    seen->fd = fd;
    seen->event = event;
    seen->got = api->watch_get_events(watch);
    if (seen->free_it)
        api->watch_free(watch);
    else
        api->watch_update(watch, seen->next);
}

static void turn(void)
{
    event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

Test(mdns_poll, tells_what_happened_and_to_what)
{
    struct seen seen = { .next = AVAHI_WATCH_IN };
    AvahiWatch *watch = api->watch_new(api, pair[0], AVAHI_WATCH_IN, watch_said, &seen);

    turn();
    cr_assert_eq(seen.times, 0, "nothing to read yet");
    cr_assert_eq(write(pair[1], "x", 1), 1);
    turn();
    cr_assert_eq(seen.times, 1);
    cr_assert_eq(seen.fd, pair[0]);
    cr_assert_eq(seen.event, AVAHI_WATCH_IN);
    cr_assert_eq(seen.got, AVAHI_WATCH_IN);
    cr_assert_eq(api->watch_get_events(watch), 0, "outside of the callback");
    turn();
    cr_assert_eq(seen.times, 2, "what is not read is told again");
    api->watch_free(watch);
    turn();
    cr_assert_eq(seen.times, 2);
}

Test(mdns_poll, changes_what_it_waits_for)
{
    struct seen seen = { .next = 0 };
    AvahiWatch *watch = api->watch_new(api, pair[0], AVAHI_WATCH_IN, watch_said, &seen);

    api->watch_update(watch, AVAHI_WATCH_OUT);
    turn();
    cr_assert_eq(seen.times, 1);
    cr_assert_eq(seen.event, AVAHI_WATCH_OUT);
    turn();
    cr_assert_eq(seen.times, 1, "nothing is waited for");
    cr_assert_eq(write(pair[1], "x", 1), 1);
    api->watch_update(watch, AVAHI_WATCH_IN | AVAHI_WATCH_OUT);
    turn();
    cr_assert_eq(seen.times, 2);
    cr_assert_eq(seen.event, AVAHI_WATCH_IN | AVAHI_WATCH_OUT);
    api->watch_free(watch);
}

Test(mdns_poll, tells_of_a_hang_up_along_with_readable)
{
    struct seen seen = { .next = 0 };
    AvahiWatch *watch = api->watch_new(api, pair[0], AVAHI_WATCH_IN, watch_said, &seen);

    close(pair[1]);
    turn();
    cr_assert_eq(seen.times, 1);
    cr_assert_eq(seen.event, AVAHI_WATCH_IN | AVAHI_WATCH_HUP);
    api->watch_free(watch);
}

Test(mdns_poll, a_watch_may_be_freed_by_its_own_callback)
{
    struct seen seen = { .free_it = true };

    cr_assert_not_null(api->watch_new(api, pair[0], AVAHI_WATCH_OUT, watch_said, &seen));
    turn();
    turn();
    cr_assert_eq(seen.times, 1);
    cr_assert_eq(seen.got, AVAHI_WATCH_OUT);
}

struct alarm {
    unsigned times;
    unsigned again; /* times to set it anew */
    bool free_it;
};

static void time_came(AvahiTimeout *timeout, void *userdata)
{
    struct alarm *alarm = userdata;
    struct timeval now;

    alarm->times++;
    if (alarm->free_it) {
        api->timeout_free(timeout);
    } else if (alarm->again > 0) {
        alarm->again--;
        gettimeofday(&now, NULL);
        api->timeout_update(timeout, &now);
    }
}

Test(mdns_poll, a_time_that_has_passed_comes_at_once_and_once)
{
    const struct timeval past = { .tv_sec = 1 };
    struct alarm alarm = { 0 };
    AvahiTimeout *timeout = api->timeout_new(api, &past, time_came, &alarm);

    cr_assert_eq(alarm.times, 0, "not before the loop runs");
    event_base_dispatch(base);
    cr_assert_eq(alarm.times, 1);
    api->timeout_free(timeout);
}

Test(mdns_poll, a_time_to_come_is_waited_for)
{
    struct timeval now;
    struct timeval then;
    struct alarm alarm = { .again = 2 };

    gettimeofday(&now, NULL);
    then = now;
    avahi_timeval_add(&then, 300000);
    AvahiTimeout *timeout = api->timeout_new(api, &then, time_came, &alarm);
    turn();
    cr_assert_eq(alarm.times, 0);
    event_base_dispatch(base);
    cr_assert_eq(alarm.times, 3, "set anew twice within the callback");
    cr_assert_geq(avahi_age(&now), 250000);
    api->timeout_free(timeout);
}

Test(mdns_poll, no_time_is_never)
{
    const struct timeval past = { .tv_sec = 1 };
    struct alarm alarm = { 0 };
    AvahiTimeout *idle = api->timeout_new(api, NULL, time_came, &alarm);
    AvahiTimeout *disarmed = api->timeout_new(api, &past, time_came, &alarm);

    api->timeout_update(disarmed, NULL);
    turn();
    cr_assert_eq(alarm.times, 0);
    cr_assert_eq(event_base_dispatch(base), 1, "nothing is waited for");
    api->timeout_update(idle, &past);
    event_base_dispatch(base);
    cr_assert_eq(alarm.times, 1);
    api->timeout_free(idle);
    api->timeout_free(disarmed);
}

Test(mdns_poll, a_timeout_may_be_freed_by_its_own_callback)
{
    const struct timeval past = { .tv_sec = 1 };
    struct alarm alarm = { .free_it = true };

    cr_assert_not_null(api->timeout_new(api, &past, time_came, &alarm));
    event_base_dispatch(base);
    cr_assert_eq(alarm.times, 1);
}
