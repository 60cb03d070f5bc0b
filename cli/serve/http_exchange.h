/*
 * A request and its answer, from the end of the request's head to the moment when it is known how
 * the answer fared. Inside the server alone; http_server.h has what its users may know.
 */
#ifndef CLI_HTTP_EXCHANGE_H
#define CLI_HTTP_EXCHANGE_H

#include "cli/serve/http_gist.h"
#include "cli/serve/http_peer.h"
#include "cli/serve/http_server.h"

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

struct http_exchange {
    struct http_server *server;
    struct http_peer *peer;         /* only while it is under way */
    struct evhttp_request *request; /* NULL once it is gone, or when there never was one */
    struct evkeyvalq headers;       /* the request's */
    bool answered;
    bool closes;  /* the connection ends with this answer */
    bool settles; /* its end is only told when the other end has acknowledged all of it */
    unsigned status;
    uint64_t body_length; /* bytes of the body that are sent */
    uint64_t missing;     /* bytes that were sent and not acknowledged */
    const char *note;
    void *pointer;
    bool is_head;
    bool is_old; /* HTTP/1.0 */
    const char *protocol;
    struct http_gist *gist; /* of a request that is refused, or NULL */
    char address[HTTP_ADDRESS_SIZE];
    char *target; /* or NULL */
};

/* Begin with a request that libevent has read; `request` may be NULL. NULL without memory. */
struct http_exchange *http_exchange_new(struct http_peer *peer, struct evhttp_request *request);

/*
 * Say what is known of a request that was refused before libevent had all of it. Without memory
 * nothing is.
 */
void http_exchange_set_gist(struct http_exchange *exchange, const struct http_gist *gist);

/* Take over what is still with the request, which is about to go. */
void http_exchange_keep(struct http_exchange *exchange);

/*
 * The end: `unsent` bytes of the answer are not known to have been taken. Tells the user, and frees
 * it.
 */
void http_exchange_end(struct http_exchange *exchange, uint64_t unsent);

#endif
