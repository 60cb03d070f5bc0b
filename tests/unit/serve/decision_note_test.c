#include "cli/serve/decision.h"

#include "tests/unit/serve/decision_world.h"

/*
 * A device's life: every request is decided and noted, as the server does.
 */
static struct decision_world world;
static int64_t now;

static void enter(void)
{
    world_init(&world, IMAGE_ESP8266);
    now = WORLD_NOW;
}

TestSuite(decision_note, .init = enter);

static enum decision_reason request_as(bool is_attempt)
{
    world.input.now = ++now;
    struct decision decision = decide(&world.input);

    decision_note(&world.record, &world.request, &decision, "127.0.0.1", now, is_attempt, NULL);
    return decision.reason;
}

static enum decision_reason ask(void)
{
    return request_as(true);
}

/* The whole body went out, as the server says then. */
static bool deliver(void)
{
    const struct served_image *image = release_image(&world.release, world.request.mode);

    return device_record_delivered(&world.record, world.request.mode, image->facts.md5);
}

static void report(const char *version)
{
    strcpy(world.request.version, version);
}

static void assert_offer(const struct device_offer *offer, enum offer_outcome outcome,
                         uint32_t attempts)
{
    cr_assert_eq(offer->outcome, outcome, "%s", offer_outcome_name(offer->outcome));
    cr_assert_eq(offer->attempts, attempts, "%u", offer->attempts);
}

#define ASSERT_SKETCH(outcome, attempts) assert_offer(&world.record.sketch, outcome, attempts)

Test(decision_note, a_device_that_was_never_seen_is_remembered_whole)
{
    enum offer_outcome before = OFFER_FAILED;
    struct decision decision = decide(&world.input);

    decision_note(&world.record, &world.request, &decision, "192.0.2.7", now, true, &before);
    cr_assert_eq(before, OFFER_NONE);
    cr_assert_eq(memcmp(&world.record.request, &world.request, sizeof world.request), 0);
    cr_assert_str_eq(world.record.address, "192.0.2.7");
    cr_assert_eq(world.record.first_seen, now);
    cr_assert_eq(world.record.last_seen, now);
    cr_assert_eq(world.record.requests, 1);
    cr_assert_eq(world.record.status, 200);
    cr_assert_eq(world.record.reason, REASON_OFFERED);
    cr_assert_str_eq(world.record.sketch.release, WORLD_RELEASE);
    cr_assert_eq(memcmp(world.record.sketch.md5, world.sketch.facts.md5, DIGEST_MD5_SIZE), 0);
    cr_assert_eq(world.record.sketch.when, now);
    ASSERT_SKETCH(OFFER_MADE, 1);
    assert_offer(&world.record.filesystem, OFFER_NONE, 0);
}

Test(decision_note, a_good_update_is_offered_delivered_and_reported)
{
    ask();
    ASSERT_SKETCH(OFFER_MADE, 1);
    cr_assert(deliver());
    ASSERT_SKETCH(OFFER_DELIVERED, 1);
    report(WORLD_RELEASE);
    cr_assert_eq(ask(), REASON_SAME_VERSION);
    ASSERT_SKETCH(OFFER_UPDATED, 1);
    cr_assert_eq(world.record.first_seen, WORLD_NOW + 1);
    cr_assert_eq(world.record.last_seen, now);
    cr_assert_eq(world.record.requests, 2);
    cr_assert_eq(world.record.status, 304);
    cr_assert_str_eq(world.record.request.version, WORLD_RELEASE);
}

Test(decision_note, a_digest_reports_the_release_as_well)
{
    ask();
    deliver();
    world_fill(world.request.sketch_md5, DIGEST_MD5_SIZE, 0x11);
    cr_assert_eq(ask(), REASON_SAME_DIGEST);
    ASSERT_SKETCH(OFFER_UPDATED, 1);
}

Test(decision_note, a_device_whose_delivery_nobody_saw_has_updated_all_the_same)
{
    ask();
    report(WORLD_RELEASE);
    ask();
    ASSERT_SKETCH(OFFER_UPDATED, 1);
}

Test(decision_note, a_device_that_comes_back_as_it_was_has_failed_and_may_try_again)
{
    ask();
    deliver();
    cr_assert_eq(ask(), REASON_OFFERED);
    ASSERT_SKETCH(OFFER_FAILED, 2);
    cr_assert_not(deliver());
    ASSERT_SKETCH(OFFER_FAILED, 2);
    cr_assert_eq(ask(), REASON_OFFERED);
    ASSERT_SKETCH(OFFER_FAILED, 3);
    cr_assert_eq(ask(), REASON_HELD_BACK);
    ASSERT_SKETCH(OFFER_HELD, 3);
    cr_assert_eq(ask(), REASON_HELD_BACK);
    ASSERT_SKETCH(OFFER_HELD, 3);
}

Test(decision_note, a_transfer_that_broke_is_no_failure_but_counts)
{
    for (uint32_t i = 1; i <= 3; i++) {
        cr_assert_eq(ask(), REASON_OFFERED);
        ASSERT_SKETCH(OFFER_MADE, i);
    }
    cr_assert_eq(ask(), REASON_HELD_BACK);
    ASSERT_SKETCH(OFFER_HELD, 3);
}

Test(decision_note, the_rest_of_a_broken_transfer_is_no_attempt)
{
    ask();
    for (unsigned i = 0; i < 10; i++)
        cr_assert_eq(request_as(false), REASON_OFFERED);
    ASSERT_SKETCH(OFFER_MADE, 1);
    cr_assert_eq(world.record.sketch.when, WORLD_NOW + 1);
    cr_assert_eq(world.record.requests, 11);
    cr_assert(deliver());
    ASSERT_SKETCH(OFFER_DELIVERED, 1);
}

Test(decision_note, a_look_at_the_headers_is_no_offer)
{
    cr_assert_eq(request_as(false), REASON_OFFERED);
    ASSERT_SKETCH(OFFER_NONE, 0);
    cr_assert_not(deliver());
    ASSERT_SKETCH(OFFER_NONE, 0);
}

Test(decision_note, failed_and_held_devices_that_report_it_after_all_have_updated)
{
    world_offer(&world, UPDATE_SKETCH, 2, OFFER_FAILED);
    report(WORLD_RELEASE);
    ask();
    ASSERT_SKETCH(OFFER_UPDATED, 2);

    world_offer(&world, UPDATE_SKETCH, 3, OFFER_HELD);
    ask();
    ASSERT_SKETCH(OFFER_UPDATED, 3);
}

Test(decision_note, a_held_device_is_sent_it_again_when_the_limit_is_raised)
{
    world_offer(&world, UPDATE_SKETCH, 3, OFFER_HELD);
    world.input.attempts = 4;
    cr_assert_eq(ask(), REASON_OFFERED);
    ASSERT_SKETCH(OFFER_MADE, 4);
    cr_assert_eq(ask(), REASON_HELD_BACK);
}

Test(decision_note, a_device_that_went_back_begins_anew)
{
    world_offer(&world, UPDATE_SKETCH, 3, OFFER_UPDATED);
    cr_assert_eq(ask(), REASON_OFFERED);
    ASSERT_SKETCH(OFFER_MADE, 1);
}

Test(decision_note, a_new_release_begins_anew)
{
    world_offer(&world, UPDATE_SKETCH, 3, OFFER_HELD);
    strcpy(world.release.name, "DOOR-9");
    cr_assert_eq(ask(), REASON_OFFERED);
    ASSERT_SKETCH(OFFER_MADE, 1);
    cr_assert_str_eq(world.record.sketch.release, "DOOR-9");
}

Test(decision_note, another_image_of_the_same_name_begins_anew)
{
    world_offer(&world, UPDATE_SKETCH, 3, OFFER_FAILED);
    world.sketch.facts.md5[5] ^= 1;
    cr_assert_eq(ask(), REASON_OFFERED);
    ASSERT_SKETCH(OFFER_MADE, 1);
    cr_assert_eq(memcmp(world.record.sketch.md5, world.sketch.facts.md5, DIGEST_MD5_SIZE), 0);
}

Test(decision_note, a_delivery_of_what_is_no_longer_offered_says_nothing)
{
    ask();
    world.sketch.facts.md5[5] ^= 1;
    cr_assert_not(deliver());
    ASSERT_SKETCH(OFFER_MADE, 1);
}

Test(decision_note, a_sketch_and_a_filesystem_are_offered_apart)
{
    ask();
    deliver();
    world.request.mode = UPDATE_FILESYSTEM;
    cr_assert_eq(ask(), REASON_OFFERED);
    ASSERT_SKETCH(OFFER_DELIVERED, 1);
    assert_offer(&world.record.filesystem, OFFER_MADE, 1);
    cr_assert(deliver());
    assert_offer(&world.record.filesystem, OFFER_DELIVERED, 1);
    report(WORLD_RELEASE);
    ask();
    assert_offer(&world.record.filesystem, OFFER_UPDATED, 1);
    ASSERT_SKETCH(OFFER_DELIVERED, 1);
}

Test(decision_note, a_device_that_reports_nothing_is_not_held_to_have_failed)
{
    world_init(&world, IMAGE_PICO);
    world.request.sent &= ~(unsigned)UPDATE_FIELD_VERSION;
    for (uint32_t i = 1; i <= 3; i++) {
        cr_assert_eq(ask(), REASON_OFFERED);
        deliver();
        ASSERT_SKETCH(OFFER_DELIVERED, i);
    }
    cr_assert_eq(ask(), REASON_HELD_BACK);
    ASSERT_SKETCH(OFFER_HELD, 3);
}

Test(decision_note, a_question_tells_how_the_offer_ended)
{
    ask();
    deliver();
    world.request.mode = UPDATE_VERSION;
    cr_assert_eq(ask(), REASON_VERSION_ASKED);
    ASSERT_SKETCH(OFFER_FAILED, 1);
    report(WORLD_RELEASE);
    cr_assert_eq(ask(), REASON_VERSION_ASKED);
    ASSERT_SKETCH(OFFER_UPDATED, 1);
}

Test(decision_note, what_was_offered_before_the_catalogue_changed_ends_as_well)
{
    ask();
    deliver();
    report(WORLD_RELEASE);
    world.input.release = NULL;
    cr_assert_eq(ask(), REASON_NOT_KNOWN);
    ASSERT_SKETCH(OFFER_UPDATED, 1);

    world_offer(&world, UPDATE_SKETCH, 1, OFFER_DELIVERED);
    report("DOOR-1");
    ask();
    ASSERT_SKETCH(OFFER_FAILED, 1);
}

Test(decision_note, a_digest_alone_is_not_held_against_a_release_that_is_gone)
{
    world.request.sent &= ~(unsigned)UPDATE_FIELD_VERSION;
    ask();
    deliver();
    world.input.release = NULL;
    ask();
    ASSERT_SKETCH(OFFER_DELIVERED, 1);
    world_fill(world.request.sketch_md5, DIGEST_MD5_SIZE, 0x10);
    ask();
    ASSERT_SKETCH(OFFER_UPDATED, 1);
}

Test(decision_note, a_refused_request_changes_no_header_that_is_remembered)
{
    ask();
    struct device_record before = world.record;

    report("half a request");
    world.input.refusal = UPDATE_MISSING;
    cr_assert_eq(ask(), REASON_REFUSED);
    cr_assert_eq(memcmp(&before.request, &world.record.request, sizeof before.request), 0);
    ASSERT_SKETCH(OFFER_MADE, 1);
    cr_assert_eq(before.sketch.when, world.record.sketch.when);
    cr_assert_eq(world.record.requests, 2);
    cr_assert_eq(world.record.status, 403);
    cr_assert_eq(world.record.reason, REASON_REFUSED);
    cr_assert_eq(world.record.last_seen, now);
}

Test(decision_note, a_refused_stranger_is_remembered_by_its_station_alone)
{
    world.input.refusal = UPDATE_MALFORMED;
    ask();
    cr_assert(mac_equal(&world.record.request.station, &world.request.station));
    cr_assert_eq(world.record.request.sent, 0);
    cr_assert_str_eq(world.record.request.version, "");
}

Test(decision_note, a_release_without_a_name_is_reported_by_its_digest_alone)
{
    world.release.name[0] = '\0';
    report("");
    ask();
    deliver();
    ask();
    ASSERT_SKETCH(OFFER_FAILED, 2);
    world_fill(world.request.sketch_md5, DIGEST_MD5_SIZE, 0x10);
    cr_assert_eq(ask(), REASON_SAME_DIGEST);
    ASSERT_SKETCH(OFFER_UPDATED, 2);
}

Test(decision_note, says_what_the_outcome_was_before)
{
    enum offer_outcome before;

    ask();
    deliver();
    struct decision decision = decide(&world.input);
    decision_note(&world.record, &world.request, &decision, "127.0.0.1", now, true, &before);
    cr_assert_eq(before, OFFER_DELIVERED);
    ASSERT_SKETCH(OFFER_FAILED, 2);
}

Test(decision_note, an_address_that_is_too_long_is_cut)
{
    struct decision decision = decide(&world.input);
    char address[200];

    memset(address, 'a', sizeof address - 1);
    address[sizeof address - 1] = '\0';
    decision_note(&world.record, &world.request, &decision, address, now, true, NULL);
    cr_assert_eq(strlen(world.record.address), sizeof world.record.address - 1);
}

Test(decision_note, every_outcome_has_its_own_name)
{
    for (int i = OFFER_NONE; i <= OFFER_HELD; i++) {
        for (int j = OFFER_NONE; j < i; j++)
            cr_assert_str_neq(offer_outcome_name((enum offer_outcome)i),
                              offer_outcome_name((enum offer_outcome)j));
    }
    cr_assert_str_eq(offer_outcome_name(OFFER_UPDATED), "updated");
    cr_assert_str_eq(offer_outcome_name(OFFER_FAILED), "failed");
    cr_assert_str_eq(offer_outcome_name((enum offer_outcome)99), "none");
}
