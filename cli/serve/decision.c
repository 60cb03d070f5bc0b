#include "cli/serve/decision.h"

#include <stdio.h>
#include <string.h>

/* --- What a device reports -------------------------------------------------------------------- */

static bool was_sent(const struct update_request *request, unsigned field)
{
    return (request->sent & field) != 0;
}

/* A release without a name is never reported. */
static bool reports_version(const struct update_request *request, const char *version)
{
    return was_sent(request, UPDATE_FIELD_VERSION) && version[0] != '\0' &&
           strcmp(request->version, version) == 0;
}

static bool reports_digest(const struct update_request *request, const struct image_facts *facts)
{
    return (was_sent(request, UPDATE_FIELD_SKETCH_MD5) &&
            image_facts_match_md5(facts, request->sketch_md5)) ||
           (was_sent(request, UPDATE_FIELD_SKETCH_SHA256) &&
            image_facts_match_sha256(facts, request->sketch_sha256));
}

/* Whether it says anything of what it has of this kind; a digest is the sketch's alone. */
static bool reports_anything(const struct update_request *request)
{
    unsigned fields = UPDATE_FIELD_VERSION;

    if (request->mode != UPDATE_FILESYSTEM)
        fields |= UPDATE_FIELD_SKETCH_MD5 | UPDATE_FIELD_SKETCH_SHA256;
    return was_sent(request, fields);
}

/* The offer that a request is about; NULL when nothing is remembered. */
static const struct device_offer *offer_of(const struct device_record *record,
                                           enum update_mode mode)
{
    if (!record)
        return NULL;
    return mode == UPDATE_FILESYSTEM ? &record->filesystem : &record->sketch;
}

/* True when the offer was this image of this release; each may be NULL. */
static bool is_offer_of(const struct device_offer *offer, const struct release *release,
                        enum update_mode mode)
{
    const struct served_image *image = release ? release_image(release, mode) : NULL;

    return offer && offer->outcome != OFFER_NONE && image &&
           strcmp(offer->release, release->name) == 0 &&
           memcmp(offer->md5, image->facts.md5, sizeof offer->md5) == 0;
}

/* --- Deciding --------------------------------------------------------------------------------- */

/* Whether it can take the sketch; REASON_OFFERED when it can. */
static enum decision_reason judge_sketch(const struct update_request *request,
                                         const struct image_facts *facts)
{
    if (was_sent(request, UPDATE_FIELD_FREE_SPACE) && facts->size > request->free_space)
        return REASON_NO_SPACE;
    if (was_sent(request, UPDATE_FIELD_CHIP_SIZE) && facts->flash_size > request->chip_size)
        return REASON_LARGER_FLASH;
    return REASON_OFFERED;
}

/* The tally as it will be when this request was noted: the device may have failed just now. */
static struct release_tally tally_now(const struct decision_input *input, bool was_offered)
{
    const struct device_offer *offer = offer_of(input->device, input->request->mode);
    struct release_tally tally = { 0 };

    if (input->tally)
        tally = *input->tally;
    if (was_offered && offer->outcome == OFFER_DELIVERED && reports_anything(input->request))
        tally.failed++;
    return tally;
}

/* Whether the rollout has come to this device; REASON_OFFERED when it has. */
static enum decision_reason judge_rollout(const struct decision_input *input)
{
    const struct release *release = input->release;
    const struct device_offer *offer = offer_of(input->device, input->request->mode);
    bool was_offered = is_offer_of(offer, release, input->request->mode);
    struct release_tally tally = tally_now(input, was_offered);

    if (was_offered && input->attempts > 0 && offer->attempts >= input->attempts &&
        offer->outcome != OFFER_UPDATED)
        return REASON_HELD_BACK;
    if (!was_offered && input->now < release->after)
        return REASON_TOO_EARLY;
    if (release_is_stopped(release, &tally))
        return REASON_STOPPED;
    if (!was_offered && !release_includes(release, &input->request->station))
        return REASON_NOT_INCLUDED;
    return REASON_OFFERED;
}

static enum decision_reason reason_for(const struct decision_input *input)
{
    const struct update_request *request = input->request;
    const struct release *release = input->release;
    enum decision_reason reason = REASON_OFFERED;

    if (input->refusal != UPDATE_ACCEPTED)
        return REASON_REFUSED;
    if (!release)
        return REASON_NOT_KNOWN;
    const struct served_image *image = release_image(release, request->mode);
    bool is_sketch = request->mode == UPDATE_SKETCH;

    if (!image)
        return REASON_NO_IMAGE;
    if (request->mode == UPDATE_VERSION)
        return REASON_VERSION_ASKED;
    if (reports_version(request, release->name))
        return REASON_SAME_VERSION;
    if (is_sketch && reports_digest(request, &image->facts))
        return REASON_SAME_DIGEST;
    if (release->family != IMAGE_UNKNOWN && release->family != request->family)
        return REASON_OTHER_FAMILY;
    if (is_sketch)
        reason = judge_sketch(request, &image->facts);
    return reason == REASON_OFFERED ? judge_rollout(input) : reason;
}

static enum decision_kind kind_of(enum decision_reason reason)
{
    switch (reason) {
    case REASON_OFFERED:
        return DECISION_SEND;
    case REASON_VERSION_ASKED:
        return DECISION_VERSION;
    case REASON_NOT_KNOWN:
        return DECISION_UNKNOWN;
    case REASON_REFUSED:
        return DECISION_FORBIDDEN;
    default:
        return DECISION_NOTHING;
    }
}

struct decision decide(const struct decision_input *input)
{
    struct decision decision = { .reason = reason_for(input) };

    decision.kind = kind_of(decision.reason);
    if (decision.reason != REASON_REFUSED)
        decision.release = input->release;
    if (decision.kind == DECISION_SEND)
        decision.image = release_image(input->release, input->request->mode);
    return decision;
}

struct decision decide_simply(const struct update_request *request, const struct release *release)
{
    struct decision decision = { .release = release };
    struct served_image *image = release_image(release, request->mode);

    if (!image)
        decision.reason = REASON_NO_IMAGE;
    else if (request->mode == UPDATE_VERSION)
        decision.reason = REASON_VERSION_ASKED;
    else if (request->mode == UPDATE_SKETCH && reports_digest(request, &image->facts))
        decision.reason = REASON_SAME_DIGEST;
    else
        decision.reason = REASON_OFFERED;
    decision.kind = kind_of(decision.reason);
    if (decision.kind == DECISION_SEND)
        decision.image = image;
    return decision;
}

/* --- Remembering ------------------------------------------------------------------------------ */

/* Whether the device reports what it was offered last. */
static bool has_updated(const struct device_offer *offer, const struct update_request *request,
                        const struct decision *decision)
{
    bool is_current = is_offer_of(offer, decision->release, request->mode);

    if (reports_version(request, offer->release))
        return true;
    if (request->mode == UPDATE_FILESYSTEM)
        return false;
    if (is_current)
        return reports_digest(request, &decision->release->sketch->facts);
    /* The catalogue has moved on, and with it what is known of the image's other digests. */
    return was_sent(request, UPDATE_FIELD_SKETCH_MD5) &&
           memcmp(request->sketch_md5, offer->md5, sizeof offer->md5) == 0;
}

/*
 * Whether the device reports something else than it was offered last. When that is not known for
 * certain any more, a digest alone is not held against the release: the device may have rewritten
 * a byte.
 */
static bool has_failed(const struct device_offer *offer, const struct update_request *request,
                       const struct decision *decision)
{
    bool is_current = is_offer_of(offer, decision->release, request->mode);

    if (offer->outcome != OFFER_DELIVERED)
        return false;
    return is_current ? reports_anything(request) : was_sent(request, UPDATE_FIELD_VERSION);
}

/* The offer is made: once more, or as a new one. */
static void make_offer(struct device_offer *offer, const struct decision *decision,
                       enum update_mode mode, int64_t now)
{
    if (!is_offer_of(offer, decision->release, mode)) {
        *offer = (struct device_offer){ .outcome = OFFER_MADE };
        snprintf(offer->release, sizeof offer->release, "%s", decision->release->name);
        memcpy(offer->md5, decision->image->facts.md5, sizeof offer->md5);
    }
    if (offer->outcome == OFFER_UPDATED)
        offer->attempts = 0;
    if (offer->outcome != OFFER_FAILED)
        offer->outcome = OFFER_MADE;
    if (offer->attempts < UINT32_MAX)
        offer->attempts++;
    offer->when = now;
}

static void note_offer(struct device_offer *offer, const struct update_request *request,
                       const struct decision *decision, int64_t now, bool is_attempt)
{
    if (offer->outcome != OFFER_NONE) {
        if (has_updated(offer, request, decision)) {
            offer->outcome = OFFER_UPDATED;
            /* The end of the answer that completed it may not have been noticed yet. */
            if (offer->attempts == 0)
                offer->attempts = 1;
        } else if (has_failed(offer, request, decision))
            offer->outcome = OFFER_FAILED;
    }
    if (decision->reason == REASON_HELD_BACK)
        offer->outcome = OFFER_HELD;
    if (decision->kind == DECISION_SEND && is_attempt)
        make_offer(offer, decision, request->mode, now);
}

void decision_note(struct device_record *record, const struct update_request *request,
                   const struct decision *decision, const char *address, int64_t now,
                   bool is_attempt, enum offer_outcome *outcome_before)
{
    struct device_offer *offer = device_record_offer(record, request->mode);

    if (outcome_before)
        *outcome_before = offer->outcome;
    if (record->requests == 0) {
        record->first_seen = now;
        record->request.station = request->station;
    }
    record->requests++;
    record->last_seen = now;
    record->status = (uint16_t)decision_status(decision->kind);
    record->reason = (uint16_t)decision->reason;
    snprintf(record->address, sizeof record->address, "%s", address);
    if (decision->reason == REASON_REFUSED)
        return;
    record->request = *request;
    note_offer(offer, request, decision, now, is_attempt);
}

/* Whether the device had all of the image at least once. */
static bool had_it(const struct device_offer *offer)
{
    return offer->outcome == OFFER_DELIVERED || offer->outcome == OFFER_UPDATED ||
           offer->outcome == OFFER_FAILED;
}

static bool note_broken(struct device_offer *offer, bool was_counted)
{
    if (!was_counted || offer->attempts <= (had_it(offer) ? 1u : 0u))
        return false;
    offer->attempts--;
    if (offer->outcome == OFFER_HELD)
        offer->outcome = OFFER_MADE;
    return true;
}

bool decision_note_end(struct device_record *record, const struct offer_end *end)
{
    struct device_offer *offer = device_record_offer(record, end->mode);
    bool changed = false;

    if (offer->outcome == OFFER_NONE || memcmp(offer->md5, end->md5, sizeof offer->md5) != 0)
        return false;
    if (!end->had_whole)
        return note_broken(offer, end->was_counted);
    /* It may be that the attempt whose rest this is has not been taken back: a proxy had it whole.
     */
    if (offer->attempts == 0) {
        offer->attempts = 1;
        changed = true;
    }
    if (!device_record_delivered(record, end->mode, end->md5))
        return changed;
    /* A digest is not enough here: which ones the image has, the catalogue may not say any more. */
    if (end->has_asked_since && record->request.mode == end->mode &&
        was_sent(&record->request, UPDATE_FIELD_VERSION))
        offer->outcome = OFFER_FAILED;
    return true;
}

/* --- Names ------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    const char *text;
} reasons[] = {
    [REASON_OFFERED] = { "offered", "the image is sent" },
    [REASON_VERSION_ASKED] = { "version", "the device asked for the version alone" },
    [REASON_SAME_VERSION] = { "same-version", "the device reports this version already" },
    [REASON_SAME_DIGEST] = { "same-digest", "the device runs this sketch already" },
    [REASON_OTHER_FAMILY] = { "other-family", "the image is for another chip family" },
    [REASON_NO_SPACE] = { "no-space", "the image is larger than the device's free space" },
    [REASON_LARGER_FLASH] = { "larger-flash",
                              "the image is for a larger flash than the device has" },
    [REASON_NO_IMAGE] = { "no-image", "the release has no image of the kind asked for" },
    [REASON_TOO_EARLY] = { "too-early", "the release's time has not come yet" },
    [REASON_NOT_INCLUDED] = { "not-included", "the rollout has not reached the device yet" },
    [REASON_STOPPED] = { "stopped", "the rollout is stopped: too many devices failed" },
    [REASON_HELD_BACK] = { "held-back",
                           "the device asked too often without ever reporting the release" },
    [REASON_NOT_KNOWN] = { "not-known", "no release is meant for the device" },
    [REASON_REFUSED] = { "refused", "the request is not one of a known updater" },
};

unsigned decision_status(enum decision_kind kind)
{
    switch (kind) {
    case DECISION_SEND:
    case DECISION_VERSION:
        return 200;
    case DECISION_NOTHING:
        return 304;
    case DECISION_FORBIDDEN:
        break;
    case DECISION_UNKNOWN:
        return 404;
    }
    return 403;
}

const char *decision_reason_name(enum decision_reason reason)
{
    return (size_t)reason < sizeof reasons / sizeof *reasons ? reasons[reason].name : "unknown";
}

const char *decision_reason_text(enum decision_reason reason)
{
    return (size_t)reason < sizeof reasons / sizeof *reasons ? reasons[reason].text
                                                             : "the reason is not known";
}
