#include "cli/serve/decision.h"

#include "tests/unit/serve/decision_world.h"

/* Families that a row holds for. */
#define ESP8266 1u
#define ESP32   2u
#define PICO    4u
#define ALL     (ESP8266 | ESP32 | PICO)
#define ESP     (ESP8266 | ESP32)

struct row {
    const char *name;
    unsigned families;
    void (*arrange)(struct decision_world *world);
    enum decision_kind kind;
    enum decision_reason reason;
};

/* --- What is different from a device that is sent the sketch ---------------------------------- */

static void nothing(struct decision_world *world)
{
    (void)world;
}

static void never_seen(struct decision_world *world)
{
    world->input.device = NULL;
    world->input.tally = NULL;
}

static void refused(struct decision_world *world)
{
    world->input.refusal = UPDATE_MISSING;
}

static void refused_and_unknown(struct decision_world *world)
{
    world->input.refusal = UPDATE_NO_UPDATER;
    world->input.release = NULL;
}

static void unknown(struct decision_world *world)
{
    world->input.release = NULL;
}

static void unknown_question(struct decision_world *world)
{
    world->request.mode = UPDATE_VERSION;
    world->input.release = NULL;
}

static void no_sketch(struct decision_world *world)
{
    world->release.sketch = NULL;
}

static void filesystem(struct decision_world *world)
{
    world->request.mode = UPDATE_FILESYSTEM;
}

static void no_filesystem(struct decision_world *world)
{
    filesystem(world);
    world->release.filesystem = NULL;
}

static void question(struct decision_world *world)
{
    world->request.mode = UPDATE_VERSION;
}

static void question_of_the_updated(struct decision_world *world)
{
    question(world);
    strcpy(world->request.version, WORLD_RELEASE);
}

static void question_without_sketch(struct decision_world *world)
{
    question(world);
    world->release.sketch = NULL;
}

static void same_version(struct decision_world *world)
{
    strcpy(world->request.version, WORLD_RELEASE);
}

static void same_version_of_another_family(struct decision_world *world)
{
    same_version(world);
    world->release.family = world->request.family == IMAGE_ESP32 ? IMAGE_PICO : IMAGE_ESP32;
}

static void same_version_of_filesystem(struct decision_world *world)
{
    same_version(world);
    filesystem(world);
}

static void version_that_only_begins_alike(struct decision_world *world)
{
    strcpy(world->request.version, WORLD_RELEASE "1");
}

static void version_in_another_case(struct decision_world *world)
{
    strcpy(world->request.version, "door-8");
}

static void version_not_sent(struct decision_world *world)
{
    world->request.sent &= ~(unsigned)UPDATE_FIELD_VERSION;
    strcpy(world->request.version, WORLD_RELEASE);
}

static void same_md5(struct decision_world *world)
{
    world_fill(world->request.sketch_md5, DIGEST_MD5_SIZE, 0x10);
}

static void same_md5_but_for_the_mode(struct decision_world *world)
{
    world_fill(world->request.sketch_md5, DIGEST_MD5_SIZE, 0x11);
}

static void another_md5(struct decision_world *world)
{
    world_fill(world->request.sketch_md5, DIGEST_MD5_SIZE, 0x12);
}

static void md5_not_sent(struct decision_world *world)
{
    same_md5(world);
    world->request.sent &= ~(unsigned)UPDATE_FIELD_SKETCH_MD5;
}

static void same_md5_for_filesystem(struct decision_world *world)
{
    same_md5(world);
    filesystem(world);
    world->filesystem.facts.running_md5_count = 1;
    world_fill(world->filesystem.facts.running_md5[0], DIGEST_MD5_SIZE, 0x10);
}

static void same_sha256(struct decision_world *world)
{
    world_fill(world->request.sketch_sha256, DIGEST_SHA256_SIZE, 0x20);
}

static void same_appended_sha256(struct decision_world *world)
{
    world_fill(world->request.sketch_sha256, DIGEST_SHA256_SIZE, 0x21);
}

static void sha256_not_sent(struct decision_world *world)
{
    same_sha256(world);
    world->request.sent &= ~(unsigned)UPDATE_FIELD_SKETCH_SHA256;
}

static void other_family(struct decision_world *world)
{
    world->release.family = world->request.family == IMAGE_ESP8266 ? IMAGE_ESP32 : IMAGE_ESP8266;
}

static void other_family_and_no_space(struct decision_world *world)
{
    other_family(world);
    world->request.free_space = 0;
}

static void other_family_of_filesystem(struct decision_world *world)
{
    other_family(world);
    filesystem(world);
}

static void any_family(struct decision_world *world)
{
    world->release.family = IMAGE_UNKNOWN;
}

static void just_enough_space(struct decision_world *world)
{
    world->request.free_space = WORLD_SIZE;
}

static void a_byte_too_little_space(struct decision_world *world)
{
    world->request.free_space = WORLD_SIZE - 1;
}

static void little_space_for_filesystem(struct decision_world *world)
{
    world->request.free_space = 0;
    world->request.chip_size = 0;
    filesystem(world);
}

static void no_space_and_small_flash(struct decision_world *world)
{
    world->request.free_space = 0;
    world->request.chip_size = 0;
}

static void smaller_flash(struct decision_world *world)
{
    world->request.chip_size = WORLD_FLASH / 2;
}

static void smaller_flash_and_held(struct decision_world *world)
{
    smaller_flash(world);
    world_offer(world, UPDATE_SKETCH, 3, OFFER_MADE);
}

static void larger_flash(struct decision_world *world)
{
    world->request.chip_size = 2ull * WORLD_FLASH;
}

static void flash_not_known(struct decision_world *world)
{
    world->sketch.facts.flash_size = 0;
    world->request.chip_size = 1024;
}

static void offered_twice(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 2, OFFER_MADE);
}

static void offered_three_times(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 3, OFFER_MADE);
}

static void failed_three_times(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 3, OFFER_FAILED);
}

static void held_and_early(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 3, OFFER_HELD);
    world->release.after = WORLD_NOW + 1;
}

static void never_held_back(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 1000, OFFER_FAILED);
    world->input.attempts = 0;
}

static void another_image_was_held(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 3, OFFER_HELD);
    world->record.sketch.md5[0] ^= 1;
}

static void another_release_was_held(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 3, OFFER_HELD);
    strcpy(world->record.sketch.release, "DOOR-7");
}

static void filesystem_was_held(struct decision_world *world)
{
    world_offer(world, UPDATE_FILESYSTEM, 3, OFFER_HELD);
}

static void filesystem_is_held(struct decision_world *world)
{
    filesystem_was_held(world);
    filesystem(world);
}

static void gone_back(struct decision_world *world)
{
    world_offer(world, UPDATE_SKETCH, 3, OFFER_UPDATED);
}

static void early(struct decision_world *world)
{
    world->release.after = WORLD_NOW + 1;
}

static void on_time(struct decision_world *world)
{
    world->release.after = WORLD_NOW;
}

static void early_but_offered(struct decision_world *world)
{
    early(world);
    offered_twice(world);
}

static void early_and_stopped(struct decision_world *world)
{
    early(world);
    world->release.has_stop = true;
    world->tally = (struct release_tally){ .offered = 1, .failed = 1 };
}

static void stopped(struct decision_world *world)
{
    world->release.has_stop = true;
    world->release.stop_if_failing = RELEASE_WHOLE / 20;
    world->tally = (struct release_tally){ .offered = 20, .failed = 1 };
}

static void stopped_though_offered(struct decision_world *world)
{
    stopped(world);
    offered_twice(world);
}

static void stopped_and_not_included(struct decision_world *world)
{
    stopped(world);
    world->release.rollout = 0;
}

static void stopped_by_this_very_device(struct decision_world *world)
{
    stopped(world);
    world->tally.failed = 0;
    world_offer(world, UPDATE_SKETCH, 1, OFFER_DELIVERED);
}

static void nearly_stopped(struct decision_world *world)
{
    stopped(world);
    world->tally.offered = 21;
}

static void not_included(struct decision_world *world)
{
    world->release.rollout = 0;
}

static void not_included_but_offered(struct decision_world *world)
{
    not_included(world);
    offered_twice(world);
}

/* --- The table -------------------------------------------------------------------------------- */

#define SEND      DECISION_SEND, REASON_OFFERED
#define NONE(why) DECISION_NOTHING, REASON_##why
#define ROW(families, arrange, ...)              \
    {                                            \
#arrange, families, arrange, __VA_ARGS__ \
    }

static const struct row rows[] = {
    ROW(ALL, nothing, SEND),
    ROW(ALL, never_seen, SEND),
    ROW(ALL, filesystem, SEND),
    ROW(ALL, refused, DECISION_FORBIDDEN, REASON_REFUSED),
    ROW(ALL, refused_and_unknown, DECISION_FORBIDDEN, REASON_REFUSED),
    ROW(ALL, unknown, DECISION_UNKNOWN, REASON_NOT_KNOWN),
    ROW(ALL, unknown_question, DECISION_UNKNOWN, REASON_NOT_KNOWN),
    ROW(ALL, no_sketch, NONE(NO_IMAGE)),
    ROW(ALL, no_filesystem, NONE(NO_IMAGE)),
    ROW(ALL, question, DECISION_VERSION, REASON_VERSION_ASKED),
    ROW(ALL, question_of_the_updated, DECISION_VERSION, REASON_VERSION_ASKED),
    ROW(ALL, question_without_sketch, NONE(NO_IMAGE)),
    ROW(ALL, same_version, NONE(SAME_VERSION)),
    ROW(ALL, same_version_of_another_family, NONE(SAME_VERSION)),
    ROW(ALL, same_version_of_filesystem, NONE(SAME_VERSION)),
    ROW(ALL, version_that_only_begins_alike, SEND),
    ROW(ALL, version_in_another_case, SEND),
    ROW(ALL, version_not_sent, SEND),
    ROW(ESP, same_md5, NONE(SAME_DIGEST)),
    ROW(ESP, same_md5_but_for_the_mode, NONE(SAME_DIGEST)),
    ROW(ESP, another_md5, SEND),
    ROW(ALL, md5_not_sent, SEND),
    ROW(ALL, same_md5_for_filesystem, SEND),
    ROW(ESP32, same_sha256, NONE(SAME_DIGEST)),
    ROW(ESP32, same_appended_sha256, NONE(SAME_DIGEST)),
    ROW(ALL, sha256_not_sent, SEND),
    ROW(ALL, other_family, NONE(OTHER_FAMILY)),
    ROW(ALL, other_family_and_no_space, NONE(OTHER_FAMILY)),
    ROW(ALL, other_family_of_filesystem, NONE(OTHER_FAMILY)),
    ROW(ALL, any_family, SEND),
    ROW(ALL, just_enough_space, SEND),
    ROW(ESP, a_byte_too_little_space, NONE(NO_SPACE)),
    ROW(ESP, no_space_and_small_flash, NONE(NO_SPACE)),
    ROW(PICO, no_space_and_small_flash, SEND),
    ROW(ALL, little_space_for_filesystem, SEND),
    ROW(ESP, smaller_flash, NONE(LARGER_FLASH)),
    ROW(ESP, smaller_flash_and_held, NONE(LARGER_FLASH)),
    ROW(PICO, smaller_flash, SEND),
    ROW(ALL, larger_flash, SEND),
    ROW(ALL, flash_not_known, SEND),
    ROW(ALL, offered_twice, SEND),
    ROW(ALL, offered_three_times, NONE(HELD_BACK)),
    ROW(ALL, failed_three_times, NONE(HELD_BACK)),
    ROW(ALL, held_and_early, NONE(HELD_BACK)),
    ROW(ALL, filesystem_is_held, NONE(HELD_BACK)),
    ROW(ALL, never_held_back, SEND),
    ROW(ALL, another_image_was_held, SEND),
    ROW(ALL, another_release_was_held, SEND),
    ROW(ALL, filesystem_was_held, SEND),
    ROW(ALL, gone_back, SEND),
    ROW(ALL, early, NONE(TOO_EARLY)),
    ROW(ALL, early_and_stopped, NONE(TOO_EARLY)),
    ROW(ALL, on_time, SEND),
    ROW(ALL, early_but_offered, SEND),
    ROW(ALL, stopped, NONE(STOPPED)),
    ROW(ALL, stopped_though_offered, NONE(STOPPED)),
    ROW(ALL, stopped_and_not_included, NONE(STOPPED)),
    ROW(ALL, stopped_by_this_very_device, NONE(STOPPED)),
    ROW(ALL, nearly_stopped, SEND),
    ROW(ALL, not_included, NONE(NOT_INCLUDED)),
    ROW(ALL, not_included_but_offered, SEND),
};

Test(decision, is_made_row_by_row_of_the_table)
{
    static const enum image_kind families[] = { IMAGE_ESP8266, IMAGE_ESP32, IMAGE_PICO };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        for (unsigned family = 0; family < 3; family++) {
            struct decision_world world;
            if (!(row->families & 1u << family))
                continue;
            world_init(&world, families[family]);
            row->arrange(&world);
            struct decision decision = decide(&world.input);
            cr_expect_eq(decision.reason, row->reason, "%s, %s: %s", row->name,
                         image_kind_name(families[family]), decision_reason_name(decision.reason));
            cr_expect_eq(decision.kind, row->kind, "%s", row->name);
            cr_expect_eq(decision.release,
                         row->reason == REASON_REFUSED ? NULL : world.input.release, "%s",
                         row->name);
            cr_expect_eq(decision.image,
                         row->kind == DECISION_SEND
                             ? release_image(&world.release, world.request.mode)
                             : NULL,
                         "%s", row->name);
        }
    }
}

Test(decision, the_table_has_every_reason)
{
    for (int reason = REASON_OFFERED; reason <= REASON_REFUSED; reason++) {
        size_t i = 0;
        while (i < sizeof rows / sizeof *rows && rows[i].reason != (enum decision_reason)reason)
            i++;
        cr_expect_lt(i, sizeof rows / sizeof *rows, "%d", reason);
    }
}

/* What decide_simply() says to the world's device. */
static struct decision simply(struct decision_world *world)
{
    world->release.name[0] = '\0';
    return decide_simply(&world->request, &world->release);
}

Test(decision, without_a_catalogue_everyone_is_sent_the_image_as_often_as_it_asks)
{
    static void (*const arranged[])(struct decision_world *) = {
        nothing,          never_seen, filesystem,         other_family, no_space_and_small_flash,
        version_not_sent, early,      failed_three_times, not_included, stopped,
    };

    for (size_t i = 0; i < sizeof arranged / sizeof *arranged; i++) {
        struct decision_world world;
        world_init(&world, IMAGE_ESP8266);
        arranged[i](&world);
        struct decision decision = simply(&world);
        cr_expect_eq(decision.kind, DECISION_SEND, "%zu", i);
        cr_expect_eq(decision.image, release_image(&world.release, world.request.mode));
        cr_expect_eq(decision.release, &world.release);
    }
}

Test(decision, without_a_catalogue_a_device_is_not_sent_what_it_runs_or_cannot_use)
{
    static const struct {
        void (*arrange)(struct decision_world *world);
        enum decision_kind kind;
        enum decision_reason reason;
    } cases[] = {
        { same_md5_but_for_the_mode, DECISION_NOTHING, REASON_SAME_DIGEST },
        { same_md5_for_filesystem, DECISION_SEND, REASON_OFFERED },
        { no_sketch, DECISION_NOTHING, REASON_NO_IMAGE },
        { no_filesystem, DECISION_NOTHING, REASON_NO_IMAGE },
        { question, DECISION_VERSION, REASON_VERSION_ASKED },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct decision_world world;
        world_init(&world, IMAGE_ESP8266);
        cases[i].arrange(&world);
        struct decision decision = simply(&world);
        cr_expect_eq(decision.kind, cases[i].kind, "%zu", i);
        cr_expect_eq(decision.reason, cases[i].reason, "%zu", i);
        cr_expect_eq(decision.image != NULL, decision.kind == DECISION_SEND, "%zu", i);
    }
}

Test(decision, has_the_status_that_clients_know)
{
    cr_assert_eq(decision_status(DECISION_SEND), 200);
    cr_assert_eq(decision_status(DECISION_VERSION), 200);
    cr_assert_eq(decision_status(DECISION_NOTHING), 304);
    cr_assert_eq(decision_status(DECISION_FORBIDDEN), 403);
    cr_assert_eq(decision_status(DECISION_UNKNOWN), 404);
}

Test(decision, every_reason_has_its_own_name_and_text)
{
    for (int i = REASON_OFFERED; i <= REASON_REFUSED; i++) {
        const char *name = decision_reason_name((enum decision_reason)i);
        cr_assert_not_null(name);
        cr_assert_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name), "%s", name);
        cr_assert_gt(strlen(decision_reason_text((enum decision_reason)i)), 10);
        for (int j = REASON_OFFERED; j < i; j++)
            cr_assert_str_neq(name, decision_reason_name((enum decision_reason)j));
    }
    cr_assert_str_eq(decision_reason_name((enum decision_reason)1000), "unknown");
}
