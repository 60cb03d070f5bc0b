/*
 * The session's further attempts, and its end by the user or the driver.
 */
#include "tests/unit/cli/session_driver.h"

/* The transfer of the attempt under way breaks, and the pause after it passes. */
static void break_transfer(struct session_driver *d)
{
    device_connects(d);
    device_reads(d, 1460);
    device_resets(d);
    expect_state(d, PUSH_PAUSED);
    session_wakes(d);
    expect_state(d, PUSH_INVITING);
}

Test(session, tries_again_after_a_broken_transfer)
{
    struct session_driver d;

    session_driver_connect(&d);
    device_reads(&d, 1460);
    device_resets(&d);
    expect_event(&d, PUSH_EVENT_RETRY, 1);
    cr_assert_eq(d.session.reason, PUSH_RESET);
    session_wakes(&d);
    cr_assert_eq(d.session.attempt, 2u);
    expect_event(&d, PUSH_EVENT_INVITED, 2);
    cr_assert_eq(d.session.acknowledged, 1460u, "how far the broken one came");
    device_says(&d, "OK");
    device_connects(&d);
    cr_assert_eq(d.session.sent, 0u);
    cr_assert_eq(d.session.acknowledged, 0u);
    device_reads_all(&d);
    device_writes(&d, "OK");
    expect_finished(&d, PUSH_UPDATED);
}

Test(session, gives_up_when_no_retries_are_left)
{
    struct session_driver d;

    session_driver_invite(&d);
    break_transfer(&d);
    break_transfer(&d);
    cr_assert_eq(d.session.attempt, 3u);
    device_connects(&d);
    device_closes(&d);
    expect_finished(&d, PUSH_CLOSED);
    expect_event(&d, PUSH_EVENT_RETRY, 2);
}

Test(session, without_retries_the_first_break_is_the_end)
{
    struct session_driver d;

    session_driver_init(&d);
    d.config.retries = 0;
    session_driver_start(&d);
    device_connects(&d);
    device_closes(&d);
    expect_finished(&d, PUSH_CLOSED);
}

Test(session, a_stall_is_tried_again_on_a_new_connection)
{
    struct session_driver d;

    session_driver_connect(&d);
    device_reads(&d, 1460);
    time_passes(&d, d.config.stall_ms);
    expect_state(&d, PUSH_PAUSED);
    cr_assert_eq(d.session.reason, PUSH_STALLED);
    cr_assert_eq(d.closes, 1u);
    cr_assert_not(push_session_wants_connection(&d.session));
}

Test(session, pauses_longer_before_each_further_attempt)
{
    struct session_driver d;
    uint64_t pause[2];

    session_driver_invite(&d);
    for (int i = 0; i < 2; i++) {
        device_connects(&d);
        device_resets(&d);
        pause[i] = push_session_wake(&d.session) - d.now;
        session_wakes(&d);
    }
    cr_assert_gt(pause[0], 0u);
    cr_assert_gt(pause[1], pause[0]);
}

Test(session, half_a_verdict_of_a_broken_attempt_is_forgotten)
{
    struct session_driver d;

    session_driver_connect(&d);
    device_writes(&d, "14");
    device_resets(&d);
    session_wakes(&d);
    device_connects(&d);
    device_reads_all(&d);
    device_writes(&d, "5000OK");
    expect_finished(&d, PUSH_UPDATED);
}

Test(session, what_is_heard_during_the_pause_means_nothing)
{
    struct session_driver d;

    session_driver_connect(&d);
    device_resets(&d);
    device_says(&d, "ERR: ERROR[6]: Stream Read Timeout");
    device_says(&d, "OK");
    device_writes(&d, "OK");
    device_is_unreachable(&d);
    device_closes(&d);
    expect_state(&d, PUSH_PAUSED);
}

Test(session, waits_until_the_device_has_given_up_the_broken_attempt)
{
    struct session_driver d;

    session_driver_invite(&d);
    break_transfer(&d);
    device_says(&d, "ERR: ERROR[15]: Update already running");
    expect_state(&d, PUSH_INVITING);
    session_wakes(&d);
    device_says(&d, "ERR: ERROR[15]: Update already running");
    session_wakes(&d);
    device_says(&d, "OK");
    expect_state(&d, PUSH_ACCEPTED);
}

Test(session, a_device_that_is_busy_on_the_first_attempt_is_not_waited_for)
{
    struct session_driver d;

    session_driver_invite(&d);
    device_says(&d, "ERR: ERROR[15]: Update already running");
    expect_finished(&d, PUSH_REFUSED);
}

Test(session, a_device_that_stays_busy_ends_it_in_time)
{
    struct session_driver d;

    session_driver_invite(&d);
    break_transfer(&d);
    uint64_t begin = d.now;
    while (d.session.state == PUSH_INVITING) {
        device_says(&d, "ERR: ERROR[15]: Update already running");
        session_wakes(&d);
    }
    expect_state(&d, PUSH_FINISHED);
    cr_assert_eq(d.now, begin + d.config.timeout_ms);
}

Test(session, any_other_refusal_on_a_further_attempt_ends_it)
{
    struct session_driver d;

    session_driver_invite(&d);
    break_transfer(&d);
    device_says(&d, "ERR: ERROR[4]: Not Enough Space");
    expect_finished(&d, PUSH_REFUSED);
}

Test(session, an_unreachable_port_on_a_further_attempt_may_be_a_restart)
{
    struct session_driver d;

    session_driver_invite(&d);
    break_transfer(&d);
    device_is_unreachable(&d);
    expect_state(&d, PUSH_INVITING);
    session_wakes(&d);
    device_says(&d, "OK");
    expect_state(&d, PUSH_ACCEPTED);
}

Test(session, silence_on_a_further_attempt_is_told_as_the_break_before_it)
{
    struct session_driver d;

    session_driver_invite(&d);
    break_transfer(&d);
    uint64_t begin = d.now;
    silence_to_the_end(&d);
    expect_finished(&d, PUSH_RESET);
    cr_assert_eq(d.now, begin + d.config.timeout_ms);
    cr_assert_eq(d.session.acknowledged, 1460u, "of the attempt that broke");
}

Test(session, no_callback_on_a_further_attempt_is_told_as_the_break_before_it)
{
    struct session_driver d;

    session_driver_invite(&d);
    break_transfer(&d);
    device_says(&d, "OK");
    silence_to_the_end(&d);
    expect_finished(&d, PUSH_RESET);
}

Test(session, can_be_aborted_before_it_is_accepted)
{
    struct session_driver d;

    session_driver_invite(&d);
    uploader_aborts(&d, PUSH_INTERRUPTED);
    expect_finished(&d, PUSH_INTERRUPTED);
    cr_assert_eq(d.session.ended_in, PUSH_INVITING);
    cr_assert_eq(d.closes, 0u);
}

Test(session, can_be_aborted_while_proving)
{
    struct session_driver d;

    session_driver_init(&d);
    session_driver_give_password(&d);
    session_driver_start(&d);
    device_challenges(&d, AUTH_MD5);
    uploader_aborts(&d, PUSH_INTERRUPTED);
    cr_assert_eq(d.session.ended_in, PUSH_PROVING);
}

Test(session, can_be_aborted_before_the_device_connects)
{
    struct session_driver d;

    session_driver_invite(&d);
    device_says(&d, "OK");
    uploader_aborts(&d, PUSH_LOCAL_FAILURE);
    expect_finished(&d, PUSH_LOCAL_FAILURE);
    cr_assert_eq(d.session.ended_in, PUSH_ACCEPTED);
}

Test(session, can_be_aborted_in_mid_transfer)
{
    struct session_driver d;

    session_driver_connect(&d);
    device_reads(&d, 1460);
    uploader_aborts(&d, PUSH_INTERRUPTED);
    expect_finished(&d, PUSH_INTERRUPTED);
    cr_assert_eq(d.session.ended_in, PUSH_STREAMING);
    cr_assert_eq(d.closes, 1u);
    cr_assert_eq(d.session.acknowledged, 1460u);
    cr_assert_eq(push_session_code(&d.session), EXIT_LOCAL_FAILURE);
}

Test(session, can_be_aborted_before_the_verdict)
{
    struct session_driver d;

    session_driver_send_all(&d);
    uploader_aborts(&d, PUSH_INTERRUPTED);
    cr_assert_eq(d.session.ended_in, PUSH_AWAITING_VERDICT);
    cr_assert_eq(d.closes, 1u);
    cr_assert_eq(push_session_code(&d.session), EXIT_NO_VERDICT);
}

Test(session, can_be_aborted_amid_an_error_text)
{
    struct session_driver d;

    session_driver_send_all(&d);
    device_writes(&d, "ERR");
    uploader_aborts(&d, PUSH_INTERRUPTED);
    expect_finished(&d, PUSH_INTERRUPTED);
    cr_assert_eq(d.session.ended_in, PUSH_READING_VERDICT);
}

Test(session, can_be_aborted_during_the_pause)
{
    struct session_driver d;

    session_driver_connect(&d);
    device_resets(&d);
    uploader_aborts(&d, PUSH_INTERRUPTED);
    expect_finished(&d, PUSH_INTERRUPTED);
    cr_assert_eq(d.session.ended_in, PUSH_PAUSED);
    cr_assert_eq(d.closes, 0u);
}

Test(session, once_finished_stays_finished)
{
    struct session_driver d;

    session_driver_send_all(&d);
    device_writes(&d, "OK");
    unsigned before = d.actions;
    uploader_aborts(&d, PUSH_INTERRUPTED);
    device_says(&d, "ERR: ERROR[1]");
    device_writes(&d, "ERROR[1]: Flash Write Failed\n");
    device_is_unreachable(&d);
    device_resets(&d);
    push_session_on_connected(&d.session, d.now);
    push_session_on_time(&d.session, d.now + 3600000);
    expect_finished(&d, PUSH_UPDATED);
    cr_assert_eq(push_session_next(&d.session).kind, PUSH_ACTION_NONE);
    cr_assert_eq(d.actions, before);
}

Test(session, can_be_aborted_before_it_was_started)
{
    struct session_driver d;

    /* The loop does so when it cannot even open a socket. */
    session_driver_init(&d);
    d.session = (struct push_session){ .config = &d.config };
    uploader_aborts(&d, PUSH_LOCAL_FAILURE);
    expect_finished(&d, PUSH_LOCAL_FAILURE);
    cr_assert_eq(d.invitations, 0u);
}
