/*
 * A time limit for calls that wait on a socket and cannot be told how long: avahi's client waits up
 * to 25 seconds for each answer of the daemon. When the time is over, the socket is shut down; the
 * call then fails as if the other side had gone away.
 */
#ifndef CLI_MDNS_LIMIT_H
#define CLI_MDNS_LIMIT_H

#include <signal.h>
#include <stdbool.h>
#include <time.h>

struct mdns_limit {
    bool set;
    timer_t timer;
    struct sigaction action; /* of SIGALRM, as it was */
    sigset_t mask;           /* of blocked signals, as it was */
};

/*
 * From now on `*fd`, which may be known only later and is -1 before, may be waited for `ms`
 * milliseconds, until mdns_limit_end(). In between SIGALRM is taken, and no other limit may begin.
 * Without a timer to be had there is no limit.
 */
void mdns_limit_begin(struct mdns_limit *limit, int *fd, unsigned ms);

/* End it; everything is as it was before. */
void mdns_limit_end(const struct mdns_limit *limit);

#endif
