#include "cli/push/resend.h"

#include <criterion/criterion.h>

/* Datagrams that go out within a wait, the first at its begin. */
static unsigned datagrams_within(uint32_t timeout_ms)
{
    struct resend resend;
    unsigned count = 1;

    resend_start(&resend, timeout_ms, 0, 0);
    while (resend.at < timeout_ms) {
        resend_again(&resend, resend.at);
        count++;
    }
    return count;
}

Test(resend, sends_at_least_four_times_within_a_second_or_more)
{
    for (uint32_t timeout = 1000; timeout <= 60000; timeout += 100)
        cr_assert_geq(datagrams_within(timeout), 4u, "within %u ms", timeout);
}

Test(resend, sends_three_times_even_within_a_tenth_of_a_second)
{
    cr_assert_geq(datagrams_within(100), 3u);
}

Test(resend, does_not_flood_within_a_week)
{
    cr_assert_leq(datagrams_within(7u * 24 * 3600 * 1000), 64u);
}

Test(resend, begins_with_a_second_at_most)
{
    struct resend resend;

    resend_start(&resend, 20000, 0, 500);
    cr_assert_eq(resend.at, 1500u);
    resend_start(&resend, UINT32_MAX, 0, 0);
    cr_assert_eq(resend.at, 1000u);
}

Test(resend, never_spins_however_short_the_wait_is)
{
    for (uint32_t timeout = 0; timeout < 100; timeout++) {
        struct resend resend;
        resend_start(&resend, timeout, 0, 70);
        cr_assert_geq(resend.at, 80u);
    }
}

Test(resend, intervals_grow_from_the_moment_of_sending)
{
    struct resend resend;
    uint64_t now = 0;
    uint64_t last = 0;

    resend_start(&resend, 20000, 0, now);
    for (int i = 0; i < 6; i++) {
        uint64_t interval = resend.at - now;
        cr_assert_gt(interval, last);
        last = interval;
        now = resend.at + 3; /* the driver was a little late */
        resend_again(&resend, now);
    }
}
