/*
 * What may happen to a transfer, and what the uploader makes of it: strangers, new tries, stalls.
 */
#include "e2e.h"

#include <unistd.h>

E2E_SUITE(transfer);

#define CONNECTS        DEVICE_INVITED, DEVICE_ANSWER("OK"), DEVICE_CONNECT
#define TAKES_THE_IMAGE CONNECTS, DEVICE_READ_ALL
#define IS_UPDATED      DEVICE_WRITE("OK"), DEVICE_END

static const struct device_options slow_reader = { .receive_buffer = 4096 };
static const struct act_options big = { .image_size = 512u * 1024, .device = &slow_reader };

Test(transfer, a_stranger_before_the_device_is_refused_and_reported)
{
    static const struct device_step script[] = {
        DEVICE_INVITED,      DEVICE_STRANGER("127.0.0.66"),
        DEVICE_ANSWER("OK"), DEVICE_CONNECT,
        DEVICE_READ_ALL,     IS_UPDATED,
    };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 0);
    expect_err_times(act.uploader, "a connection from 127.0.0.66:", 1);
    expect_received(&act);
    cr_assert_eq(act.seen.strangers, 1);
}

Test(transfer, a_stranger_during_the_transfer_does_not_disturb_it)
{
    static const struct device_step script[] = {
        CONNECTS, DEVICE_READ(100000), DEVICE_STRANGER("127.0.0.66"), DEVICE_READ_ALL, IS_UPDATED,
    };
    struct act act;

    act_run_with(&act, script, NULL, &big);
    expect_exit(act.uploader, 0);
    expect_err(act.uploader, "refused");
    expect_received(&act);
    cr_assert_eq(act.seen.strangers, 1);
}

Test(transfer, a_second_connection_of_the_device_is_refused_without_a_word)
{
    static const struct device_step script[] = {
        CONNECTS, DEVICE_READ(100000), DEVICE_STRANGER("127.0.0.1"), DEVICE_READ_ALL, IS_UPDATED,
    };
    struct act act;

    act_run_with(&act, script, NULL, &big);
    expect_exit(act.uploader, 0);
    expect_no_err(act.uploader, "refused");
    expect_received(&act);
}

Test(transfer, the_device_may_not_call_from_elsewhere)
{
    static const struct device_step script[] = {
        DEVICE_INVITED,     DEVICE_ANSWER("OK"), DEVICE_CONNECT_FROM("127.0.0.66"),
        DEVICE_READ_TO_END, DEVICE_END,
    };
    struct act act;

    act_run(&act, script, ARGS("-t", "1"));
    expect_exit(act.uploader, 7);
    expect_err(act.uploader, "a connection from 127.0.0.66:");
    cr_assert_eq(act.seen.connection[0].bytes, 0, "the image went to a stranger");
}

Test(transfer, a_broken_one_is_tried_again_with_a_fresh_invitation)
{
    static const struct device_step script[] = { CONNECTS, DEVICE_READ(20000), DEVICE_RESET,
                                                 TAKES_THE_IMAGE, IS_UPDATED };
    struct act act;

    act_run_with(&act, script, NULL, &big);
    expect_exit(act.uploader, 0);
    expect_err(act.uploader, "trying again (1 of 2)");
    expect_received(&act);
    cr_assert_eq(act.seen.connections, 2);
    cr_assert_geq(act.seen.invitations, 2);
}

Test(transfer, a_new_try_proves_the_password_anew)
{
    static const struct device_step script[] = {
        DEVICE_INVITED,
        DEVICE_ANSWER("AUTH 00112233445566778899aabbccddeeff"),
        DEVICE_PROOF,
        DEVICE_ANSWER("OK"),
        DEVICE_CONNECT,
        DEVICE_READ(20000),
        DEVICE_CLOSE,
        DEVICE_INVITED,
        DEVICE_ANSWER("AUTH ffeeddccbbaa99887766554433221100"),
        DEVICE_PROOF,
        DEVICE_ANSWER("OK"),
        DEVICE_CONNECT,
        DEVICE_READ_ALL,
        IS_UPDATED,
    };
    static const struct device_options device = { .receive_buffer = 4096, .password = "secret" };
    struct act act;

    act_run_with(&act, script, ARGS("-a", "secret"),
                 &(struct act_options){ .image_size = 512u * 1024, .device = &device });
    expect_exit(act.uploader, 0);
    expect_received(&act);
    cr_assert_eq(act.seen.proof[0], DEVICE_PROOF_MD5);
    cr_assert_eq(act.seen.proof[1], DEVICE_PROOF_MD5);
}

Test(transfer, is_tried_only_as_often_as_allowed)
{
    static const struct device_step script[] = {
        CONNECTS,           DEVICE_READ(20000), DEVICE_RESET, CONNECTS,
        DEVICE_READ(20000), DEVICE_RESET,       DEVICE_END,
    };
    struct act act;

    act_run_with(&act, script, ARGS("--retries", "1"), &big);
    expect_exit(act.uploader, 9);
    expect_err_times(act.uploader, "trying again", 1);
    cr_assert_eq(act.seen.connections, 2);
}

Test(transfer, that_broke_is_not_forgotten_when_a_new_try_meets_silence)
{
    static const struct device_step script[] = { CONNECTS, DEVICE_READ(20000), DEVICE_RESET,
                                                 DEVICE_END };
    struct act act;

    act_run_with(&act, script, ARGS("-t", "0.5", "-s", "--force"), &big);
    expect_exit(act.uploader, 9);
    expect_err(act.uploader, "the connection broke after ");
    expect_err(act.uploader, "did not come back on a new invitation");
    expect_err(act.uploader, "Its file system may be incomplete now");
}

Test(transfer, a_new_try_waits_for_a_device_that_is_still_busy)
{
    static const struct device_step script[] = {
        CONNECTS,
        DEVICE_READ(20000),
        DEVICE_RESET,
        DEVICE_INVITED,
        DEVICE_ANSWER("ERR: ERROR[15]: Update already running"),
        TAKES_THE_IMAGE,
        IS_UPDATED,
    };
    struct act act;

    act_run_with(&act, script, NULL, &big);
    expect_exit(act.uploader, 0);
    expect_received(&act);
}

Test(transfer, is_not_tried_again_after_a_device_error)
{
    static const struct device_step script[] = { CONNECTS, DEVICE_READ(20000),
                                                 DEVICE_WRITE("ERROR[1]: Flash Write Failed\n"),
                                                 DEVICE_CLOSE, DEVICE_END };
    struct act act;

    act_run_with(&act, script, NULL, &big);
    expect_exit(act.uploader, 8);
    expect_err(act.uploader, "ERROR[1]: Flash Write Failed");
    expect_no_err(act.uploader, "trying again");
    cr_assert_eq(act.seen.connections, 1);
    cr_assert_eq(act.seen.invitations, 1);
}

Test(transfer, is_not_tried_again_after_a_wrong_password)
{
    static const struct device_step script[] = {
        DEVICE_INVITED, DEVICE_ANSWER("AUTH 00112233445566778899aabbccddeeff"),
        DEVICE_PROOF,   DEVICE_ANSWER("Authentication Failed"),
        DEVICE_END,
    };
    struct act act;

    act_run(&act, script, ARGS("-a", "wrong", "--retries", "5"));
    expect_exit(act.uploader, 6);
    cr_assert_eq(act.seen.invitations, 1);
    cr_assert_eq(act.seen.proofs, 1);
}

Test(transfer, that_stands_still_is_given_up)
{
    static const struct device_step script[] = { CONNECTS, DEVICE_READ(20000), DEVICE_HOLD,
                                                 DEVICE_END };
    struct act act;

    act_run_with(&act, script, ARGS("--stall-timeout", "1", "--retries", "0"), &big);
    expect_exit(act.uploader, 9);
    expect_err(act.uploader, "no progress for 1 s, after ");
}

Test(transfer, an_early_ok_is_no_success)
{
    static const struct device_step script[] = { CONNECTS, DEVICE_READ(20000), DEVICE_WRITE("OK"),
                                                 DEVICE_READ_TO_END, DEVICE_END };
    struct act act;

    act_run_with(&act, script, NULL, &big);
    expect_exit(act.uploader, 9);
    expect_err(act.uploader, "said OK too early");
}

Test(transfer, an_error_text_that_never_ends_is_given_up)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE, DEVICE_WRITE("ERROR[3]: Flash"),
                                                 DEVICE_READ_TO_END, DEVICE_END };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 8);
    expect_err(act.uploader, "ERROR[3]: Flash\n");
}

Test(transfer, ends_when_the_image_becomes_shorter)
{
    static const struct device_step script[] = { CONNECTS, DEVICE_READ(50000), DEVICE_SLEEP(2000),
                                                 DEVICE_READ_TO_END, DEVICE_END };
    struct act act;

    act_start(&act, script, NULL, &big);
    act_reaches(&act, 4);
    cr_assert_eq(truncate(act.image.path.text, 60000), 0);
    act_finish(&act);
    expect_exit(act.uploader, 1);
    expect_err(act.uploader, "the image became shorter while it was being sent");
    cr_assert(act.seen.completed, "%s", act.seen.problem);
}

Test(transfer, goes_where_the_invitation_says_and_nowhere_else)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE, IS_UPDATED };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 0);
    cr_assert_eq(act.seen.invitation.command, PUSH_SKETCH);
    cr_assert_eq(act.seen.invitation.tail_len, 0);
    expect_received(&act);
}
