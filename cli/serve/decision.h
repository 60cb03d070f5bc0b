/*
 * What to answer a device. One pure function: no clock, no files, no store.
 */
#ifndef CLI_DECISION_H
#define CLI_DECISION_H

#include "cli/serve/device_record.h"
#include "cli/serve/fleet.h"

#include <stdint.h>

enum decision_kind {
    DECISION_SEND,      /* 200 with the image */
    DECISION_VERSION,   /* 200 with x-version and no body */
    DECISION_NOTHING,   /* 304 */
    DECISION_FORBIDDEN, /* 403 */
    DECISION_UNKNOWN,   /* 404 */
};

/* Why. Numbers are in databases: they never change. */
enum decision_reason {
    REASON_OFFERED = 0,       /* SEND */
    REASON_VERSION_ASKED = 1, /* VERSION */
    REASON_SAME_VERSION = 2,  /* NOTHING: it reports the release's name */
    REASON_SAME_DIGEST = 3,   /* NOTHING: it reports the sketch's digest */
    REASON_OTHER_FAMILY = 4,  /* NOTHING: the image is for another chip family */
    REASON_NO_SPACE = 5,      /* NOTHING: larger than free-space */
    REASON_LARGER_FLASH = 6,  /* NOTHING: for a larger flash than chip-size */
    REASON_NO_IMAGE = 7,      /* NOTHING: the release has no image of this kind */
    REASON_TOO_EARLY = 8,     /* NOTHING: before `after` */
    REASON_NOT_INCLUDED = 9,  /* NOTHING: not in the rollout's share yet */
    REASON_STOPPED = 10,      /* NOTHING: too many devices failed */
    REASON_HELD_BACK = 11,    /* NOTHING: asked too often without ever reporting it */
    REASON_NOT_KNOWN = 12,    /* UNKNOWN: no section for it, and no default */
    REASON_REFUSED = 13,      /* FORBIDDEN: see update_refusal_text() */
};

struct decision {
    enum decision_kind kind;
    enum decision_reason reason;
    const struct release *release; /* NULL when there is none for the device */
    struct served_image *image;    /* of SEND; not held */
};

/* What a decision depends on. */
struct decision_input {
    enum update_refusal refusal; /* UPDATE_ACCEPTED, or nothing else is looked at */
    const struct update_request *request;
    const struct release *release;      /* fleet_find(), or NULL */
    const struct release_tally *tally;  /* of the release; NULL: nothing was offered yet */
    const struct device_record *device; /* what is remembered of it; NULL: never seen */
    int64_t now;                        /* seconds since the epoch */
    uint32_t attempts;                  /* after so many a device is held back; 0: never */
};

/*
 * Decide. In this order: refusal; no release; no image of this kind; a question for the version;
 * the same version; the same digest (sketches alone); another family; no space (sketches alone);
 * a larger flash (sketches alone); held back; too early; stopped; not included; else it is sent.
 *
 * Too early and not included do not hold for a device that was offered this image of this release
 * before: it may be in the middle of it, or is to have another try. Stopped holds for all. The
 * tally is as it was before this request: that this very device has just come back with another
 * version is counted in here.
 */
struct decision decide(const struct decision_input *input);

/*
 * Decide where there is no catalogue: every device gets the release, as often as it asks, but for
 * one that reports its sketch's digest: sent again and again, it would do nothing but flash itself.
 */
struct decision decide_simply(const struct update_request *request, const struct release *release);

/*
 * Bring what is remembered of a device up to date with a request and the decision about it:
 * `record` is zeroed for a device that was never seen. Counts an attempt when `is_attempt`: a GET
 * for the image from its start, not a HEAD nor the rest of a broken transfer. Says through
 * `outcome_before` (may be NULL) what the outcome of the offer of this mode was, so that the caller
 * can tell what changed. What becomes of outcomes: see enum offer_outcome. Here none is DELIVERED:
 * device_record_delivered() does that when the body is out.
 *
 * Of a request that was refused no header is taken over, for it may lack any: the last good ones
 * stay, and a new record gets the station alone. The caller calls this for a refused request only
 * when it has a station.
 */
void decision_note(struct device_record *record, const struct update_request *request,
                   const struct decision *decision, const char *address, int64_t now,
                   bool is_attempt, enum offer_outcome *outcome_before);

/* How an answer with an image ended. */
struct offer_end {
    enum update_mode mode;
    const uint8_t *md5; /* of the image: DIGEST_MD5_SIZE bytes */
    bool had_whole;     /* all of the image is with the device, by this answer or those before */
    bool was_counted;   /* the answer counted as an attempt when it began */
    bool has_asked_since;
};

/*
 * Bring what is remembered of a device up to date with the end of an answer. An attempt that broke
 * is none: a weak link is no fault of the release's. Once the rest of it has completed the image,
 * there was one. A device that had the image whole and has asked again before its TCP's last
 * acknowledgement was noticed, and still reports another version, has FAILED. False when nothing
 * changed, as when the latest offer is another by now.
 */
bool decision_note_end(struct device_record *record, const struct offer_end *end);

/* HTTP status of a kind: 200, 304, 403, 404. */
unsigned decision_status(enum decision_kind kind);

/* One word for logs and JSON: "offered", "same-version", "no-space" ...; "unknown" if it is none.
 */
const char *decision_reason_name(enum decision_reason reason);

/* A clause for people: "the image is larger than the device's free space". */
const char *decision_reason_text(enum decision_reason reason);

#endif
