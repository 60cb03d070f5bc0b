/*
 * The session with a device that sleeps, and is waited for (--wait).
 */
#include "tests/unit/cli/session_driver.h"

#define WAIT_MS 300000u

/* No longer than this may a device be awake without being asked. */
#define INTERVAL_MAX_MS 5000u

static void begin(struct session_driver *d)
{
    session_driver_init(d);
    d->config.wait_ms = WAIT_MS;
    session_driver_start(d);
}

Test(session_wait, is_as_long_as_told)
{
    struct session_driver d;

    begin(&d);
    time_passes(&d, WAIT_MS - 1000);
    expect_state(&d, PUSH_INVITING);
    time_passes(&d, 1000);
    expect_finished(&d, PUSH_SILENT);
}

Test(session_wait, asks_all_the_time)
{
    struct session_driver d;

    begin(&d);
    for (unsigned n = 1; d.session.state == PUSH_INVITING; n = d.invitations) {
        time_passes(&d, INTERVAL_MAX_MS);
        if (d.session.state == PUSH_INVITING)
            cr_assert_gt(d.invitations, n, "no invitation for %u ms", INTERVAL_MAX_MS);
    }
}

Test(session_wait, an_unreachable_port_may_open)
{
    struct session_driver d;

    begin(&d);
    device_is_unreachable(&d);
    time_passes(&d, 100000);
    device_is_unreachable(&d);
    expect_state(&d, PUSH_INVITING);
    device_says(&d, "OK");
    expect_state(&d, PUSH_ACCEPTED);
}

Test(session_wait, who_answers_has_the_usual_time_from_then_on)
{
    struct session_driver d;

    begin(&d);
    time_passes(&d, 200000);
    device_says(&d, "OK");
    time_passes(&d, d.config.timeout_ms);
    expect_finished(&d, PUSH_NOT_CALLED_BACK);
}

/* What it slept is no measure of how slowly it answers: a lost proof is repeated soon. */
Test(session_wait, a_lost_proof_is_repeated_soon)
{
    struct session_driver d;

    session_driver_init(&d);
    session_driver_give_password(&d);
    d.config.wait_ms = WAIT_MS;
    session_driver_start(&d);
    time_passes(&d, 200000);
    device_challenges(&d, AUTH_MD5);
    cr_assert_eq(d.proofs, 1);
    time_passes(&d, d.config.timeout_ms - 1);
    cr_assert_gt(d.proofs, 1);
}

Test(session_wait, a_closed_port_after_the_challenge_ends_it)
{
    struct session_driver d;

    session_driver_init(&d);
    session_driver_give_password(&d);
    d.config.wait_ms = WAIT_MS;
    session_driver_start(&d);
    device_challenges(&d, AUTH_MD5);
    device_is_unreachable(&d);
    expect_finished(&d, PUSH_UNREACHABLE);
}

Test(session_wait, a_broken_transfer_is_not_waited_for)
{
    struct session_driver d;

    begin(&d);
    device_says(&d, "OK");
    device_connects(&d);
    device_resets(&d);
    time_passes(&d, 2 * d.config.timeout_ms);
    cr_assert_neq(d.session.state, PUSH_INVITING);
}

Test(session_wait, no_more_than_the_timeout_is_no_wait)
{
    struct session_driver d;

    session_driver_init(&d);
    d.config.wait_ms = 1000;
    session_driver_start(&d);
    device_is_unreachable(&d);
    expect_finished(&d, PUSH_UNREACHABLE);
}
