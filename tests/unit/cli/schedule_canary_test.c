/*
 * Whose turn it is when some have to go first.
 */
#include "tests/unit/cli/schedule_world.h"

#include <criterion/criterion.h>

Test(schedule_canary, all_others_wait_for_the_canaries)
{
    begin((struct schedule_limits){ .canaries = 2 }, 4);
    struct turn *found[4];
    for (size_t i = 0; i < 4; i++)
        found[i] = find_only(i);
    expect_begins(found[0]);
    expect_begins(found[1]);
    nothing_begins();
    succeed(found[1]);
    nothing_begins();
    succeed(found[0]);
    expect_begins(found[2]);
    expect_begins(found[3]);
    fail(found[2]); /* which is none of them */
    cr_assert_eq(schedule.stop, SCHEDULE_GOES_ON);
}

Test(schedule_canary, a_canary_that_fails_has_the_others_skipped)
{
    begin((struct schedule_limits){ .canaries = 2 }, 4);
    struct turn *found[4];
    for (size_t i = 0; i < 4; i++)
        found[i] = find_only(i);
    expect_begins(found[0]);
    expect_begins(found[1]);
    fail(found[0]);
    cr_assert_eq(schedule.stop, SCHEDULE_CANARY_FAILED);
    cr_assert_str_eq(schedule.blame, found[0]->name);
    expect_skipped(found[2]);
    expect_skipped(found[3]);
    nothing_skipped();
    cr_assert_eq(found[1]->state, TURN_RUNNING);
    succeed(found[1]);
    nothing_begins();
}

/* One that a pattern found before it was found by its name. */
Test(schedule_canary, one_is_by_what_was_named_first)
{
    begin((struct schedule_limits){ .jobs = 1, .canaries = 1 }, 2);
    struct turn *other = find(1);
    struct turn *named = find(1);
    nothing_begins();
    schedule_join(&schedule, named, 0);
    schedule_wish_settled(&schedule, 0);
    expect_begins(named);
    schedule_join(&schedule, named, 0); /* which makes no difference any more */
    succeed(named);
    expect_begins(other);
}

/* Also those that have not begun, for want of a job. */
Test(schedule_canary, a_canary_that_fails_has_waiting_canaries_skipped)
{
    begin((struct schedule_limits){ .jobs = 1, .canaries = 2 }, 3);
    struct turn *bad = find_only(0);
    struct turn *canary = find_only(1);
    struct turn *other = find_only(2);
    expect_begins(bad);
    nothing_begins();
    fail(bad);
    expect_skipped(canary);
    expect_skipped(other);
}

Test(schedule_canary, with_fewer_devices_all_are_canaries)
{
    begin((struct schedule_limits){ .canaries = 5 }, 2);
    struct turn *first = find_only(0);
    struct turn *second = find_only(1);
    expect_begins(first);
    expect_begins(second);
    cr_assert(first->is_canary && second->is_canary);
    succeed(first);
    succeed(second);
    cr_assert_eq(schedule.stop, SCHEDULE_GOES_ON);
}

/* Who is among the first is not certain before what stands in front is. */
Test(schedule_canary, a_search_ends_the_walk)
{
    begin((struct schedule_limits){ .canaries = 2 }, 3);
    struct turn *last = find_only(2);
    struct turn *second = find_only(1);
    nothing_begins();
    struct turn *first = find_only(0);
    expect_begins(first);
    expect_begins(second);
    nothing_begins();
    succeed(first);
    succeed(second);
    expect_begins(last);
}

Test(schedule_canary, a_pattern_gives_its_first_ones)
{
    begin((struct schedule_limits){ .canaries = 2 }, 2);
    struct turn *other = find_only(1);
    nothing_begins();
    struct turn *first = find(0);
    expect_begins(first);
    nothing_begins(); /* the pattern may bring more */
    struct turn *second = find(0);
    struct turn *third = find(0);
    expect_begins(second);
    nothing_begins();
    succeed(first);
    succeed(second);
    expect_begins(third);
    expect_begins(other);
}

Test(schedule_canary, a_pattern_that_brings_too_few_leaves_the_rest_to_others)
{
    begin((struct schedule_limits){ .canaries = 2 }, 2);
    struct turn *first = find(0);
    struct turn *other = find_only(1);
    expect_begins(first);
    nothing_begins();
    schedule_wish_settled(&schedule, 0);
    expect_begins(other);
    cr_assert(other->is_canary);
}

Test(schedule_canary, a_canary_that_is_not_found_has_failed)
{
    begin((struct schedule_limits){ .canaries = 1 }, 2);
    struct turn *other = find_only(1);
    schedule_wish_failed(&schedule, 0, "attic");
    schedule_wish_settled(&schedule, 0);
    cr_assert_eq(schedule.stop, SCHEDULE_CANARY_FAILED);
    cr_assert_str_eq(schedule.blame, "attic");
    expect_skipped(other);
}

/* It failed before it was known to be one. */
Test(schedule_canary, a_canary_that_was_not_found_earlier_has_failed)
{
    begin((struct schedule_limits){ .canaries = 2 }, 3);
    struct turn *other = find_only(2);
    schedule_wish_failed(&schedule, 1, "attic");
    schedule_wish_settled(&schedule, 1);
    cr_assert_eq(schedule.stop, SCHEDULE_GOES_ON);
    nothing_begins();
    struct turn *first = find_only(0);
    cr_assert_eq(schedule.stop, SCHEDULE_CANARY_FAILED);
    nothing_begins();
    expect_skipped(first);
    expect_skipped(other);
}

Test(schedule_canary, one_that_is_not_found_behind_the_canaries_stops_nothing)
{
    begin((struct schedule_limits){ .canaries = 1 }, 3);
    struct turn *first = find_only(0);
    schedule_wish_failed(&schedule, 1, "attic");
    schedule_wish_settled(&schedule, 1);
    struct turn *last = find_only(2);
    expect_begins(first);
    nothing_begins();
    succeed(first);
    expect_begins(last);
}

Test(schedule_canary, a_locked_canary_keeps_the_others_waiting)
{
    begin((struct schedule_limits){ .canaries = 1 }, 2);
    struct turn *canary = find_only(0);
    struct turn *other = find_only(1);
    expect_begins(canary);
    schedule_lock(&schedule, canary);
    nothing_begins();
    schedule_unlock(&schedule, canary);
    expect_begins(canary);
    nothing_begins();
    succeed(canary);
    expect_begins(other);
}
