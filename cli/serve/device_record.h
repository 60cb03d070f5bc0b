/*
 * What the server remembers of a device: one plain value, as the store keeps it.
 */
#ifndef CLI_DEVICE_RECORD_H
#define CLI_DEVICE_RECORD_H

#include "cli/serve/update_request.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * How an offer ended, or has come so far. Numbers are in databases: they never change.
 *
 * An offer is one image of one release. Another name or another image is a new offer, and begins
 * at MADE whatever became of the old one. From there:
 *
 *     MADE       all bytes were taken                             DELIVERED
 *     DELIVERED  comes back, and reports something else           FAILED
 *     any        reports the release                              UPDATED
 *     any        asks once more after too many attempts           HELD
 *     HELD       is sent it after all: the limit was raised       MADE
 *     UPDATED    has gone back, and is sent it once more          MADE, and attempts begin anew
 *
 * FAILED stays FAILED while the device tries the same image again, and is not DELIVERED then: what
 * failed once counts against the release until the device reports it, so that `stop-if-failing`
 * does not depend on how often devices ask.
 */
enum offer_outcome {
    OFFER_NONE = 0,
    OFFER_MADE = 1,      /* answered with the image; not known to have arrived whole */
    OFFER_DELIVERED = 2, /* all bytes of it were taken by the device's TCP */
    OFFER_UPDATED = 3,   /* the device reports it */
    OFFER_FAILED = 4,    /* it had the image whole, and came back with another version */
    OFFER_HELD = 5,      /* asked too often without ever reporting it: held back; may have failed */
};

/* The latest offer of a kind of image. */
struct device_offer {
    char release[UPDATE_VERSION_SIZE]; /* "" when there was none */
    uint8_t md5[DIGEST_MD5_SIZE];      /* of its image */
    uint32_t attempts; /* since it was first offered, or last reported: answers with all of it,
                          those under way included and those that broke not */
    int64_t when;      /* of the latest one: seconds since the epoch */
    enum offer_outcome outcome;
};

struct device_record {
    struct update_request request; /* its last headers; request.station is the key */
    char address[48];              /* where it asked from */
    int64_t first_seen;            /* seconds since the epoch */
    int64_t last_seen;
    uint64_t requests;
    uint16_t status; /* HTTP status of the last answer */
    uint16_t reason; /* of it: enum decision_reason */
    struct device_offer sketch;
    struct device_offer filesystem;
};

/* The offer that a request of this mode is about (UPDATE_VERSION: the sketch's). */
struct device_offer *device_record_offer(struct device_record *record, enum update_mode mode);

/*
 * All bytes of the image with this MD5 were taken by the device's TCP, be it in several pieces:
 * from MADE to DELIVERED. False, with the record unchanged, when the latest offer is another
 * image's, or its outcome is not MADE.
 */
bool device_record_delivered(struct device_record *record, enum update_mode mode,
                             const uint8_t md5[DIGEST_MD5_SIZE]);

/*
 * The outcome's name for tables and JSON: "offered", "delivered", "updated", "failed",
 * "held-back"; "none" for everything else.
 */
const char *offer_outcome_name(enum offer_outcome outcome);

#endif
