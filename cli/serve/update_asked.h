/*
 * What is kept of a device's request until its answer has ended. One is taken for each request, so
 * those that are done with are used again.
 */
#ifndef CLI_UPDATE_ASKED_H
#define CLI_UPDATE_ASKED_H

#include "cli/serve/mac.h"
#include "cli/serve/update_request.h"

#include <stdbool.h>
#include <stdint.h>

struct update_asked {
    struct update_asked *next; /* of the spare ones */
    struct mac station;
    enum update_mode mode;
    bool sends;                   /* an image, and not only its header */
    bool is_attempt;              /* from its start */
    uint64_t request;             /* which of the device's requests it was, counted from 1 */
    uint8_t md5[DIGEST_MD5_SIZE]; /* of that image */
    uint64_t size;                /* of that image, in bytes */
};

/* One that is all zero, taken from the spare ones or made; NULL without memory. */
struct update_asked *update_asked_take(struct update_asked **spare);

/* Give one back; NULL is allowed. */
void update_asked_give(struct update_asked **spare, struct update_asked *asked);

/* Release the spare ones. */
void update_asked_free(struct update_asked **spare);

#endif
