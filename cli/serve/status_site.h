/*
 * The listener for people: the status page, its style sheet, and its JSON.
 */
#ifndef CLI_STATUS_SITE_H
#define CLI_STATUS_SITE_H

#include "cli/serve/updates.h"

#include <stdbool.h>
#include <stdint.h>

struct evbuffer;

/* What was made for one request, and is good for the next ones. */
struct status_copy {
    struct evbuffer *body; /* NULL: none yet */
    int64_t made;          /* seconds since the epoch */
};

struct status_site {
    const struct updates *updates;
    const char *record_problem; /* why the record cannot be written now; "" when it can */
    int64_t started;            /* seconds since the epoch */
    bool is_local; /* it listens on this machine's own address alone: see status_site_handle() */
    struct status_copy page;
    struct status_copy json;
};

/* Release what it holds, not what it points to. */
void status_site_free(struct status_site *site);

/*
 * handle() and done() of struct http_server_options; `ctx` is the struct status_site.
 *
 * What is answered may be a second old. On a local address only who asks for it by an address, or
 * as localhost, is answered: a page from elsewhere in somebody's browser could have its own name
 * lead here, and read what only this machine may.
 */
void status_site_handle(void *ctx, struct http_exchange *exchange);
void status_site_done(void *ctx, struct http_exchange *exchange, const struct http_result *result);

#endif
