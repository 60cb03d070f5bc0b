/*
 * A release with its images, and a device of each family that can take them, for tests of
 * decision.h.
 */
#ifndef TESTS_DECISION_WORLD_H
#define TESTS_DECISION_WORLD_H

#include "cli/serve/decision.h"
#include "tests/unit/serve/stock_requests.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define WORLD_NOW     ((int64_t)1796112000)
#define WORLD_RELEASE "DOOR-8"
#define WORLD_SIZE    400000
#define WORLD_FLASH   (4u << 20)

struct decision_world {
    struct served_image sketch;
    struct served_image filesystem;
    struct release release;
    struct release_tally tally;
    struct update_request request; /* as its stock client sends it, with an older version */
    struct device_record record;
    struct decision_input input; /* of all this; `device` is the record */
};

/* Digests that differ in their first byte. */
static inline void world_fill(uint8_t *out, size_t len, uint8_t first)
{
    memset(out, 0x55, len);
    out[0] = first;
}

static inline void world_images(struct decision_world *world, enum image_kind family)
{
    struct image_facts *sketch = &world->sketch.facts;
    struct image_facts *filesystem = &world->filesystem.facts;

    sketch->size = WORLD_SIZE;
    sketch->kind = family;
    sketch->flash_size = WORLD_FLASH;
    world_fill(sketch->md5, sizeof sketch->md5, 0x10);
    sketch->running_md5_count = 2;
    world_fill(sketch->running_md5[0], DIGEST_MD5_SIZE, 0x10);
    world_fill(sketch->running_md5[1], DIGEST_MD5_SIZE, 0x11);
    sketch->running_sha256_count = 2;
    world_fill(sketch->running_sha256[0], DIGEST_SHA256_SIZE, 0x20);
    world_fill(sketch->running_sha256[1], DIGEST_SHA256_SIZE, 0x21);
    filesystem->size = 2000000; /* more than any sketch may have */
    filesystem->kind = IMAGE_LITTLEFS;
    world_fill(filesystem->md5, sizeof filesystem->md5, 0x30);
    strcpy(world->release.name, WORLD_RELEASE);
    world->release.family = family;
    world->release.sketch = &world->sketch;
    world->release.filesystem = &world->filesystem;
    world->release.rollout = RELEASE_WHOLE;
}

/* Everything for a device of this family to be sent the sketch. */
static inline void world_init(struct decision_world *world, enum image_kind family)
{
    const struct stock_header *header = family == IMAGE_ESP8266 ? stock_esp8266
                                        : family == IMAGE_ESP32 ? stock_esp32
                                                                : stock_pico;
    struct update_parser parser;

    memset(world, 0, sizeof *world);
    world_images(world, family);
    update_parser_init(&parser);
    for (; header->name; header++)
        update_parser_take(&parser, header->name, header->value);
    cr_assert_eq(update_parser_end(&parser), UPDATE_ACCEPTED);
    world->request = parser.request;
    world->input = (struct decision_input){
        .refusal = UPDATE_ACCEPTED,
        .request = &world->request,
        .release = &world->release,
        .tally = &world->tally,
        .device = &world->record,
        .now = WORLD_NOW,
        .attempts = 3,
    };
}

/* The latest offer of a kind, as if it had been noted. */
static inline void world_offer(struct decision_world *world, enum update_mode mode,
                               uint32_t attempts, enum offer_outcome outcome)
{
    struct device_offer *offer = device_record_offer(&world->record, mode);

    strcpy(offer->release, world->release.name);
    memcpy(offer->md5, release_image(&world->release, mode)->facts.md5, sizeof offer->md5);
    offer->attempts = attempts;
    offer->outcome = outcome;
    offer->when = WORLD_NOW - 60;
}

#endif
