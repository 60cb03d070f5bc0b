/*
 * A small fleet for tests of the status page and its JSON: a store that is an array, releases
 * without files, and devices that send whatever a test wants.
 */
#ifndef TESTS_STATUS_RIG_H
#define TESTS_STATUS_RIG_H

#include "cli/serve/status_view.h"

#include <criterion/criterion.h>
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RIG_DEVICES  400
#define RIG_RELEASES 5

/* 2026-11-22 19:26:36 UTC */
#define RIG_NOW INT64_C(1795375596)

struct status_rig {
    struct device_record devices[RIG_DEVICES]; /* the one seen last first */
    size_t device_count;
    struct release releases[RIG_RELEASES];
    struct fleet_rule rules[4];
    struct served_image image;
    struct fleet fleet;
    struct store store;
    struct recent_events events;
    struct status_view view;
};

static inline bool rig_find(void *ctx, const struct mac *station, struct device_record *out)
{
    const struct status_rig *rig = ctx;

    for (size_t i = 0; i < rig->device_count; i++) {
        if (mac_equal(&rig->devices[i].request.station, station)) {
            *out = rig->devices[i];
            return true;
        }
    }
    return false;
}

/* Among the offers of a device, one at most is of a release. */
static inline struct release_tally rig_tally(void *ctx, const char *release)
{
    const struct status_rig *rig = ctx;
    struct release_tally tally = { 0 };

    for (size_t i = 0; i < rig->device_count; i++) {
        const struct device_offer *offer = &rig->devices[i].sketch;
        if (strcmp(offer->release, release) != 0 || offer->outcome == OFFER_NONE)
            continue;
        tally.offered++;
        tally.updated += offer->outcome == OFFER_UPDATED;
        tally.failed += offer->outcome == OFFER_FAILED;
        tally.held += offer->outcome == OFFER_HELD;
    }
    return tally;
}

static inline void rig_each(void *ctx, size_t limit,
                            bool (*visit)(void *visit_ctx, const struct device_record *record),
                            void *visit_ctx)
{
    const struct status_rig *rig = ctx;

    for (size_t i = 0; i < rig->device_count && (limit == 0 || i < limit); i++) {
        if (!visit(visit_ctx, &rig->devices[i]))
            return;
    }
}

static inline size_t rig_count(void *ctx)
{
    return ((const struct status_rig *)ctx)->device_count;
}

/* An empty server with the releases that tests speak of. Release it with free(). */
static inline struct status_rig *rig_new(void)
{
    static const struct release releases[RIG_RELEASES] = {
        { .name = "DOOR-8-g20c1f7aa", .family = IMAGE_ESP8266, .rollout = RELEASE_WHOLE },
        { .name = "GARDEN-2.1.0",
          .family = IMAGE_ESP32,
          .rollout = 100000,
          .has_stop = true,
          .stop_if_failing = 50000 },
        { .name = "LAMP-3",
          .family = IMAGE_ESP8266,
          .rollout = RELEASE_WHOLE,
          .has_stop = true,
          .stop_if_failing = 50000 },
        { .name = "WEATHER-1.4",
          .family = IMAGE_PICO,
          .rollout = RELEASE_WHOLE,
          .after = RIG_NOW + 9 * 86400 },
        { .name = "PAGES-7", .rollout = RELEASE_WHOLE },
    };
    static const char *const patterns[] = { "24:*", "5C:*", "28:*", "02:*" };
    struct status_rig *rig = calloc(1, sizeof *rig);

    cr_assert_not_null(rig);
    memcpy(rig->releases, releases, sizeof releases);
    rig->image = (struct served_image){ .path = "/srv/firmware/image.bin", .fd = -1 };
    snprintf(rig->image.md5_text, sizeof rig->image.md5_text, "%s",
             "0123456789abcdef0123456789abcdef");
    rig->image.facts.size = 412336;
    rig->image.facts.kind = IMAGE_ESP8266;
    rig->image.facts.chip = "ESP8266";
    for (unsigned i = 0; i < RIG_RELEASES; i++) {
        if (i < 4)
            rig->releases[i].sketch = &rig->image;
        else
            rig->releases[i].filesystem = &rig->image;
    }
    for (unsigned i = 0; i < 4; i++) {
        snprintf(rig->rules[i].pattern, sizeof rig->rules[i].pattern, "%s", patterns[i]);
        rig->rules[i].literals = 3;
        rig->rules[i].release = &rig->releases[i + 1];
    }
    rig->fleet = (struct fleet){ .releases = rig->releases,
                                 .release_count = RIG_RELEASES,
                                 .rules = rig->rules,
                                 .rule_count = 4,
                                 .fallback = &rig->releases[0] };
    rig->store = (struct store){
        .ctx = rig, .find = rig_find, .tally = rig_tally, .each = rig_each, .count = rig_count
    };
    rig->view = (struct status_view){ .fleet = &rig->fleet,
                                      .store = &rig->store,
                                      .events = &rig->events,
                                      .now = RIG_NOW,
                                      .started = RIG_NOW - INT64_C(3) * 86400,
                                      .device_limit = RIG_DEVICES };
    return rig;
}

/* One more device, seen longest ago, with everything that a stock ESP8266 sends. */
static inline struct device_record *rig_add(struct status_rig *rig, const char *mac,
                                            const char *version)
{
    struct device_record *record = &rig->devices[rig->device_count++];

    cr_assert_leq(rig->device_count, (size_t)RIG_DEVICES);
    *record = (struct device_record){ .address = "192.168.1.40",
                                      .first_seen = RIG_NOW - INT64_C(30) * 86400,
                                      .last_seen = RIG_NOW - 200,
                                      .requests = 17,
                                      .status = 304,
                                      .reason = REASON_SAME_VERSION };
    cr_assert(mac_parse(&record->request.station, mac));
    record->request.family = IMAGE_ESP8266;
    record->request.sent = UPDATE_FIELD_STA_MAC | UPDATE_FIELD_FREE_SPACE | UPDATE_FIELD_CHIP_SIZE |
                           UPDATE_FIELD_SDK_VERSION | UPDATE_FIELD_VERSION;
    record->request.free_space = 0x2E0000;
    record->request.chip_size = 0x400000;
    snprintf(record->request.version, sizeof record->request.version, "%s", version);
    snprintf(record->request.sdk_version, sizeof record->request.sdk_version, "2.2.2-dev(38a443e)");
    return record;
}

/* It was offered a release, and this is what came of it. */
static inline void rig_offer(struct device_record *record, const char *release,
                             enum offer_outcome outcome, uint32_t attempts)
{
    snprintf(record->sketch.release, sizeof record->sketch.release, "%s", release);
    record->sketch.outcome = outcome;
    record->sketch.attempts = attempts;
    record->sketch.when = RIG_NOW - 240;
    record->status = outcome == OFFER_UPDATED || outcome == OFFER_HELD ? 304 : 200;
    record->reason = outcome == OFFER_UPDATED ? REASON_SAME_VERSION
                     : outcome == OFFER_HELD  ? REASON_HELD_BACK
                                              : REASON_OFFERED;
}

/* What a writer appends, with a NUL after it; to be freed. */
static inline char *rig_text(const struct status_view *view,
                             void (*write)(const struct status_view *view, struct evbuffer *out))
{
    struct evbuffer *out = evbuffer_new();

    cr_assert_not_null(out);
    write(view, out);
    size_t len = evbuffer_get_length(out);
    char *text = calloc(1, len + 1);
    cr_assert_not_null(text);
    cr_assert_eq(evbuffer_remove(out, text, len), (int)len);
    evbuffer_free(out);
    cr_assert_eq(strlen(text), len, "a NUL inside");
    return text;
}

#endif
