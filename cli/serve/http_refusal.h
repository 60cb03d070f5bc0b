/*
 * Saying no to bytes that are no request, and closing so that it is heard.
 */
#ifndef CLI_HTTP_REFUSAL_H
#define CLI_HTTP_REFUSAL_H

#include "cli/serve/http_peer.h"

/*
 * Answer as peer->guard says, without libevent's HTTP server, and close then: what we send last is
 * lost if the connection is closed while bytes of the peer are unread, so they are read, and
 * thrown away, for a moment. Does not close at once: it may be called from the stream's callbacks.
 */
void http_refusal_begin(struct http_peer *peer);

/* For how long the peer may take to close, in ms. */
#define HTTP_LINGER_MS 5000

#endif
