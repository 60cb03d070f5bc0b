/*
 * The program's libevent base as avahi wants to see it. Both of avahi's libraries, the one that
 * asks the daemon and the one that does without, wait for sockets and time through an AvahiPoll.
 */
#ifndef CLI_MDNS_POLL_H
#define CLI_MDNS_POLL_H

#include <avahi-common/watch.h>
#include <event2/event.h>

struct mdns_poll {
    AvahiPoll api; /* for avahi_client_new() and avahi_server_new() */
    struct event_base *base;
    AvahiWatch *current; /* whose callback is running; NULL: none */
    AvahiWatchEvent happened;
    int newest_fd; /* of the watch that was made last; -1: none, or it is freed */
};

/*
 * Prepare `poll`, which must stay where it is until avahi has freed every watch and timeout that it
 * made with it; then nothing is left to free. A watch that cannot be had is NULL to avahi.
 */
void mdns_poll_init(struct mdns_poll *poll, struct event_base *base);

#endif
