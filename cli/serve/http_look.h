/*
 * A connection's bytes, before libevent sees them: shown to the guard, and the head that is not
 * whole yet, or will perhaps be refused, kept, so that a refusal knows what it refuses.
 */
#ifndef CLI_HTTP_LOOK_H
#define CLI_HTTP_LOOK_H

#include "cli/serve/http_gist.h"

#include <stddef.h>

struct evbuffer;
struct http_peer;

/* Of a head that comes in pieces, so much is kept. */
#define HTTP_LOOK_KEPT 2048

/* Show the guard the last `count` bytes of `input`. */
void http_look(struct http_peer *peer, struct evbuffer *input, size_t count);

/* What there is to be known of the request that the guard, or libevent, found wrong. */
void http_look_gist(const struct http_peer *peer, struct http_gist *gist);

/* Forget what was kept. */
void http_look_forget(struct http_peer *peer);

#endif
