/*
 * The listener for people: the status page, its style sheet, and its JSON.
 */
#ifndef CLI_STATUS_SITE_H
#define CLI_STATUS_SITE_H

#include "cli/serve/updates.h"

#include <stdint.h>

struct status_site {
    const struct updates *updates;
    const char *record_problem; /* why the record cannot be written now; "" when it can */
    int64_t started;            /* seconds since the epoch */
};

/* handle() and done() of struct http_server_options; `ctx` is the struct status_site. */
void status_site_handle(void *ctx, struct http_exchange *exchange);
void status_site_done(void *ctx, struct http_exchange *exchange, const struct http_result *result);

#endif
