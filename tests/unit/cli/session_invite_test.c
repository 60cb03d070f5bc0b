/*
 * The session from its first invitation to the device's connection.
 */
#include "tests/unit/cli/session_driver.h"

#include <string.h>

Test(session, invites_at_once)
{
    struct session_driver d;
    const char *expected = "0 40000 5000 " DRIVER_MD5 "\n";

    session_driver_invite(&d);
    cr_assert_eq(d.invitations, 1u);
    cr_assert_str_eq(d.session.datagram, expected);
    cr_assert_eq(d.session.datagram_len, strlen(expected));
    expect_event(&d, PUSH_EVENT_INVITED, 1);
    expect_state(&d, PUSH_INVITING);
    cr_assert_eq(d.session.attempt, 1u);
}

Test(session, invites_for_a_file_system)
{
    struct session_driver d;

    session_driver_init(&d);
    d.config.command = PUSH_FILESYSTEM;
    session_driver_start(&d);
    cr_assert_eq(d.invitation.command, (uint32_t)PUSH_FILESYSTEM);
}

Test(session, offers_a_size_beyond_32_bits)
{
    struct session_driver d;

    session_driver_init(&d);
    d.config.size = UINT64_C(5) << 30;
    session_driver_start(&d);
    cr_assert_eq(d.invitation.size, UINT64_C(5) << 30);
}

Test(session, invites_at_least_three_times_within_any_timeout)
{
    for (uint32_t timeout = 1000; timeout <= 60000; timeout += 500) {
        struct session_driver d;
        session_driver_init(&d);
        d.config.timeout_ms = timeout;
        session_driver_start(&d);
        silence_to_the_end(&d);
        cr_assert_geq(d.invitations, 3u, "%u invitations within %u ms", d.invitations, timeout);
        cr_assert_eq(d.events[PUSH_EVENT_REPEATED], d.invitations - 1);
        cr_assert_leq(d.invited_at[d.invitations - 1], d.invited_at[0] + timeout);
    }
}

Test(session, invites_at_growing_intervals)
{
    struct session_driver d;

    session_driver_invite(&d);
    silence_to_the_end(&d);
    for (unsigned i = 2; i < d.invitations; i++)
        cr_assert_gt(d.invited_at[i] - d.invited_at[i - 1],
                     d.invited_at[i - 1] - d.invited_at[i - 2]);
}

Test(session, believes_in_no_answer_when_the_time_is_over)
{
    struct session_driver d;

    session_driver_invite(&d);
    time_passes(&d, d.config.timeout_ms - 1);
    expect_state(&d, PUSH_INVITING);
    time_passes(&d, 1);
    expect_finished(&d, PUSH_SILENT);
    cr_assert_eq(d.session.ended_in, PUSH_INVITING);
}

Test(session, is_never_stuck_in_a_timeout_of_a_millisecond)
{
    for (uint32_t timeout = 1; timeout < 100; timeout++) {
        struct session_driver d;
        session_driver_init(&d);
        d.config.timeout_ms = timeout;
        session_driver_start(&d);
        silence_to_the_end(&d);
        expect_finished(&d, PUSH_SILENT);
    }
}

Test(session, quirk_1_survives_a_swallowed_invitation)
{
    struct session_driver d;

    /* The first ones wake a device from an abandoned login, or are lost. */
    session_driver_invite(&d);
    session_wakes(&d);
    session_wakes(&d);
    cr_assert_eq(d.invitations, 3u);
    device_says(&d, "OK");
    expect_state(&d, PUSH_ACCEPTED);
}

Test(session, quirk_2_takes_a_connection_when_the_ok_was_lost)
{
    struct session_driver d;

    session_driver_invite(&d);
    device_connects(&d);
    expect_state(&d, PUSH_STREAMING);
    expect_event(&d, PUSH_EVENT_CONNECTED, 1);
    expect_event(&d, PUSH_EVENT_AUTHENTICATED, 0);
    cr_assert(push_session_wants_bytes(&d.session));
}

Test(session, quirk_2_takes_a_connection_when_the_ok_on_a_proof_was_lost)
{
    struct session_driver d;

    session_driver_init(&d);
    session_driver_give_password(&d);
    session_driver_start(&d);
    device_challenges(&d, AUTH_MD5);
    expect_state(&d, PUSH_PROVING);
    device_connects(&d);
    expect_state(&d, PUSH_STREAMING);
    expect_event(&d, PUSH_EVENT_AUTHENTICATED, 1);
    cr_assert_eq(d.session.login, PUSH_LOGIN_MD5);
}

Test(session, takes_a_connection_after_the_ok)
{
    struct session_driver d;

    session_driver_invite(&d);
    device_says(&d, "OK");
    expect_event(&d, PUSH_EVENT_ACCEPTED, 1);
    device_connects(&d);
    expect_state(&d, PUSH_STREAMING);
}

Test(session, takes_one_connection_alone)
{
    struct session_driver d;

    session_driver_connect(&d);
    cr_assert_not(push_session_wants_connection(&d.session));
    device_reads_all(&d);
    cr_assert_not(push_session_wants_connection(&d.session));
}

Test(session, quirk_3_tells_when_an_accepting_device_never_connects)
{
    struct session_driver d;

    session_driver_invite(&d);
    time_passes(&d, 15000);
    device_says(&d, "OK");
    time_passes(&d, d.config.timeout_ms - 1);
    expect_state(&d, PUSH_ACCEPTED);
    time_passes(&d, 1);
    expect_finished(&d, PUSH_NOT_CALLED_BACK);
}

Test(session, does_not_invite_again_after_the_ok)
{
    struct session_driver d;

    session_driver_invite(&d);
    device_says(&d, "OK");
    silence_to_the_end(&d);
    cr_assert_eq(d.invitations, 1u);
}

Test(session, quirk_4_a_refusal_by_datagram_ends_it)
{
    struct session_driver d;

    session_driver_invite(&d);
    device_says(&d, "ERR: ERROR[4]: Not Enough Space\r\n");
    expect_finished(&d, PUSH_REFUSED);
    cr_assert_str_eq(d.session.text, "ERROR[4]: Not Enough Space");
}

Test(session, a_refusal_after_the_proof_ends_it)
{
    struct session_driver d;

    session_driver_init(&d);
    session_driver_give_password(&d);
    session_driver_start(&d);
    device_challenges(&d, AUTH_MD5);
    device_says(&d, "ERR: ERROR[8]: Flash config wrong");
    expect_finished(&d, PUSH_REFUSED);
}

Test(session, quirk_6_waits_for_a_device_that_sleeps_before_it_connects)
{
    struct session_driver d;

    session_driver_invite(&d);
    device_says(&d, "OK");
    time_passes(&d, 100);
    device_connects(&d);
    expect_state(&d, PUSH_STREAMING);
    cr_assert_eq(d.invitations, 1u);
}

Test(session, quirk_9_ignores_a_second_error_of_a_device_that_could_not_connect)
{
    struct session_driver d;

    session_driver_invite(&d);
    device_says(&d, "OK");
    device_says(&d, "ERR: ERROR[6]: Stream Read Timeout");
    expect_state(&d, PUSH_ACCEPTED);
    expect_event(&d, PUSH_EVENT_IGNORED, 1);
    cr_assert_str_eq(d.session.text, "ERROR[6]: Stream Read Timeout");
    device_connects(&d);
    expect_state(&d, PUSH_STREAMING);
}

Test(session, quirk_9_ignores_datagrams_once_connected)
{
    static const char *const late[] = { "OK", "ERR: ERROR[1]", "Authentication Failed",
                                        "AUTH 0123456789abcdef0123456789abcdef", "?" };
    struct session_driver d;

    session_driver_connect(&d);
    unsigned before = d.actions;
    for (size_t i = 0; i < sizeof late / sizeof *late; i++)
        device_says(&d, late[i]);
    expect_state(&d, PUSH_STREAMING);
    cr_assert_eq(d.actions, before);
}

Test(session, quirk_11_the_proof_leaves_the_way_the_invitation_did)
{
    struct session_driver d;

    /* One kind of action, hence one socket: there is no other by which a datagram could leave. */
    session_driver_init(&d);
    session_driver_give_password(&d);
    push_session_init(&d.session, &d.config, d.now);
    cr_assert_eq(push_session_next(&d.session).event, PUSH_EVENT_INVITED);
    cr_assert_eq(push_session_next(&d.session).kind, PUSH_ACTION_SEND);
    device_challenges(&d, AUTH_MD5);
    cr_assert_eq(d.proofs, 1u);
}

Test(session, quirk_14_a_device_that_is_busy_with_another_uploader_gives_no_answer)
{
    struct session_driver d;

    session_driver_invite(&d);
    silence_to_the_end(&d);
    expect_finished(&d, PUSH_SILENT);
    cr_assert_eq(d.session.attempt, 1u, "silence is no broken transfer");
}

Test(session, an_unreachable_port_ends_the_first_attempt_at_once)
{
    struct session_driver d;

    session_driver_invite(&d);
    device_is_unreachable(&d);
    expect_finished(&d, PUSH_UNREACHABLE);
}

Test(session, an_unreachable_port_means_nothing_after_the_ok)
{
    struct session_driver d;

    session_driver_invite(&d);
    device_says(&d, "OK");
    device_is_unreachable(&d);
    expect_state(&d, PUSH_ACCEPTED);
    device_connects(&d);
    device_is_unreachable(&d);
    expect_state(&d, PUSH_STREAMING);
}

Test(session, ignores_what_it_does_not_understand)
{
    static const char *const odd[] = { "",        "O",
                                       "OKAY",    "AUTH",
                                       "AUTH 12", "\xFF\xFE",
                                       "200 a b", "AUTH 0123456789abcdef0123456789abcdeg" };
    struct session_driver d;

    session_driver_invite(&d);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        device_says(&d, odd[i]);
    device_says_bytes(&d, "\0\0OK", 4);
    expect_state(&d, PUSH_INVITING);
    cr_assert_eq(d.events[PUSH_EVENT_IGNORED], sizeof odd / sizeof *odd + 1);
}

Test(session, cuts_an_overlong_text_from_the_device)
{
    struct session_driver d;
    char text[1400];

    memset(text, 'x', sizeof text);
    memcpy(text, "ERR:", 4);
    session_driver_invite(&d);
    device_says_bytes(&d, text, sizeof text);
    expect_finished(&d, PUSH_REFUSED);
    cr_assert_eq(strlen(d.session.text), (size_t)VERDICT_TEXT_MAX - 1);
}

Test(session, forgives_white_space_behind_the_ok)
{
    struct session_driver d;

    session_driver_invite(&d);
    device_says(&d, "OK\r\n");
    expect_state(&d, PUSH_ACCEPTED);
    device_says(&d, "OK");
    expect_event(&d, PUSH_EVENT_ACCEPTED, 1);
}
