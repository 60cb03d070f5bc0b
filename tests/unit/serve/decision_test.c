#include "cli/serve/decision.h"

#include "tests/unit/serve/decision_cases.h"

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

/* --- The table -------------------------------------------------------------------------------- */

#define SEND                    DECISION_SEND, REASON_OFFERED
#define NONE(why)               DECISION_NOTHING, REASON_##why
#define CASE(families, arrange) #arrange, families, arrange

static const struct row rows[] = {
    { CASE(ALL, nothing), SEND },
    { CASE(ALL, never_seen), SEND },
    { CASE(ALL, filesystem), SEND },
    { CASE(ALL, refused), DECISION_FORBIDDEN, REASON_REFUSED },
    { CASE(ALL, refused_and_unknown), DECISION_FORBIDDEN, REASON_REFUSED },
    { CASE(ALL, unknown), DECISION_UNKNOWN, REASON_NOT_KNOWN },
    { CASE(ALL, unknown_question), DECISION_UNKNOWN, REASON_NOT_KNOWN },
    { CASE(ALL, no_sketch), NONE(NO_IMAGE) },
    { CASE(ALL, no_filesystem), NONE(NO_IMAGE) },
    { CASE(ALL, question), DECISION_VERSION, REASON_VERSION_ASKED },
    { CASE(ALL, question_of_the_updated), DECISION_VERSION, REASON_VERSION_ASKED },
    { CASE(ALL, question_without_sketch), NONE(NO_IMAGE) },
    { CASE(ALL, same_version), NONE(SAME_VERSION) },
    { CASE(ALL, same_version_of_another_family), NONE(SAME_VERSION) },
    { CASE(ALL, same_version_of_filesystem), NONE(SAME_VERSION) },
    { CASE(ALL, version_that_only_begins_alike), SEND },
    { CASE(ALL, version_in_another_case), SEND },
    { CASE(ALL, version_not_sent), SEND },
    { CASE(ESP, same_md5), NONE(SAME_DIGEST) },
    { CASE(ESP, same_md5_but_for_the_mode), NONE(SAME_DIGEST) },
    { CASE(ESP, another_md5), SEND },
    { CASE(ALL, md5_not_sent), SEND },
    { CASE(ALL, same_md5_for_filesystem), SEND },
    { CASE(ESP32, same_sha256), NONE(SAME_DIGEST) },
    { CASE(ESP32, same_appended_sha256), NONE(SAME_DIGEST) },
    { CASE(ALL, sha256_not_sent), SEND },
    { CASE(ALL, other_family), NONE(OTHER_FAMILY) },
    { CASE(ALL, other_family_and_no_space), NONE(OTHER_FAMILY) },
    { CASE(ALL, other_family_of_filesystem), NONE(OTHER_FAMILY) },
    { CASE(ALL, any_family), SEND },
    { CASE(ALL, just_enough_space), SEND },
    { CASE(ESP, a_byte_too_little_space), NONE(NO_SPACE) },
    { CASE(ESP, no_space_and_small_flash), NONE(NO_SPACE) },
    { CASE(PICO, no_space_and_small_flash), SEND },
    { CASE(ALL, little_space_for_filesystem), SEND },
    { CASE(ESP, smaller_flash), NONE(LARGER_FLASH) },
    { CASE(ESP, smaller_flash_and_held), NONE(LARGER_FLASH) },
    { CASE(PICO, smaller_flash), SEND },
    { CASE(ALL, larger_flash), SEND },
    { CASE(ALL, flash_not_known), SEND },
    { CASE(ALL, offered_twice), SEND },
    { CASE(ALL, offered_three_times), NONE(HELD_BACK) },
    { CASE(ALL, failed_three_times), NONE(HELD_BACK) },
    { CASE(ALL, held_and_early), NONE(HELD_BACK) },
    { CASE(ALL, filesystem_is_held), NONE(HELD_BACK) },
    { CASE(ALL, never_held_back), SEND },
    { CASE(ALL, another_image_was_held), SEND },
    { CASE(ALL, another_release_was_held), SEND },
    { CASE(ALL, filesystem_was_held), SEND },
    { CASE(ALL, gone_back), SEND },
    { CASE(ALL, early), NONE(TOO_EARLY) },
    { CASE(ALL, early_and_stopped), NONE(TOO_EARLY) },
    { CASE(ALL, on_time), SEND },
    { CASE(ALL, early_but_offered), SEND },
    { CASE(ALL, stopped), NONE(STOPPED) },
    { CASE(ALL, stopped_though_offered), NONE(STOPPED) },
    { CASE(ALL, stopped_and_not_included), NONE(STOPPED) },
    { CASE(ALL, stopped_by_this_very_device), NONE(STOPPED) },
    { CASE(ALL, nearly_stopped), SEND },
    { CASE(ALL, not_included), NONE(NOT_INCLUDED) },
    { CASE(ALL, not_included_but_offered), SEND },
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
