/*
 * The quirks of stock devices, by their numbers in espota-protocol(7): a scripted device plays each
 * of them, and the uploader must come to the right end.
 */
#include "e2e.h"

E2E_SUITE(quirk);

#define NONCE_A "AUTH 00112233445566778899aabbccddeeff"
#define NONCE_B "AUTH ffeeddccbbaa99887766554433221100"

/*
 * From the invitation to the connection, and to the last byte, as with every good device. What the
 * uploader does once it has the verdict is its own affair: the scripts end there.
 */
#define CONNECTS        DEVICE_INVITED, DEVICE_ANSWER("OK"), DEVICE_CONNECT
#define TAKES_THE_IMAGE CONNECTS, DEVICE_READ_ALL
#define IS_UPDATED      DEVICE_WRITE("OK"), DEVICE_END

/* Much more than a device that reads slowly lets lie in buffers. */
#define BIG_IMAGE (512u * 1024)

static const struct device_options slow_reader = { .receive_buffer = 4096 };
static const struct act_options big = { .image_size = BIG_IMAGE, .device = &slow_reader };

Test(quirk, q01_swallowed_invitations_are_repeated)
{
    static const struct device_step script[] = { DEVICE_IGNORE(2), TAKES_THE_IMAGE, IS_UPDATED };
    struct act act;

    act_run(&act, script, ARGS("-t", "30"));
    expect_exit(act.uploader, 0);
    expect_received(&act);
    cr_assert_geq(act.seen.datagrams, 3);
}

Test(quirk, q01_no_answer_is_believed_after_three_invitations)
{
    static const struct device_step script[] = { DEVICE_IGNORE(3), DEVICE_END };
    struct act act;

    act_run(&act, script, ARGS("-t", "2"));
    expect_exit(act.uploader, 5);
    expect_err(act.uploader, "no answer");
}

Test(quirk, q01_silence_on_a_proof_starts_again_from_the_invitation)
{
    static const struct device_step script[] = {
        DEVICE_INVITED,  DEVICE_ANSWER(NONCE_A),
        DEVICE_PROOF, /* lost: it is idle again */
        TAKES_THE_IMAGE, IS_UPDATED,
    };
    struct act act;

    act_run(&act, script, ARGS("-t", "30", "-a", "secret"));
    expect_exit(act.uploader, 0);
    expect_received(&act);
    cr_assert_geq(act.seen.invitations, 2);
}

Test(quirk, q01_a_lost_challenge_is_asked_for_again)
{
    static const struct device_step script[] = {
        DEVICE_INVITED, /* its answer is lost, and it takes the next datagram for a proof */
        DEVICE_IGNORE(1),    DEVICE_INVITED, DEVICE_ANSWER(NONCE_A), DEVICE_PROOF,
        DEVICE_ANSWER("OK"), DEVICE_CONNECT, DEVICE_READ_ALL,        IS_UPDATED,
    };
    static const struct device_options device = { .password = "secret" };
    static const struct act_options options = { .device = &device };
    struct act act;

    act_run_with(&act, script, ARGS("-t", "30", "-a", "secret"), &options);
    expect_exit(act.uploader, 0);
    cr_assert_eq(act.seen.proof[0], DEVICE_PROOF_MD5);
}

Test(quirk, q02_the_connection_counts_when_the_ok_is_lost)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_CONNECT, DEVICE_READ_ALL,
                                                 IS_UPDATED };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 0);
    expect_received(&act);
}

Test(quirk, q02_the_connection_counts_when_the_ok_to_a_proof_is_lost)
{
    static const struct device_step script[] = { DEVICE_INVITED,  DEVICE_ANSWER(NONCE_A),
                                                 DEVICE_PROOF,    DEVICE_CONNECT,
                                                 DEVICE_READ_ALL, IS_UPDATED };
    struct act act;

    act_run(&act, script, ARGS("-a", "secret"));
    expect_exit(act.uploader, 0);
    expect_received(&act);
}

Test(quirk, q03_an_ok_is_no_promise_to_connect)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_ANSWER("OK"), DEVICE_END };
    struct act act;

    act_run(&act, script, ARGS("-t", "1"));
    expect_exit(act.uploader, 7);
    expect_err(act.uploader, "did not connect to 127.0.0.1:");
    expect_err(act.uploader, "firewall");
    expect_err(act.uploader, "container");
    expect_err(act.uploader, "client isolation");
    expect_err(act.uploader, port_text(act.seen.invitation.port).text);
}

Test(quirk, q04_a_refusal_by_datagram_is_the_end)
{
    static const struct device_step script[] = { DEVICE_INVITED,
                                                 DEVICE_ANSWER("ERR: ERROR[4]: Not Enough Space"),
                                                 DEVICE_END };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 8);
    expect_err(act.uploader, "ERROR[4]: Not Enough Space");
    expect_err(act.uploader, "make the sketch smaller");
    cr_assert_eq(act.seen.invitations, 1);
}

Test(quirk, q04_a_refusal_after_the_proof_is_the_end)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_ANSWER(NONCE_A),
                                                 DEVICE_PROOF,
                                                 DEVICE_ANSWER("ERR: ERROR[8]: Flash config wrong"),
                                                 DEVICE_END };
    struct act act;

    act_run(&act, script, ARGS("-a", "secret"));
    expect_exit(act.uploader, 8);
    expect_err(act.uploader, "ERROR[8]: Flash config wrong");
    expect_err(act.uploader, "flash size");
}

Test(quirk, q05_counts_are_glued_and_the_ok_with_them)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE, DEVICE_WRITE("14605361460OK"),
                                                 DEVICE_END };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 0);
    expect_received(&act);
}

Test(quirk, q05_counts_and_ok_are_split_anywhere)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE, DEVICE_WRITE_SPLIT("1460536OK"),
                                                 DEVICE_CLOSE, DEVICE_END };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 0);
}

Test(quirk, q05_a_bare_text_and_a_close_are_an_error)
{
    static const struct device_step script[] = {
        TAKES_THE_IMAGE, DEVICE_WRITE("1460"), DEVICE_WRITE("MD5 Check Failed"),
        DEVICE_CLOSE,    DEVICE_END,
    };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 8);
    expect_err(act.uploader, "MD5 Check Failed");
    cr_assert_eq(act.seen.connections, 1);
}

Test(quirk, q06_the_esp8266_sleeps_before_and_after_its_ok)
{
    static const struct device_step script[] = {
        DEVICE_INVITED,     DEVICE_ANSWER("OK"), DEVICE_SLEEP(100),  DEVICE_CONNECT, DEVICE_RECEIVE,
        DEVICE_SLEEP(1000), DEVICE_WRITE("OK"),  DEVICE_SLEEP(1000), DEVICE_END,
    };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 0);
    expect_received(&act);
}

Test(quirk, q07_a_device_that_erases_does_not_read)
{
    static const struct device_step script[] = { CONNECTS, DEVICE_READ(100), DEVICE_SLEEP(2000),
                                                 DEVICE_RECEIVE, IS_UPDATED };
    struct act act;

    act_run_with(&act, script, NULL, &big);
    expect_exit(act.uploader, 0);
    expect_received(&act);
    cr_assert_eq(act.seen.connections, 1);
}

Test(quirk, q08_a_close_before_the_end_is_a_broken_transfer)
{
    static const struct device_step script[] = { CONNECTS, DEVICE_READ(20000), DEVICE_CLOSE,
                                                 DEVICE_END };
    struct act act;

    act_run_with(&act, script, ARGS("--retries", "0"), &big);
    expect_exit(act.uploader, 9);
    expect_err(act.uploader, "It still runs its old sketch.");
    expect_no_err(act.uploader, "updated:");
}

Test(quirk, q08_a_reset_before_the_end_is_a_broken_transfer)
{
    static const struct device_step script[] = { CONNECTS, DEVICE_READ(20000), DEVICE_RESET,
                                                 DEVICE_END };
    struct act act;

    act_run_with(&act, script, ARGS("--retries", "0"), &big);
    expect_exit(act.uploader, 9);
}

Test(quirk, q08_a_close_without_a_verdict_is_no_success)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE, DEVICE_WRITE("8192"),
                                                 DEVICE_CLOSE, DEVICE_END };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 10);
    expect_err(act.uploader, "unknown");
    cr_assert_eq(act.seen.invitations, 1, "it was sent twice");
}

Test(quirk, q08_a_reset_without_a_verdict_is_no_success)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE, DEVICE_RESET, DEVICE_END };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 10);
}

Test(quirk, q08_a_device_without_power_is_not_waited_for_for_ever)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE, DEVICE_HOLD, DEVICE_END };
    struct act act;

    act_run(&act, script, ARGS("--verdict-timeout", "0.5"));
    expect_exit(act.uploader, 10);
    expect_err(act.uploader, "gave no verdict within 0.5 s");
}

Test(quirk, q09_a_late_error_does_not_disturb_the_transfer)
{
    static const struct device_step script[] = {
        CONNECTS, DEVICE_ANSWER("ERR: ERROR[6]: Stream Read Timeout"), DEVICE_RECEIVE, IS_UPDATED
    };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 0);
    expect_received(&act);
}

Test(quirk, q09_a_device_that_fails_to_connect_reports_a_second_error)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_ANSWER("OK"),
                                                 DEVICE_ANSWER("ERR: ERROR[6]: late"), DEVICE_END };
    struct act act;

    act_run(&act, script, ARGS("-t", "1"));
    expect_exit(act.uploader, 7);
    expect_err(act.uploader, "it said: ERROR[6]: late");
}

Test(quirk, q10_the_connection_is_not_half_closed_before_the_verdict)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE, DEVICE_SLEEP(300), IS_UPDATED };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 0);
    cr_assert_not(act.seen.connection[0].ended_early);
}

Test(quirk, q11_invitation_and_proof_come_from_one_socket)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_ANSWER(NONCE_A),
                                                 DEVICE_PROOF,   DEVICE_ANSWER("OK"),
                                                 DEVICE_CONNECT, DEVICE_READ_ALL,
                                                 IS_UPDATED };
    struct act act;

    act_run(&act, script, ARGS("-a", "secret"));
    expect_exit(act.uploader, 0);
    cr_assert_eq(act.seen.invitation_port, act.seen.proof_port);
}

Test(quirk, q12_a_device_without_counts_has_not_stalled)
{
    static const struct device_step script[] = {
        CONNECTS,           DEVICE_READ(60000), DEVICE_SLEEP(800),
        DEVICE_READ(60000), DEVICE_SLEEP(800),  DEVICE_READ(60000),
        DEVICE_SLEEP(800),  DEVICE_READ_ALL,    IS_UPDATED,
    };
    struct act act;

    act_run_with(&act, script, ARGS("--stall-timeout", "2"), &big);
    expect_exit(act.uploader, 0);
    expect_received(&act);
    cr_assert_eq(act.seen.connections, 1);
}

Test(quirk, q12_one_count_for_the_whole_image_is_enough)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE, DEVICE_WRITE("524288"),
                                                 DEVICE_SLEEP(100), IS_UPDATED };
    struct act act;

    act_run_with(&act, script, NULL, &big);
    expect_exit(act.uploader, 0);
}

Test(quirk, q13_an_error_behind_the_last_count_is_read_to_its_end)
{
    static const struct device_step script[] = {
        TAKES_THE_IMAGE,   DEVICE_WRITE("600ERROR[7]: MD5 verifi"),
        DEVICE_SLEEP(200), DEVICE_WRITE("cation failed: expected: 1, calculated: 2\n"),
        DEVICE_CLOSE,      DEVICE_END,
    };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 8);
    expect_err(act.uploader, "ERROR[7]: MD5 verification failed: expected: 1, calculated: 2\n");
    expect_err(act.uploader, "What arrived is not what was sent");
    cr_assert_eq(act.seen.invitations, 1);
}

Test(quirk, q13_an_error_without_a_line_end_ends_with_the_connection)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE,
                                                 DEVICE_WRITE_SPLIT("600ERROR[10]: Magic byte"),
                                                 DEVICE_CLOSE, DEVICE_END };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 8);
    expect_err(act.uploader, "ERROR[10]: Magic byte\n");
    expect_err(act.uploader, "no sketch for that device");
}

Test(quirk, q14_a_busy_device_is_silent_until_its_update_has_ended)
{
    static const struct device_step script[] = { DEVICE_IGNORE(3), TAKES_THE_IMAGE, IS_UPDATED };
    struct act act;

    act_run(&act, script, ARGS("-t", "30"));
    expect_exit(act.uploader, 0);
    expect_received(&act);
}

Test(quirk, q14_a_device_that_restarts_is_left_alone)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE, DEVICE_WRITE("OK"),
                                                 DEVICE_SLEEP(300), DEVICE_CLOSE, DEVICE_END };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 0);
    cr_assert_eq(act.seen.datagrams, 1);
}

Test(quirk, q15_exactly_the_announced_bytes_are_sent)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE, DEVICE_SLEEP(200), IS_UPDATED };
    struct act act;

    act_run_with(&act, script, NULL, &big);
    expect_exit(act.uploader, 0);
    expect_received(&act);
}
