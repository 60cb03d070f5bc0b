#include "cli/serve/updates.h"

#include "cli/serve/basic_auth.h"
#include "cli/serve/decision.h"
#include "cli/serve/http_range.h"
#include "cli/serve/notice.h"
#include "common/secret.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/*
 * The release that --image stands for: it has no name and no section. A sketch is never sent as a
 * file system, nor the reverse; what an image of no known kind is, its owner knows.
 */
static struct release release_of_image(struct served_image *image)
{
    enum image_kind kind = image->facts.kind;

    return (struct release){
        .sketch = image_is_filesystem(kind) ? NULL : image,
        .filesystem = kind == IMAGE_UNKNOWN || image_is_filesystem(kind) ? image : NULL,
        .rollout = RELEASE_WHOLE,
    };
}

static void take_header(void *ctx, const char *name, const char *value)
{
    update_parser_take(ctx, name, value);
}

static bool is_get(const struct http_exchange *exchange)
{
    return strcmp(http_exchange_method(exchange), "GET") == 0;
}

static void reply_text(struct http_exchange *exchange, unsigned status, const char *text)
{
    char line[256];
    int len = snprintf(line, sizeof line, "%s\n", text);

    http_exchange_reply(exchange, status, "text/plain", line, (size_t)len);
}

bool updates_admit(struct credentials *credentials, struct http_exchange *exchange)
{
    const char *authorization = http_exchange_header(exchange, "Authorization");
    char wait[16];

    switch (credentials ? credentials_check(credentials, authorization) : CREDENTIALS_ACCEPTED) {
    case CREDENTIALS_ACCEPTED:
        return true;
    case CREDENTIALS_PUT_OFF:
        http_exchange_set_note(exchange, "put-off", http_exchange_pointer(exchange));
        snprintf(wait, sizeof wait, "%d", CREDENTIALS_WAIT_SECONDS);
        http_exchange_add(exchange, "Retry-After", wait);
        reply_text(exchange, 503, "too many passwords to check; again in a moment, please");
        break;
    case CREDENTIALS_REFUSED:
        http_exchange_set_note(exchange, "unauthorized", http_exchange_pointer(exchange));
        http_exchange_add(exchange, "WWW-Authenticate",
                          "Basic realm=\"espota-c\", charset=\"UTF-8\"");
        reply_text(exchange, 401, "name and password, please");
        break;
    }
    return false;
}

static void reply(struct http_exchange *exchange, const struct decision *decision,
                  const char *refusal)
{
    unsigned status = decision_status(decision->kind);

    switch (decision->kind) {
    case DECISION_SEND:
    case DECISION_VERSION:
        if (decision->release->name[0])
            http_exchange_add(exchange, "x-version", decision->release->name);
        if (decision->image && decision->kind == DECISION_SEND)
            http_exchange_reply_image(exchange, decision->image);
        else
            http_exchange_reply(exchange, status, NULL, NULL, 0);
        break;
    case DECISION_NOTHING:
        http_exchange_reply(exchange, status, NULL, NULL, 0);
        break;
    case DECISION_FORBIDDEN:
        reply_text(exchange, status, refusal);
        break;
    case DECISION_UNKNOWN:
        reply_text(exchange, status, decision_reason_text(decision->reason));
        break;
    }
}

/* Things that somebody who looks after devices wants to see, unlike "nothing new", again. */
static bool is_event(const struct device_record *before, const struct device_record *after,
                     bool is_attempt, enum offer_outcome outcome_before,
                     const struct device_offer *offer)
{
    if (is_attempt || offer->outcome != outcome_before)
        return true;
    return after->reason != before->reason && after->reason != REASON_SAME_VERSION &&
           after->reason != REASON_SAME_DIGEST && after->reason != REASON_VERSION_ASKED;
}

static void note_event(struct updates *updates, const struct device_record *record,
                       const struct device_offer *offer, const struct decision *decision,
                       enum offer_outcome outcome_before)
{
    struct recent_event event = {
        .when = updates->now,
        .station = record->request.station,
        .reason = decision->reason,
        .outcome = offer->outcome != outcome_before ? offer->outcome : OFFER_NONE,
    };

    if (decision->release)
        memcpy(event.release, decision->release->name, sizeof event.release);
    memcpy(event.version, record->request.version, sizeof event.version);
    recent_events_add(&updates->events, &event);
}

static void explain(const struct update_request *request, const struct decision *decision)
{
    char device[MAC_TEXT_SIZE];

    notice("%s (%s): %u: %s", mac_format(device, &request->station), request->version,
           decision_status(decision->kind), decision_reason_text(decision->reason));
}

/* Remember the request and what was decided; leave for done() what it needs. */
static void note(struct updates *updates, struct http_exchange *exchange,
                 const struct update_request *request, const struct decision *decision,
                 struct device_record *record)
{
    struct device_record before = *record;
    enum offer_outcome outcome_before;
    bool is_attempt = decision->kind == DECISION_SEND && is_get(exchange) &&
                      http_exchange_wants_start(exchange, decision->image);
    const struct device_offer *offer = device_record_offer(record, request->mode);

    decision_note(record, request, decision, http_exchange_address(exchange), updates->now,
                  is_attempt, &outcome_before);
    updates->store->put(updates->store->ctx, record);
    if (updates->debug)
        explain(request, decision);
    if (is_event(&before, record, is_attempt, outcome_before, offer))
        note_event(updates, record, offer, decision, outcome_before);

    struct update_asked *asked = update_asked_take(&updates->spare);
    http_exchange_set_note(exchange, decision_reason_name(decision->reason), asked);
    if (!asked)
        return;
    asked->station = request->station;
    asked->mode = request->mode;
    asked->sends = decision->kind == DECISION_SEND && is_get(exchange);
    asked->is_attempt = is_attempt;
    asked->request = record->requests;
    if (asked->sends) {
        memcpy(asked->md5, decision->image->facts.md5, sizeof asked->md5);
        asked->size = decision->image->facts.size;
    }
}

/* The rest of a transfer that broke: of the image that the device was being sent. */
static bool is_continuation(const struct http_exchange *exchange, const struct release *release,
                            const struct update_request *request, struct device_record *record)
{
    struct served_image *image = release ? release_image(release, request->mode) : NULL;
    const struct device_offer *offer = device_record_offer(record, request->mode);

    return image && memcmp(offer->md5, image->facts.md5, sizeof offer->md5) == 0 &&
           is_get(exchange) && !http_exchange_wants_start(exchange, image);
}

/* With --catalog. */
static struct decision decide_by_fleet(const struct updates *updates,
                                       const struct http_exchange *exchange,
                                       const struct update_request *request,
                                       struct device_record *record)
{
    const struct release *release = fleet_find(updates->offering->fleet, &request->station);
    struct release_tally tally = { 0 };

    if (release)
        tally = updates->store->tally(updates->store->ctx, release->name);
    return decide(&(struct decision_input){
        .refusal = UPDATE_ACCEPTED,
        .request = request,
        .release = release,
        .tally = &tally,
        .device = record,
        .now = updates->now,
        /* Whoever was let begin may also end. */
        .attempts = is_continuation(exchange, release, request, record) ? 0 : updates->attempts,
    });
}

static void answer_device(struct updates *updates, struct http_exchange *exchange,
                          const struct update_request *request)
{
    struct store *store = updates->store;
    struct device_record record;
    struct decision decision;
    struct release simple;

    if (!store->find(store->ctx, &request->station, &record))
        memset(&record, 0, sizeof record);
    if (updates->offering->image) {
        simple = release_of_image(updates->offering->image);
        decision = decide_simply(request, &simple);
    } else
        decision = decide_by_fleet(updates, exchange, request, &record);
    note(updates, exchange, request, &decision, &record);
    reply(exchange, &decision, NULL);
}

/* What is not said again and again of a device that asks every minute. */
static bool was_told(const struct recent_events *events, const struct mac *station)
{
    const struct recent_event *event;

    for (size_t n = 0; (event = recent_events_get(events, n)); n++) {
        if (mac_equal(&event->station, station))
            return event->reason == REASON_REFUSED;
    }
    return false;
}

/* A device that is refused although it says who it is: somebody will look for it. */
static void note_refusal(struct updates *updates, struct http_exchange *exchange,
                         const struct update_parser *parser, const char *refusal)
{
    const struct mac *station = &parser->request.station;
    char device[MAC_TEXT_SIZE] = "-";
    struct update_asked *asked = NULL;

    if (parser->request.sent & UPDATE_FIELD_STA_MAC) {
        mac_format(device, station);
        if (!was_told(&updates->events, station))
            recent_events_add(&updates->events, &(struct recent_event){ .when = updates->now,
                                                                        .station = *station,
                                                                        .reason = REASON_REFUSED });
        asked = update_asked_take(&updates->spare);
        if (asked)
            asked->station = *station;
    }
    http_exchange_set_note(exchange, decision_reason_name(REASON_REFUSED), asked);
    if (updates->debug)
        notice("%s at %s: 403: %s", device, http_exchange_address(exchange), refusal);
}

/* With --image: whoever is no device gets it as well. */
static void answer_stranger(struct updates *updates, struct http_exchange *exchange,
                            const struct update_parser *parser)
{
    struct decision decision = { .kind = DECISION_FORBIDDEN, .reason = REASON_REFUSED };
    char refusal[128];

    if (updates->offering->image) {
        http_exchange_set_note(exchange, "image", NULL);
        http_exchange_reply_image(exchange, updates->offering->image);
        return;
    }
    update_refusal_text(parser, refusal, sizeof refusal);
    note_refusal(updates, exchange, parser, refusal);
    reply(exchange, &decision, refusal);
}

void updates_handle(void *ctx, struct http_exchange *exchange)
{
    struct updates *updates = ctx;
    struct update_parser parser;

    updates->now = (int64_t)time(NULL);
    if (!updates_admit(updates->credentials, exchange))
        return;
    update_parser_init(&parser);
    http_exchange_headers(exchange, take_header, &parser);
    if (update_parser_end(&parser) == UPDATE_ACCEPTED)
        answer_device(updates, exchange, &parser.request);
    else
        answer_stranger(updates, exchange, &parser);
}

/* True when the answer went up to the image's last byte. */
static bool had_the_end(const struct http_exchange *exchange, const struct update_asked *asked,
                        const struct http_result *result)
{
    if (!result->whole)
        return false;
    if (result->status == 200)
        return true;
    return result->status == 206 &&
           http_range_parse(http_exchange_header(exchange, "Range"), asked->size).last + 1 ==
               asked->size;
}

/* Whether a device that has all of the image runs it, it will tell. */
static void note_end(struct updates *updates, const struct update_asked *asked, bool had_whole)
{
    struct store *store = updates->store;
    struct device_record record;

    if (!store->find(store->ctx, &asked->station, &record))
        return;
    const struct offer_end end = {
        .mode = asked->mode,
        .md5 = asked->md5,
        .had_whole = had_whole,
        .was_counted = asked->is_attempt,
        .has_asked_since = record.requests != asked->request,
    };
    if (decision_note_end(&record, &end))
        store->put(store->ctx, &record);
}

/* The name that somebody was let in with; false when nobody had to say one, or it was not right. */
static bool read_user(const struct updates *updates, const struct http_exchange *exchange,
                      unsigned status, struct basic_auth *auth)
{
    const char *authorization = http_exchange_header(exchange, "Authorization");

    /* What was refused before anybody looked at the password has no note. */
    return updates->credentials && authorization && http_exchange_note(exchange) && status != 401 &&
           status != 503 && basic_auth_parse(auth, authorization);
}

void updates_log(const struct updates *updates, const struct http_exchange *exchange,
                 const struct http_result *result, const char *device)
{
    struct basic_auth auth;
    bool has_user = updates->log && read_user(updates, exchange, result->status, &auth);
    const struct access_entry entry = {
        .address = http_exchange_address(exchange),
        .user = has_user ? auth.user : NULL,
        .when = (int64_t)time(NULL),
        .method = http_exchange_method(exchange),
        .target = http_exchange_target(exchange),
        .protocol = http_exchange_protocol(exchange),
        .status = result->status,
        .bytes = result->body_sent,
        .referer = http_exchange_header(exchange, "Referer"),
        .user_agent = http_exchange_header(exchange, "User-Agent"),
        .device = device,
        .decision = http_exchange_note(exchange),
    };

    if (updates->log)
        access_log_write(updates->log, &entry);
    if (has_user)
        secret_wipe(&auth, sizeof auth);
}

void updates_done(void *ctx, struct http_exchange *exchange, const struct http_result *result)
{
    struct updates *updates = ctx;
    struct update_asked *asked = http_exchange_pointer(exchange);
    char device[MAC_TEXT_SIZE];

    if (asked && asked->sends)
        note_end(updates, asked, had_the_end(exchange, asked, result));
    updates_log(updates, exchange, result, asked ? mac_format(device, &asked->station) : NULL);
    update_asked_give(&updates->spare, asked);
}
