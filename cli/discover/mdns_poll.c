#include "cli/discover/mdns_poll.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/time.h>

struct AvahiWatch {
    struct mdns_poll *poll;
    struct event *event;
    int fd;
    AvahiWatchCallback callback;
    void *userdata;
};

struct AvahiTimeout {
    struct event *event;
    AvahiTimeoutCallback callback;
    void *userdata;
};

/*
 * What happened, in avahi's words. libevent reports an error or the other end's hanging up as
 * readable and writable; avahi must be told so too (its core insists on "readable"), and which it
 * was.
 */
static AvahiWatchEvent events_of(int fd, short what)
{
    struct pollfd now = { .fd = fd };
    int events = 0;

    if (what & EV_READ)
        events |= AVAHI_WATCH_IN;
    if (what & EV_WRITE)
        events |= AVAHI_WATCH_OUT;
    if (poll(&now, 1, 0) > 0)
        events |= now.revents & (AVAHI_WATCH_ERR | AVAHI_WATCH_HUP);
    return (AvahiWatchEvent)events;
}

static void watch_happened(evutil_socket_t fd, short what, void *arg)
{
    AvahiWatch *watch = arg;
    struct mdns_poll *poll = watch->poll;

    poll->current = watch;
    poll->happened = events_of(fd, what);
    watch->callback(watch, fd, poll->happened, watch->userdata);
    poll->current = NULL; /* the watch itself may be gone */
}

static void watch_update(AvahiWatch *watch, AvahiWatchEvent event)
{
    short what = EV_PERSIST;

    if (event & AVAHI_WATCH_IN)
        what |= EV_READ;
    if (event & AVAHI_WATCH_OUT)
        what |= EV_WRITE;
    event_del(watch->event);
    if (what == EV_PERSIST)
        return;
    event_assign(watch->event, watch->poll->base, watch->fd, what, watch_happened, watch);
    event_add(watch->event, NULL);
}

static AvahiWatch *watch_new(const AvahiPoll *api, int fd, AvahiWatchEvent event,
                             AvahiWatchCallback callback, void *userdata)
{
    struct mdns_poll *poll = api->userdata;
    AvahiWatch *watch = calloc(1, sizeof *watch);

    if (!watch)
        return NULL;
    *watch = (AvahiWatch){ .poll = poll, .fd = fd, .callback = callback, .userdata = userdata };
    watch->event = event_new(poll->base, fd, EV_PERSIST, watch_happened, watch);
    if (!watch->event) {
        free(watch);
        return NULL;
    }
    poll->newest_fd = fd;
    watch_update(watch, event);
    return watch;
}

/* avahi's own loops answer outside of the callback with nothing as well. */
static AvahiWatchEvent watch_get_events(AvahiWatch *watch)
{
    return watch->poll->current == watch ? watch->poll->happened : (AvahiWatchEvent)0;
}

static void watch_free(AvahiWatch *watch)
{
    if (watch->poll->current == watch)
        watch->poll->current = NULL; /* another may be given the same memory */
    if (watch->poll->newest_fd == watch->fd)
        watch->poll->newest_fd = -1;
    event_free(watch->event);
    free(watch);
}

static void timeout_happened(evutil_socket_t fd, short what, void *arg)
{
    AvahiTimeout *timeout = arg;

    (void)fd;
    (void)what;
    timeout->callback(timeout, timeout->userdata);
}

/*
 * avahi's times are of the wall clock. They become intervals at once, so that somebody who sets
 * that clock does not stretch them; should one end too early, avahi notices and asks again.
 */
static void timeout_update(AvahiTimeout *timeout, const struct timeval *at)
{
    struct timeval now;
    struct timeval left = { 0 };

    if (!at) {
        event_del(timeout->event);
        return;
    }
    gettimeofday(&now, NULL);
    if (timercmp(at, &now, >))
        timersub(at, &now, &left);
    event_add(timeout->event, &left);
}

static AvahiTimeout *timeout_new(const AvahiPoll *api, const struct timeval *at,
                                 AvahiTimeoutCallback callback, void *userdata)
{
    struct mdns_poll *poll = api->userdata;
    AvahiTimeout *timeout = calloc(1, sizeof *timeout);

    if (!timeout)
        return NULL;
    *timeout = (AvahiTimeout){ .callback = callback, .userdata = userdata };
    timeout->event = event_new(poll->base, -1, 0, timeout_happened, timeout);
    if (!timeout->event) {
        free(timeout);
        return NULL;
    }
    timeout_update(timeout, at);
    return timeout;
}

static void timeout_free(AvahiTimeout *timeout)
{
    event_free(timeout->event);
    free(timeout);
}

void mdns_poll_init(struct mdns_poll *poll, struct event_base *base)
{
    *poll = (struct mdns_poll){
        .api = {
            .userdata = poll,
            .watch_new = watch_new,
            .watch_update = watch_update,
            .watch_get_events = watch_get_events,
            .watch_free = watch_free,
            .timeout_new = timeout_new,
            .timeout_update = timeout_update,
            .timeout_free = timeout_free,
        },
        .base = base,
        .newest_fd = -1,
    };
}
