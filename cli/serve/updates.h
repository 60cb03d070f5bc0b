/*
 * Answering devices: from a request to the decision, the record of it, and the answer.
 */
#ifndef CLI_UPDATES_H
#define CLI_UPDATES_H

#include "cli/serve/access_log.h"
#include "cli/serve/credentials.h"
#include "cli/serve/http_server.h"
#include "cli/serve/offering.h"
#include "cli/serve/recent_events.h"
#include "cli/serve/store.h"
#include "cli/serve/update_asked.h"

#include <stdint.h>

struct updates {
    const struct offering *offering;
    struct store *store;
    struct credentials *credentials; /* or NULL: everybody may ask */
    struct access_log *log;          /* or NULL */
    struct recent_events events;
    struct update_asked *spare; /* NULL at first; to be released by update_asked_free() */
    uint32_t attempts;          /* after which a device is held back; 0: never */
    bool debug;                 /* say on standard error what is decided, and why */
    int64_t now;                /* of the request that is dealt with: seconds since the epoch */
};

/* handle() and done() of struct http_server_options; `ctx` is the struct updates. */
void updates_handle(void *ctx, struct http_exchange *exchange);
void updates_done(void *ctx, struct http_exchange *exchange, const struct http_result *result);

/*
 * Check an exchange's credentials (NULL: none are needed); false when it was answered, with 401
 * or 503. For every listener.
 */
bool updates_admit(struct credentials *credentials, struct http_exchange *exchange);

/* Write an exchange's line to the access log, if there is one; `device` is a MAC's text or NULL. */
void updates_log(const struct updates *updates, const struct http_exchange *exchange,
                 const struct http_result *result, const char *device);

#endif
