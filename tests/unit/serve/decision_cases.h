/*
 * What may be different from a device that is sent the sketch: the rows of decision_test.c.
 */
#ifndef TESTS_DECISION_CASES_H
#define TESTS_DECISION_CASES_H

#include "tests/unit/serve/decision_world.h"

static inline void nothing(struct decision_world *world)
{
    (void)world;
}

static inline void never_seen(struct decision_world *world)
{
    world->input.device = NULL;
    world->input.tally = NULL;
}

static inline void refused(struct decision_world *world)
{
    world->input.refusal = UPDATE_MISSING;
}

static inline void refused_and_unknown(struct decision_world *world)
{
    world->input.refusal = UPDATE_NO_UPDATER;
    world->input.release = NULL;
}

static inline void unknown(struct decision_world *world)
{
    world->input.release = NULL;
}

static inline void unknown_question(struct decision_world *world)
{
    world->request.mode = UPDATE_VERSION;
    world->input.release = NULL;
}

static inline void no_sketch(struct decision_world *world)
{
    world->release.sketch = NULL;
}

static inline void filesystem(struct decision_world *world)
{
    world->request.mode = UPDATE_FILESYSTEM;
}

static inline void no_filesystem(struct decision_world *world)
{
    filesystem(world);
    world->release.filesystem = NULL;
}

static inline void question(struct decision_world *world)
{
    world->request.mode = UPDATE_VERSION;
}

static inline void question_of_the_updated(struct decision_world *world)
{
    question(world);
    strcpy(world->request.version, WORLD_RELEASE);
}

static inline void question_without_sketch(struct decision_world *world)
{
    question(world);
    world->release.sketch = NULL;
}

static inline void same_version(struct decision_world *world)
{
    strcpy(world->request.version, WORLD_RELEASE);
}

static inline void same_version_of_another_family(struct decision_world *world)
{
    same_version(world);
    world->release.family = world->request.family == IMAGE_ESP32 ? IMAGE_PICO : IMAGE_ESP32;
}

static inline void same_version_of_filesystem(struct decision_world *world)
{
    same_version(world);
    filesystem(world);
}

static inline void version_that_only_begins_alike(struct decision_world *world)
{
    strcpy(world->request.version, WORLD_RELEASE "1");
}

static inline void version_in_another_case(struct decision_world *world)
{
    strcpy(world->request.version, "door-8");
}

static inline void version_not_sent(struct decision_world *world)
{
    world->request.sent &= ~(unsigned)UPDATE_FIELD_VERSION;
    strcpy(world->request.version, WORLD_RELEASE);
}

static inline void same_md5(struct decision_world *world)
{
    world_fill(world->request.sketch_md5, DIGEST_MD5_SIZE, 0x10);
}

static inline void same_md5_but_for_the_mode(struct decision_world *world)
{
    world_fill(world->request.sketch_md5, DIGEST_MD5_SIZE, 0x11);
}

static inline void another_md5(struct decision_world *world)
{
    world_fill(world->request.sketch_md5, DIGEST_MD5_SIZE, 0x12);
}

static inline void md5_not_sent(struct decision_world *world)
{
    same_md5(world);
    world->request.sent &= ~(unsigned)UPDATE_FIELD_SKETCH_MD5;
}

static inline void same_md5_for_filesystem(struct decision_world *world)
{
    same_md5(world);
    filesystem(world);
    world->filesystem.facts.running_md5_count = 1;
    world_fill(world->filesystem.facts.running_md5[0], DIGEST_MD5_SIZE, 0x10);
}

static inline void same_sha256(struct decision_world *world)
{
    world_fill(world->request.sketch_sha256, DIGEST_SHA256_SIZE, 0x20);
}

static inline void same_appended_sha256(struct decision_world *world)
{
    world_fill(world->request.sketch_sha256, DIGEST_SHA256_SIZE, 0x21);
}

static inline void sha256_not_sent(struct decision_world *world)
{
    same_sha256(world);
    world->request.sent &= ~(unsigned)UPDATE_FIELD_SKETCH_SHA256;
}

static inline void other_family(struct decision_world *world)
{
    world->release.family = world->request.family == IMAGE_ESP8266 ? IMAGE_ESP32 : IMAGE_ESP8266;
}

static inline void other_family_and_no_space(struct decision_world *world)
{
    other_family(world);
    world->request.free_space = 0;
}

static inline void other_family_of_filesystem(struct decision_world *world)
{
    other_family(world);
    filesystem(world);
}

static inline void any_family(struct decision_world *world)
{
    world->release.family = IMAGE_UNKNOWN;
}

static inline void just_enough_space(struct decision_world *world)
{
    world->request.free_space = WORLD_SIZE;
}

static inline void a_byte_too_little_space(struct decision_world *world)
{
    world->request.free_space = WORLD_SIZE - 1;
}

static inline void little_space_for_filesystem(struct decision_world *world)
{
    world->request.free_space = 0;
    world->request.chip_size = 0;
    filesystem(world);
}

static inline void no_space_and_small_flash(struct decision_world *world)
{
    world->request.free_space = 0;
    world->request.chip_size = 0;
}

static inline void smaller_flash(struct decision_world *world)
{
    world->request.chip_size = WORLD_FLASH / 2;
}

static inline void smaller_flash_and_held(struct decision_world *world)
{
    smaller_flash(world);
    world_offer(world, UPDATE_SKETCH, 3, OFFER_MADE);
}

static inline void larger_flash(struct decision_world *world)
{
    world->request.chip_size = 2ull * WORLD_FLASH;
}

static inline void flash_not_known(struct decision_world *world)
{
    world->sketch.facts.flash_size = 0;
    world->request.chip_size = 1024;
}

static inline void offered_twice(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 2, OFFER_MADE);
}

static inline void offered_three_times(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 3, OFFER_MADE);
}

static inline void failed_three_times(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 3, OFFER_FAILED);
}

static inline void held_and_early(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 3, OFFER_HELD);
    world->release.after = WORLD_NOW + 1;
}

static inline void never_held_back(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 1000, OFFER_FAILED);
    world->input.attempts = 0;
}

static inline void another_image_was_held(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 3, OFFER_HELD);
    world->record.sketch.md5[0] ^= 1;
}

static inline void another_release_was_held(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 3, OFFER_HELD);
    strcpy(world->record.sketch.release, "DOOR-7");
}

static inline void filesystem_was_held(struct decision_world *world)
{
    world_offer(world, UPDATE_FILESYSTEM, 3, OFFER_HELD);
}

static inline void filesystem_is_held(struct decision_world *world)
{
    filesystem_was_held(world);
    filesystem(world);
}

static inline void gone_back(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 3, OFFER_UPDATED);
}

static inline void early(struct decision_world *world)
{
    world->release.after = WORLD_NOW + 1;
}

static inline void on_time(struct decision_world *world)
{
    world->release.after = WORLD_NOW;
}

static inline void early_but_offered(struct decision_world *world)
{
    early(world);
    offered_twice(world);
}

static inline void early_and_stopped(struct decision_world *world)
{
    early(world);
    world->release.has_stop = true;
    world->tally = (struct release_tally){ .offered = 1, .failed = 1 };
}

static inline void stopped(struct decision_world *world)
{
    world->release.has_stop = true;
    world->release.stop_if_failing = RELEASE_WHOLE / 20;
    world->tally = (struct release_tally){ .offered = 20, .failed = 1 };
}

static inline void stopped_though_offered(struct decision_world *world)
{
    stopped(world);
    offered_twice(world);
}

static inline void stopped_and_not_included(struct decision_world *world)
{
    stopped(world);
    world->release.rollout = 0;
}

static inline void stopped_by_this_very_device(struct decision_world *world)
{
    stopped(world);
    world->tally.failed = 0;
    world_offer(world, UPDATE_SKETCH, 1, OFFER_DELIVERED);
}

static inline void nearly_stopped(struct decision_world *world)
{
    stopped(world);
    world->tally.offered = 21;
}

static inline void not_included(struct decision_world *world)
{
    world->release.rollout = 0;
}

static inline void not_included_but_offered(struct decision_world *world)
{
    not_included(world);
    offered_twice(world);
}

#endif
