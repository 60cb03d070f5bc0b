/*
 * The session proving that the user knows the device's password.
 */
#include "tests/unit/cli/session_driver.h"

#include <string.h>

/* Invited, with a password. */
static void begin(struct session_driver *d)
{
    session_driver_init(d);
    session_driver_give_password(d);
    session_driver_start(d);
}

Test(session, proves_the_password_in_the_md5_dialect)
{
    struct session_driver d;

    begin(&d);
    device_challenges(&d, AUTH_MD5);
    expect_state(&d, PUSH_PROVING);
    expect_event(&d, PUSH_EVENT_CHALLENGED, 1);
    cr_assert(proof_is_right(&d, DIGEST_MD5));
    device_says(&d, "OK");
    expect_state(&d, PUSH_ACCEPTED);
    expect_event(&d, PUSH_EVENT_AUTHENTICATED, 1);
    cr_assert_eq(d.session.login, PUSH_LOGIN_MD5);
}

Test(session, proves_the_password_in_the_sha256_dialect)
{
    struct session_driver d;

    begin(&d);
    device_challenges(&d, AUTH_PBKDF2);
    cr_assert(proof_is_right(&d, DIGEST_SHA256));
    device_says(&d, "OK");
    cr_assert_eq(d.session.login, PUSH_LOGIN_SHA256);
}

Test(session, tries_the_md5_after_the_sha256_with_a_fresh_invitation)
{
    struct session_driver d;

    begin(&d);
    device_challenges(&d, AUTH_PBKDF2);
    device_says(&d, "Authentication Failed");
    expect_event(&d, PUSH_EVENT_LOGIN_RETRY, 1);
    expect_state(&d, PUSH_INVITING);
    cr_assert_eq(d.invitations, 2u);
    device_challenges(&d, AUTH_PBKDF2);
    cr_assert(proof_is_right(&d, DIGEST_MD5));
    device_says(&d, "OK");
    cr_assert_eq(d.session.login, PUSH_LOGIN_MD5_STORED);
    expect_event(&d, PUSH_EVENT_AUTHENTICATED, 1);
}

Test(session, believes_the_rejection_of_both_digests)
{
    struct session_driver d;

    begin(&d);
    device_challenges(&d, AUTH_PBKDF2);
    device_says(&d, "Authentication Failed");
    device_challenges(&d, AUTH_PBKDF2);
    device_says(&d, "Authentication Failed");
    expect_finished(&d, PUSH_PASSWORD_WRONG);
    cr_assert_eq(d.proofs, 2u);
}

Test(session, believes_a_rejection_in_the_md5_dialect)
{
    struct session_driver d;

    begin(&d);
    device_challenges(&d, AUTH_MD5);
    device_says(&d, "Authentication Failed");
    expect_finished(&d, PUSH_PASSWORD_WRONG);
    expect_event(&d, PUSH_EVENT_LOGIN_RETRY, 0);
    cr_assert_eq(d.session.attempt, 1u, "a wrong password is not tried again");
}

Test(session, md5_target_goes_straight_to_the_md5)
{
    struct session_driver d;

    session_driver_init(&d);
    session_driver_give_password(&d);
    d.config.md5_target = true;
    session_driver_start(&d);
    device_challenges(&d, AUTH_PBKDF2);
    cr_assert(proof_is_right(&d, DIGEST_MD5));
    device_says(&d, "Authentication Failed");
    expect_finished(&d, PUSH_PASSWORD_WRONG);
}

Test(session, tells_when_a_password_is_missing)
{
    struct session_driver d;

    session_driver_invite(&d);
    device_challenges(&d, AUTH_MD5);
    expect_finished(&d, PUSH_PASSWORD_MISSING);
    cr_assert_eq(d.proofs, 0u);
}

Test(session, a_password_that_is_not_asked_for_does_no_harm)
{
    struct session_driver d;

    begin(&d);
    device_says(&d, "OK");
    expect_state(&d, PUSH_ACCEPTED);
    expect_event(&d, PUSH_EVENT_AUTHENTICATED, 0);
    cr_assert_eq(d.session.login, PUSH_LOGIN_NONE);
}

Test(session, answers_a_second_nonce_while_proving)
{
    struct session_driver d;

    begin(&d);
    device_challenges(&d, AUTH_MD5);
    device_challenges(&d, AUTH_MD5);
    cr_assert_eq(d.proofs, 2u);
    cr_assert(proof_is_right(&d, DIGEST_MD5));
    expect_state(&d, PUSH_PROVING);
}

Test(session, answers_a_repeated_challenge_once)
{
    struct session_driver d;

    begin(&d);
    device_challenges(&d, AUTH_MD5);
    device_repeats_its_challenge(&d);
    cr_assert_eq(d.proofs, 1u);
    expect_event(&d, PUSH_EVENT_CHALLENGED, 1);
}

Test(session, uses_fresh_randomness_for_each_proof)
{
    struct session_driver d;
    char first[AUTH_TEXT_MAX];

    begin(&d);
    device_challenges(&d, AUTH_PBKDF2);
    memcpy(first, d.proof.cnonce, sizeof first);
    device_challenges(&d, AUTH_PBKDF2);
    cr_assert_str_neq(d.proof.cnonce, first);
}

Test(session, a_change_of_dialect_is_followed)
{
    struct session_driver d;

    begin(&d);
    device_challenges(&d, AUTH_PBKDF2);
    device_challenges(&d, AUTH_MD5);
    cr_assert(proof_is_right(&d, DIGEST_MD5));
    device_says(&d, "OK");
    cr_assert_eq(d.session.login, PUSH_LOGIN_MD5);
}

Test(session, repeats_a_proof_that_is_not_answered)
{
    struct session_driver d;

    begin(&d);
    device_challenges(&d, AUTH_MD5);
    session_wakes(&d);
    cr_assert_eq(d.proofs, 2u);
    cr_assert(proof_is_right(&d, DIGEST_MD5));
    cr_assert_eq(d.invitations, 1u);
}

Test(session, quirk_1_starts_again_from_the_invitation_after_silence_on_a_proof)
{
    struct session_driver d;

    begin(&d);
    device_challenges(&d, AUTH_MD5);
    time_passes(&d, d.config.timeout_ms / 2);
    expect_state(&d, PUSH_INVITING);
    cr_assert_geq(d.invitations, 2u);
    device_challenges(&d, AUTH_MD5);
    cr_assert(proof_is_right(&d, DIGEST_MD5));
    device_says(&d, "OK");
    expect_state(&d, PUSH_ACCEPTED);
}

Test(session, quirk_1_one_swallowed_proof_never_uses_up_the_time)
{
    for (uint32_t timeout = 1000; timeout <= 60000; timeout += 1000) {
        struct session_driver d;
        session_driver_init(&d);
        session_driver_give_password(&d);
        d.config.timeout_ms = timeout;
        session_driver_start(&d);
        device_challenges(&d, AUTH_MD5);
        while (d.session.state == PUSH_PROVING)
            session_wakes(&d);
        expect_state(&d, PUSH_INVITING);
    }
}

Test(session, tells_when_no_proof_was_ever_answered)
{
    struct session_driver d;

    begin(&d);
    device_challenges(&d, AUTH_MD5);
    silence_to_the_end(&d);
    expect_finished(&d, PUSH_PROOF_UNANSWERED);
    cr_assert_eq(d.now, d.invited_at[0] + d.config.timeout_ms);
}

Test(session, asks_again_when_a_rejection_may_be_about_a_newer_nonce)
{
    struct session_driver d;

    /* A slow device: its first challenge arrives after it was invited a second time. */
    begin(&d);
    session_wakes(&d);
    cr_assert_eq(d.invitations, 2u);
    device_challenges(&d, AUTH_MD5);
    device_says(&d, "Authentication Failed");
    expect_state(&d, PUSH_INVITING);
    device_challenges(&d, AUTH_MD5);
    device_says(&d, "OK");
    expect_state(&d, PUSH_ACCEPTED);
}

Test(session, believes_a_rejection_once_it_was_asked_again)
{
    struct session_driver d;

    begin(&d);
    session_wakes(&d);
    device_challenges(&d, AUTH_MD5);
    device_says(&d, "Authentication Failed");
    device_challenges(&d, AUTH_MD5);
    device_says(&d, "Authentication Failed");
    expect_finished(&d, PUSH_PASSWORD_WRONG);
}

Test(session, never_believes_a_rejection_that_may_have_met_a_newer_nonce)
{
    struct session_driver d;

    session_driver_init(&d);
    session_driver_give_password(&d);
    d.config.timeout_ms = 3600000;
    session_driver_start(&d);
    for (int i = 0; i < 20 && d.session.state != PUSH_FINISHED; i++) {
        session_wakes(&d);
        device_challenges(&d, AUTH_MD5);
        device_says(&d, "Authentication Failed");
    }
    silence_to_the_end(&d);
    expect_finished(&d, PUSH_PROOF_UNANSWERED);
}

Test(session, a_doubtful_rejection_of_the_sha256_is_not_yet_a_case_for_the_md5)
{
    struct session_driver d;

    begin(&d);
    session_wakes(&d);
    device_challenges(&d, AUTH_PBKDF2);
    device_says(&d, "Authentication Failed");
    device_challenges(&d, AUTH_PBKDF2);
    cr_assert(proof_is_right(&d, DIGEST_SHA256));
    expect_event(&d, PUSH_EVENT_LOGIN_RETRY, 0);
}

Test(session, a_late_rejection_of_an_earlier_proof_means_nothing)
{
    struct session_driver d;

    begin(&d);
    device_challenges(&d, AUTH_PBKDF2);
    device_says(&d, "Authentication Failed");
    device_says(&d, "Authentication Failed");
    expect_state(&d, PUSH_INVITING);
    cr_assert_eq(d.invitations, 2u);
}

Test(session, believes_a_rejection_that_comes_after_the_next_invitation)
{
    struct session_driver d;

    /* A device that hashes slowly answers the proof when silence has been taken for its loss. */
    begin(&d);
    device_challenges(&d, AUTH_MD5);
    while (d.session.state == PUSH_PROVING)
        session_wakes(&d);
    device_says(&d, "Authentication Failed");
    expect_finished(&d, PUSH_PASSWORD_WRONG);
}

Test(session, takes_an_ok_that_comes_after_the_next_invitation)
{
    struct session_driver d;

    begin(&d);
    device_challenges(&d, AUTH_MD5);
    while (d.session.state == PUSH_PROVING)
        session_wakes(&d);
    device_says(&d, "OK");
    expect_state(&d, PUSH_ACCEPTED);
}

Test(session, a_late_challenge_after_the_ok_means_nothing)
{
    struct session_driver d;

    begin(&d);
    device_challenges(&d, AUTH_MD5);
    device_says(&d, "OK");
    device_challenges(&d, AUTH_MD5);
    device_says(&d, "Authentication Failed");
    expect_state(&d, PUSH_ACCEPTED);
    cr_assert_eq(d.proofs, 1u);
}

Test(session, a_duplicate_of_a_rejected_challenge_is_not_answered_again)
{
    struct session_driver d;

    /* The network doubles the first challenge, and the copy is late: the device has no use for a
       proof of it, and would reject it, though the password's MD5 is right. */
    begin(&d);
    device_challenges(&d, AUTH_PBKDF2);
    device_says(&d, "Authentication Failed");
    device_repeats_its_challenge(&d);
    cr_assert_eq(d.proofs, 1u);
    expect_state(&d, PUSH_INVITING);
}

Test(session, remembers_on_a_further_attempt_which_digest_the_device_takes)
{
    struct session_driver d;

    begin(&d);
    device_challenges(&d, AUTH_PBKDF2);
    device_says(&d, "Authentication Failed");
    device_challenges(&d, AUTH_PBKDF2);
    device_connects(&d);
    device_resets(&d);
    expect_state(&d, PUSH_PAUSED);
    session_wakes(&d);
    device_challenges(&d, AUTH_PBKDF2);
    cr_assert(proof_is_right(&d, DIGEST_MD5));
}
