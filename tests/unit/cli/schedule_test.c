/*
 * Whose turn it is: the number of jobs, the order, silent and locked devices, and what is skipped
 * after a failure.
 */
#include "tests/unit/cli/schedule_world.h"

#include <criterion/criterion.h>

/* --- Jobs and order --------------------------------------------------------------------------- */

Test(schedule, devices_begin_as_jobs_become_free)
{
    struct turn *found[4];

    begin((struct schedule_limits){ .jobs = 2 }, 4);
    for (size_t i = 0; i < 4; i++)
        found[i] = find_only(i);
    expect_begins(found[0]);
    expect_begins(found[1]);
    nothing_begins();
    succeed(found[1]);
    expect_begins(found[2]);
    nothing_begins();
    fail(found[0]);
    expect_begins(found[3]);
    nothing_begins();
    nothing_skipped();
}

/* In the order of the command line, then of discovery, whenever they are found. */
Test(schedule, the_order_is_that_of_the_command_line)
{
    begin((struct schedule_limits){ .jobs = 1 }, 3);
    struct turn *running = find(1);
    expect_begins(running);
    struct turn *last = find_only(2);
    struct turn *second = find(1);
    struct turn *third = find(1);
    struct turn *first = find_only(0);
    struct turn *const order[] = { first, second, third, last };
    for (size_t i = 0; i < 4; i++) {
        nothing_begins();
        succeed(running);
        running = order[i];
        expect_begins(running);
    }
    succeed(last);
    nothing_begins();
}

Test(schedule, devices_that_were_chosen_have_no_wish)
{
    begin((struct schedule_limits){ .jobs = 1, .canaries = 1 }, 0);
    struct turn *first = find(0);
    struct turn *second = find(0);
    expect_begins(first);
    nothing_begins();
    succeed(first);
    expect_begins(second);
}

/* --- Silent devices --------------------------------------------------------------------------- */

Test(schedule, a_silent_device_makes_way)
{
    begin((struct schedule_limits){ .jobs = 1, .silent_aside = true, .room = 2 }, 3);
    struct turn *dead = find_only(0);
    struct turn *other = find_only(1);
    struct turn *third = find_only(2);
    expect_begins(dead);
    schedule_heed(&schedule, dead, 0, now += SCHEDULE_SILENT_MS - 1);
    nothing_begins();
    schedule_heed(&schedule, dead, 0, now += 1);
    expect_begins(other);
    nothing_begins();
    schedule_heed(&schedule, other, 0, now += SCHEDULE_SILENT_MS);
    nothing_begins(); /* there is no room for a third */
    fail(dead);
    expect_begins(third);
    succeed(third);
    succeed(other);
    cr_assert_eq(schedule.silent, 0);
}

Test(schedule, a_sign_of_life_counts_again)
{
    begin((struct schedule_limits){ .jobs = 1, .silent_aside = true }, 3);
    struct turn *slow = find_only(0);
    struct turn *other = find_only(1);
    struct turn *third = find_only(2);
    expect_begins(slow);
    schedule_heed(&schedule, slow, 7, now += 1000);
    schedule_heed(&schedule, slow, 7, now += SCHEDULE_SILENT_MS - 1);
    nothing_begins(); /* it was heard in between */
    schedule_heed(&schedule, slow, 7, now += 1);
    expect_begins(other);
    schedule_heed(&schedule, slow, 8, now += 1);
    succeed(other);
    nothing_begins();
    schedule_heed(&schedule, slow, 8, now += SCHEDULE_SILENT_MS);
    expect_begins(third);
}

Test(schedule, a_number_of_jobs_that_was_asked_for_counts_silent_ones)
{
    begin((struct schedule_limits){ .jobs = 1 }, 2);
    struct turn *dead = find_only(0);
    find_only(1);
    expect_begins(dead);
    schedule_heed(&schedule, dead, 0, now += 10 * SCHEDULE_SILENT_MS);
    nothing_begins();
}

/* --- Locked devices --------------------------------------------------------------------------- */

Test(schedule, a_locked_device_holds_no_job)
{
    begin((struct schedule_limits){ .jobs = 1 }, 3);
    struct turn *locked = find_only(0);
    struct turn *open = find_only(1);
    struct turn *last = find_only(2);
    expect_begins(locked);
    schedule_lock(&schedule, locked);
    expect_begins(open);
    nothing_begins();
    schedule_unlock(&schedule, locked); /* it is before the others again */
    succeed(open);
    expect_begins(locked);
    succeed(locked);
    expect_begins(last);
}

Test(schedule, a_locked_device_can_end)
{
    begin((struct schedule_limits){ .jobs = 1, .fail_fast = true }, 2);
    struct turn *locked = find_only(0);
    struct turn *other = find_only(1);
    expect_begins(locked);
    schedule_lock(&schedule, locked);
    fail(locked);
    cr_assert_eq(schedule.locked.count, 0);
    nothing_begins();
    expect_skipped(other);
}

/* --- After the first failure ------------------------------------------------------------------ */

Test(schedule, after_a_failure_nothing_begins)
{
    begin((struct schedule_limits){ .jobs = 2, .fail_fast = true }, 5);
    struct turn *bad = find_only(0);
    struct turn *good = find_only(1);
    struct turn *third = find_only(2);
    struct turn *fourth = find_only(3);
    expect_begins(bad);
    expect_begins(good);
    nothing_skipped();
    fail(bad);
    cr_assert_eq(schedule.stop, SCHEDULE_FAILED);
    cr_assert_str_eq(schedule.blame, bad->name);
    nothing_begins();
    expect_skipped(third);
    expect_skipped(fourth);
    nothing_skipped();
    cr_assert_eq(good->state, TURN_RUNNING);
    succeed(good);
    nothing_begins();
    expect_skipped(find_only(4)); /* found too late */
}

Test(schedule, after_a_failure_locked_ones_are_skipped)
{
    begin((struct schedule_limits){ .fail_fast = true }, 2);
    struct turn *locked = find_only(0);
    struct turn *bad = find_only(1);
    expect_begins(locked);
    schedule_lock(&schedule, locked);
    expect_begins(bad);
    fail(bad);
    expect_skipped(locked);
    nothing_skipped();
}

Test(schedule, the_first_failure_is_to_blame)
{
    begin((struct schedule_limits){ .fail_fast = true }, 2);
    struct turn *first = find_only(0);
    struct turn *second = find_only(1);
    expect_begins(first);
    expect_begins(second);
    fail(second);
    fail(first);
    cr_assert_str_eq(schedule.blame, second->name);
}

Test(schedule, a_device_that_is_not_found_is_a_failure)
{
    begin((struct schedule_limits){ .jobs = 1, .fail_fast = true }, 3);
    struct turn *running = find_only(0);
    struct turn *waiting = find_only(1);
    expect_begins(running);
    schedule_wish_failed(&schedule, 2, "attic");
    schedule_wish_settled(&schedule, 2);
    cr_assert_str_eq(schedule.blame, "attic");
    expect_skipped(waiting);
    nothing_skipped();
}

Test(schedule, a_failure_alone_stops_nothing)
{
    begin((struct schedule_limits){ .jobs = 1 }, 3);
    struct turn *bad = find_only(0);
    struct turn *other = find_only(1);
    expect_begins(bad);
    schedule_wish_failed(&schedule, 2, "attic");
    fail(bad);
    nothing_skipped();
    expect_begins(other);
    cr_assert_eq(schedule.stop, SCHEDULE_GOES_ON);
}
