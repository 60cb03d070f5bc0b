/*
 * An HTTP/1.0 and 1.1 server for GET and HEAD, on libevent's evhttp: what all listeners of the
 * update server have in common. It deals with whatever a peer may do (bounded headers, malformed
 * and smuggled requests, silence, slow readers); what is to be answered is its user's business.
 */
#ifndef CLI_HTTP_SERVER_H
#define CLI_HTTP_SERVER_H

#include "cli/failure.h"
#include "cli/serve/served_image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct event_base;
struct evbuffer;
struct ssl_ctx_st;
struct http_server;

/* A request that is being answered. Valid until it is answered, and must be, in the callback. */
struct http_exchange;

/* How an answer ended. */
struct http_result {
    unsigned status;

    /*
     * Bytes of the body that arrived: of an image, those that the peer's TCP acknowledged; of
     * everything else, those that the kernel took to send. (With TLS, of the encrypted bytes that
     * are missing it is taken that each was one of the body.)
     */
    uint64_t body_sent;
    bool whole; /* all of the answer arrived, in that sense */
};

struct http_server_options {
    struct ssl_ctx_st *tls;   /* http_tls_new(), or NULL for plain HTTP; the caller's, must outlive
                                 the server or be replaced */
    unsigned idle_seconds;    /* without a byte either way, a connection is closed; 0: 30 */
    unsigned head_seconds;    /* from a connection's, or a request's, first byte to the end of its
                                 headers, a connection is closed after so long; 0: 30 */
    unsigned answer_seconds;  /* from an answer's begin until its last byte is acknowledged; then
                                 the connection is closed, however busy it is. 0: 3600 */
    unsigned connections_max; /* at once, whoever they are from; more wait until one ends. 0: 16384,
                                 or fewer, so that descriptors are left for everything else */
    void (*handle)(void *ctx, struct http_exchange *exchange);

    /*
     * Told of every request when its answer has ended, well or not, for the log; also of those
     * that never came to handle(), such as malformed ones. `exchange` is valid during the call,
     * for the functions that ask about the request. May be NULL.
     */
    void (*done)(void *ctx, struct http_exchange *exchange, const struct http_result *result);
    void *ctx;
};

/*
 * Once for the process, before the first server: have as many open files, and so connections, as
 * the system grants; and ignore SIGPIPE, for sendfile(2) to a peer that is gone cannot but raise
 * it. Comes before everything that libevent is asked for.
 */
void http_server_prepare_process(void);

/*
 * An event base that suits servers: changes of what is waited for are handed to the kernel once a
 * round, for answers change it several times. No descriptor of a socket may be duplicated then;
 * and all is for one thread. NULL without memory. event_base_free() frees it.
 */
struct event_base *http_server_base_new(void);

/* NULL without memory. `base` may be any. */
struct http_server *http_server_new(struct event_base *base,
                                    const struct http_server_options *options);

/*
 * Listen at an address; port 0 lets the system choose: `out` (may be NULL) gets the address with
 * its port. May be called more than once. False, with `failure` filled in (EXIT_LOCAL_FAILURE).
 */
bool http_server_listen(struct http_server *server, const struct sockaddr *address,
                        socklen_t length, struct sockaddr_storage *out, struct failure *failure);

/*
 * Use another certificate for connections from now on; for a server with TLS. `tls` is as in the
 * options; the one before may be freed then.
 */
void http_server_set_tls(struct http_server *server, struct ssl_ctx_st *tls);

/* Accept no more connections and close those that are idle; answers under way go on. */
void http_server_drain(struct http_server *server);

/* Connections there are, and answers under way. */
size_t http_server_connections(const struct http_server *server);
size_t http_server_answers(const struct http_server *server);

/* Close everything at once. NULL is allowed. */
void http_server_free(struct http_server *server);

/* ---- asking about a request ---- */

/*
 * "GET" or "HEAD" of a request that came to handle(). Of one that was refused it is what stood in
 * the method's place, or NULL when nothing like a method did.
 */
const char *http_exchange_method(const struct http_exchange *exchange);

/* The request's target as it was sent, hostile text; "-" when it could not be read. */
const char *http_exchange_target(const struct http_exchange *exchange);

/* "HTTP/1.0", "HTTP/1.1"; of a refused request likewise what stood there, or "-". */
const char *http_exchange_protocol(const struct http_exchange *exchange);

/* The peer's numeric address, without its port. */
const char *http_exchange_address(const struct http_exchange *exchange);

/*
 * The first header of this name, case ignored, or NULL. Hostile text, without controls. Of a
 * refused request there are User-Agent and Referer alone, perhaps with controls.
 */
const char *http_exchange_header(const struct http_exchange *exchange, const char *name);

/* Visit every header in its order. */
void http_exchange_headers(const struct http_exchange *exchange,
                           void (*visit)(void *ctx, const char *name, const char *value),
                           void *ctx);

/* A word and a pointer that the handler leaves for done(). */
void http_exchange_set_note(struct http_exchange *exchange, const char *word, void *pointer);
const char *http_exchange_note(const struct http_exchange *exchange); /* or NULL */
void *http_exchange_pointer(const struct http_exchange *exchange);    /* or NULL */

/* ---- answering ---- */

/*
 * Add a header to the answer. `value` must come from us: it has no controls. There is room for
 * HTTP_HEAD_MAX bytes; an answer with more is not sent.
 */
void http_exchange_add(struct http_exchange *exchange, const char *name, const char *value);

/*
 * Answer with a status and a body of `len` bytes of the given type (0 and NULL: none), copied. A
 * HEAD is answered with the body's length alone; 304 without a length.
 */
void http_exchange_reply(struct http_exchange *exchange, unsigned status, const char *type,
                         const void *body, size_t len);

/*
 * Answer with an image: Content-Length, Content-Type application/octet-stream, x-MD5, ETag,
 * Last-Modified, Accept-Ranges; If-None-Match (304), If-Range, a single Range (206, 416), HEAD.
 * Holds the image while it is sent.
 */
void http_exchange_reply_image(struct http_exchange *exchange, struct served_image *image);

/* True when http_exchange_reply_image() would begin at the image's first byte and send a body. */
bool http_exchange_wants_start(const struct http_exchange *exchange,
                               const struct served_image *image);

#endif
