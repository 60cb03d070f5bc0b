/*
 * Answers that the kernel has taken, but the other end not yet acknowledged.
 *
 * That the kernel took the last byte says little: it may hold megabytes for a device that lost
 * power long ago. Whether an image arrived decides how the release is said to fare, so the end of
 * its answer is told only when the device's TCP has acknowledged all of it, or never will.
 */
#ifndef CLI_HTTP_SETTLE_H
#define CLI_HTTP_SETTLE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct http_exchange;
struct http_settling;

LIST_HEAD(http_settling_list, http_settling);

struct http_settle {
    struct http_settling_list list;
    struct event *timer; /* runs while the list has entries */
    int64_t idle_ms;     /* without an acknowledgement for so long, none will come */
};

/* False without memory. */
bool http_settle_init(struct http_settle *settle, struct event_base *base, int64_t idle_ms);

/*
 * Wait for the acknowledgements on a socket and end the exchange then; the descriptor stays the
 * caller's. Where that cannot be had, the exchange ends now, and counts as not whole.
 */
void http_settle_add(struct http_settle *settle, struct http_exchange *exchange, int fd);

/* End all that wait, as they are. */
void http_settle_free(struct http_settle *settle);

/* Bytes that were written to a socket and are not acknowledged. */
uint64_t http_settle_unsent(int fd);

#endif
