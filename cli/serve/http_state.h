/*
 * The server's own state, for its parts: http_server.c, http_peer.c, http_exchange.c ...
 */
#ifndef CLI_HTTP_STATE_H
#define CLI_HTTP_STATE_H

#include "cli/serve/http_head.h"
#include "cli/serve/http_peer.h"
#include "cli/serve/http_server.h"
#include "cli/serve/http_settle.h"

#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#define HTTP_LISTENERS_MAX 16

struct http_server {
    struct event_base *base;
    struct evhttp *http;
    struct http_server_options options; /* with the defaults filled in */
    struct evhttp_bound_socket *listeners[HTTP_LISTENERS_MAX];
    unsigned listener_count;
    bool draining;
    struct event *adopt; /* there are new connections in `fresh` */
    struct event *sweep; /* every second */
    struct http_peer_list fresh;
    struct http_peer_list peers;
    struct http_peer **by_fd; /* of `peers` */
    size_t by_fd_size;
    size_t connections; /* in both lists */
    size_t answers;     /* exchanges there are */
    struct http_settle settle;
    struct http_head head; /* of the answer that is being made */
};

/* Accept no more connections when there are as many as there may be. */
void http_server_pause(struct http_server *server);

/* Accept connections again, unless there are as many as there may be. */
void http_server_resume(struct http_server *server);

/* Milliseconds of a clock that only goes on. */
int64_t http_server_now(void);

#endif
