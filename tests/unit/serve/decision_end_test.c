#include "cli/serve/decision.h"

#include "tests/unit/serve/decision_world.h"

/*
 * How answers end, and what that says of the offer.
 */
static struct decision_world world;

static void enter(void)
{
    world_init(&world, IMAGE_ESP8266);
}

TestSuite(decision_end, .init = enter);

/* The device asks, for the image from its start or for the rest of it. */
static enum decision_reason ask(bool is_attempt)
{
    struct decision decision = decide(&world.input);

    decision_note(&world.record, &world.request, &decision, "127.0.0.1", WORLD_NOW, is_attempt,
                  NULL);
    return decision.reason;
}

static bool end(bool had_whole, bool was_counted, bool has_asked_since)
{
    const struct offer_end end = {
        .mode = world.request.mode,
        .md5 = world.sketch.facts.md5,
        .had_whole = had_whole,
        .was_counted = was_counted,
        .has_asked_since = has_asked_since,
    };

    return decision_note_end(&world.record, &end);
}

static void expect_sketch(enum offer_outcome outcome, uint32_t attempts)
{
    cr_expect_eq(world.record.sketch.outcome, outcome, "%s",
                 offer_outcome_name(world.record.sketch.outcome));
    cr_expect_eq(world.record.sketch.attempts, attempts, "%u", world.record.sketch.attempts);
}

Test(decision_end, an_image_that_arrived_is_delivered)
{
    ask(true);
    cr_assert(end(true, true, false));
    expect_sketch(OFFER_DELIVERED, 1);
    cr_assert_not(end(true, true, false), "it is delivered twice");
}

Test(decision_end, an_attempt_that_broke_is_none)
{
    for (int i = 0; i < 10; i++) {
        cr_assert_eq(ask(true), REASON_OFFERED, "the %d. time", i + 1);
        expect_sketch(OFFER_MADE, 1);
        cr_assert(end(false, true, false));
        expect_sketch(OFFER_MADE, 0);
    }
}

Test(decision_end, the_rest_that_completes_a_broken_one_is_one)
{
    ask(true);
    end(false, true, false);
    ask(false);
    cr_assert_not(end(false, false, false), "a rest that breaks as well changes nothing");
    ask(false);
    cr_assert(end(true, false, false));
    expect_sketch(OFFER_DELIVERED, 1);
}

Test(decision_end, who_is_held_because_of_transfers_that_had_only_broken_is_let_go)
{
    world.input.attempts = 2;
    ask(true);
    ask(true);
    cr_assert_eq(ask(true), REASON_HELD_BACK);
    expect_sketch(OFFER_HELD, 2);
    cr_assert(end(false, true, true));
    expect_sketch(OFFER_MADE, 1);
    cr_assert_eq(ask(true), REASON_OFFERED);
}

Test(decision_end, who_has_asked_again_before_the_end_was_noticed_has_failed)
{
    ask(true);
    ask(true);
    cr_assert(end(true, true, true));
    expect_sketch(OFFER_FAILED, 2);
}

Test(decision_end, but_not_who_asked_for_something_else_or_says_nothing)
{
    ask(true);
    world.record.request.mode = UPDATE_FILESYSTEM;
    cr_assert(end(true, true, true));
    expect_sketch(OFFER_DELIVERED, 1);
    enter();
    ask(true);
    world.record.request.sent = 0;
    cr_assert(end(true, true, true));
    expect_sketch(OFFER_DELIVERED, 1);
}

Test(decision_end, who_reports_it_already_has_updated)
{
    ask(true);
    snprintf(world.request.version, sizeof world.request.version, "%s", WORLD_RELEASE);
    ask(true);
    cr_assert_not(end(true, true, true));
    cr_assert_not(end(false, true, true));
    expect_sketch(OFFER_UPDATED, 1);
}

Test(decision_end, a_broken_attempt_and_its_rest_are_one_in_whatever_order_their_ends_are_noticed)
{
    for (int order = 0; order < 3; order++) {
        enter();
        ask(true);
        ask(false);
        snprintf(world.request.version, sizeof world.request.version, "%s", WORLD_RELEASE);
        if (order == 0)
            ask(true);
        end(order == 1, order != 1, true);
        if (order == 1)
            ask(true);
        end(order != 1, order == 1, true);
        if (order == 2)
            ask(true);
        expect_sketch(OFFER_UPDATED, 1);
    }
}

/* The proxy took the whole image, and then lost the device. */
Test(decision_end, a_rest_after_a_proxy_had_all_of_it_is_no_second_attempt)
{
    ask(true);
    cr_assert(end(true, true, false));
    ask(false);
    end(true, false, false);
    cr_expect_eq(world.record.sketch.attempts, 1u);
}

Test(decision_end, the_end_of_an_older_offer_says_nothing)
{
    ask(true);
    world.record.sketch.md5[0] ^= 1;
    cr_assert_not(end(true, true, false));
    cr_assert_not(end(false, true, false));
    expect_sketch(OFFER_MADE, 1);
}

Test(decision_end, without_an_offer_there_is_nothing_to_end)
{
    cr_assert_not(end(true, true, false));
    expect_sketch(OFFER_NONE, 0);
}
