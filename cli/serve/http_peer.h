/*
 * A connection: from the moment it is accepted until it is closed, with what libevent's HTTP
 * server does not do for one: the strict look at each byte, limits of time, and a word when it
 * ends.
 */
#ifndef CLI_HTTP_PEER_H
#define CLI_HTTP_PEER_H

#include "cli/serve/http_guard.h"
#include "cli/serve/http_settle.h"

#include <event2/bufferevent.h>
#include <event2/http.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct http_server;
struct http_exchange;

/* A numeric address with the name of its link, and the final NUL. */
#define HTTP_ADDRESS_SIZE 64

struct http_peer {
    LIST_ENTRY(http_peer) link;
    struct http_server *server;
    struct bufferevent *stream;
    struct evhttp_connection *connection; /* NULL as long as it is fresh */
    int fd;
    struct http_guard guard;
    char *kept; /* what there is of a head that is not whole, or refused; see http_look.h */
    size_t kept_len;
    uint32_t handled;               /* requests that came from libevent's parser to us */
    struct http_exchange *exchange; /* the one under way, or NULL */
    bool refused;                   /* libevent's HTTP server has no part in it any more */
    bool half_closed;               /* refused, and will send no more */
    bool lingers;                   /* refused, and told so: only its end is waited for */
    int64_t since;                 /* of its begin, that of the head, or that of lingering, in ms */
    int64_t began;                 /* of the answer that is or was under way, in ms */
    int64_t active;                /* when a byte moved, in ms */
    uint64_t unsent;               /* bytes that were still with us then */
    bufferevent_event_cb event_cb; /* libevent's own, while an answer is under way */
    bool held; /* all is written; until it is acknowledged, libevent is not told */
    struct http_settling_list settling;
    char address[HTTP_ADDRESS_SIZE];
};

LIST_HEAD(http_peer_list, http_peer);

/*
 * For evhttp_set_bevcb(): a new connection, of the server `ctx`. NULL without memory: libevent
 * makes a stream of its own then, which http_peer_find() does not know.
 */
struct bufferevent *http_peer_begin(struct event_base *base, void *ctx);

/* Of all connections that are fresh: get to know libevent's side of them. */
void http_peer_adopt(struct http_server *server);

/* Ours to libevent's; NULL when there is none. */
struct http_peer *http_peer_find(struct http_server *server, struct evhttp_connection *connection);

/* An answer is in the stream's buffer: see to it that it is only sent, and nothing read. */
void http_peer_sends(struct http_peer *peer);

/* If all of the answer under way was sent, it ends; and with it the connection, if it is to. */
void http_peer_check_written(struct http_peer *peer);

/* All that was to be sent was handed to the kernel, and is not waited for: tell libevent. */
void http_peer_written(struct http_peer *peer);

/* The last byte was handed to the kernel: tell the other end that there is no more. */
void http_peer_finish(struct http_peer *peer);

/* Bytes of what was sent that the other end has not acknowledged. */
uint64_t http_peer_unsent(const struct http_peer *peer);

/* Close it and free it, with libevent's side; ends the exchange under way. */
void http_peer_close(struct http_peer *peer);

/* Close those that have waited for too long. */
void http_peer_sweep(struct http_server *server);

/* Close it if it is between two requests, and nothing of its answers is on its way. */
void http_peer_close_idle(struct http_peer *peer);

/* All those. */
void http_peer_close_all_idle(struct http_server *server);

#endif
