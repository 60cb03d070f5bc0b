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
struct http_peer;
struct http_settling;

LIST_HEAD(http_settling_list, http_settling);
TAILQ_HEAD(http_settling_queue, http_settling);

struct http_settle {
    struct http_settling_queue queue; /* the one to be looked at next is first */
    size_t count;                     /* in it */
    struct http_settling_queue over;  /* held connections that are being ended */
    struct event *timer;              /* runs while the queue has entries */
    int64_t idle_ms;                  /* without an acknowledgement for so long, none will come */
    int64_t answer_ms;                /* an answer that began so long ago is given up */
};

/* False without memory. */
bool http_settle_init(struct http_settle *settle, struct event_base *base, int64_t idle_ms,
                      int64_t answer_ms);

/*
 * The answer under way was handed to the kernel, and is the last of its connection. False when
 * all of it is acknowledged, or nothing can be waited for; exchange->missing says so. Else
 * http_peer_written() is called when that is known, and the connection has to stay until then.
 */
bool http_settle_hold(struct http_settle *settle, struct http_peer *peer);

/* An answer that was handed to the kernel, on a connection that goes on: ends it in time. */
void http_settle_add(struct http_settle *settle, struct http_peer *peer,
                     struct http_exchange *exchange);

/* The connection is about to be closed: what it has here ends now. */
void http_settle_leave(struct http_peer *peer);

/* All connections have left by now. */
void http_settle_free(struct http_settle *settle);

/* Bytes that were written to a socket and are not acknowledged. */
uint64_t http_settle_unsent(int fd);

#endif
