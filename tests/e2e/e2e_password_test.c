/*
 * Passwords: every dialect, every way to give one, and that none of them is ever seen.
 */
#include "e2e_board.h"

#include <string.h>

E2E_SUITE(password);

#define SECRET          "swordfish-%s\\\"42"
#define TOLD_MD5_STORED "use -m to go straight to the proof it takes"

#define NONCE_32 "AUTH 00112233445566778899aabbccddeeff"
#define NONCE_64 "AUTH 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER_64 "AUTH ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
#define REJECTED DEVICE_ANSWER("Authentication Failed")
#define UPDATED  DEVICE_ANSWER("OK"), DEVICE_CONNECT, DEVICE_READ_ALL, DEVICE_WRITE("OK"), DEVICE_END

static const struct device_options keeper = { .password = SECRET };
static const struct act_options with_password = { .device = &keeper };

/* ---- dialects ---- */

Test(password, of_32_digits_is_proved_by_md5)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_ANSWER(NONCE_32),
                                                 DEVICE_PROOF, UPDATED };
    struct act act;

    act_run_with(&act, script, ARGS("-a", SECRET), &with_password);
    expect_exit(act.uploader, 0);
    expect_received(&act);
    cr_assert_eq(act.seen.proofs, 1);
    cr_assert_eq(act.seen.proof[0], DEVICE_PROOF_MD5);
    expect_no_err(act.uploader, TOLD_MD5_STORED);
}

Test(password, of_64_digits_is_proved_by_sha256)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_ANSWER(NONCE_64),
                                                 DEVICE_PROOF, UPDATED };
    struct act act;

    act_run_with(&act, script, ARGS("-a", SECRET), &with_password);
    expect_exit(act.uploader, 0);
    cr_assert_eq(act.seen.proofs, 1);
    cr_assert_eq(act.seen.proof[0], DEVICE_PROOF_SHA256);
    expect_no_err(act.uploader, TOLD_MD5_STORED);
}

Test(password, stored_as_md5_is_proved_with_a_fresh_invitation)
{
    static const struct device_step script[] = {
        DEVICE_INVITED, DEVICE_ANSWER(NONCE_64), DEVICE_PROOF, REJECTED,
        DEVICE_INVITED, DEVICE_ANSWER(OTHER_64), DEVICE_PROOF, UPDATED,
    };
    struct act act;

    act_run_with(&act, script, ARGS("-a", SECRET), &with_password);
    expect_exit(act.uploader, 0);
    cr_assert_eq(act.seen.proofs, 2);
    cr_assert_eq(act.seen.proof[0], DEVICE_PROOF_SHA256);
    cr_assert_eq(act.seen.proof[1], DEVICE_PROOF_MD5);
    cr_assert_geq(act.seen.invitations, 2);
    expect_err_times(act.uploader, TOLD_MD5_STORED, 1);
}

Test(password, stored_as_md5_is_proved_at_once_with_m)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_ANSWER(NONCE_64),
                                                 DEVICE_PROOF, UPDATED };
    struct act act;

    act_run_with(&act, script, ARGS("-a", SECRET, "-m"), &with_password);
    expect_exit(act.uploader, 0);
    cr_assert_eq(act.seen.proofs, 1);
    cr_assert_eq(act.seen.proof[0], DEVICE_PROOF_MD5);
    expect_no_err(act.uploader, TOLD_MD5_STORED);
}

Test(password, that_is_wrong_in_both_forms_is_rejected)
{
    static const struct device_step script[] = {
        DEVICE_INVITED, DEVICE_ANSWER(NONCE_64), DEVICE_PROOF, REJECTED,
        DEVICE_INVITED, DEVICE_ANSWER(OTHER_64), DEVICE_PROOF, REJECTED,
        DEVICE_END,
    };
    struct act act;

    act_run_with(&act, script, ARGS("-a", "wrong"), &with_password);
    expect_exit(act.uploader, 6);
    cr_assert_eq(act.seen.proofs, 2);
    expect_no_err(act.uploader, TOLD_MD5_STORED);
}

/*
 * A slow device answers an invitation and its repetition, and keeps the second nonce alone. The
 * proof of the first one, right for its nonce, is then rejected: that says nothing about it.
 */
Test(password, is_not_given_up_for_a_race_of_two_challenges)
{
    static const struct device_step script[] = {
        DEVICE_INVITED,
        DEVICE_INVITED,
        DEVICE_ANSWER(NONCE_32),
        DEVICE_PROOF,
        REJECTED,
        DEVICE_INVITED,
        DEVICE_ANSWER("AUTH fedcba98765432100123456789abcdef"),
        DEVICE_PROOF,
        UPDATED,
    };
    struct act act;

    act_run_with(&act, script, ARGS("-a", SECRET, "-t", "5"), &with_password);
    expect_exit(act.uploader, 0);
    expect_received(&act);
    cr_assert_eq(act.seen.proofs, 2);
}

/* ---- against espota-device ---- */

Test(password, opens_a_device_with_md5)
{
    struct board board = board_start("flash", ARGS("--password", SECRET, "--auth", "md5"));
    struct e2e_image sketch = e2e_sketch(50000);

    upload_succeeds(&board, &sketch, ARGS("-a", SECRET));
    board_stop(&board);
}

Test(password, opens_a_device_with_sha256)
{
    struct board board = board_start("flash", ARGS("--password", SECRET, "--auth", "sha256"));
    struct e2e_image sketch = e2e_sketch(50000);

    upload_succeeds(&board, &sketch, ARGS("-a", SECRET));
    board_stop(&board);
}

/* A device that stores an MD5 of SECRET, and demands the proof of 64 digits. */
static struct board board_with_md5_stored(void)
{
    struct built_image secret = { (uint8_t[]){ SECRET }, sizeof SECRET - 1 };
    struct md5_text md5 = e2e_md5(&secret);

    return board_start("flash", ARGS("--auth", "sha256", "--password-hash", md5.text));
}

Test(password, opens_a_device_that_stores_an_md5)
{
    struct board board = board_with_md5_stored();
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader = upload_run(&board, &sketch, ARGS("-a", SECRET));

    expect_exit(uploader, 0);
    expect_err_times(uploader, TOLD_MD5_STORED, 1);
    board_updated(&board);
    board_stop(&board);
}

Test(password, that_devices_store_an_md5_is_told_once)
{
    struct built_image secret = { (uint8_t[]){ SECRET }, sizeof SECRET - 1 };
    struct md5_text md5 = e2e_md5(&secret);
    const char *const stored[] = { "--auth", "sha256", "--password-hash", md5.text };
    struct board first = board_start(
        "flash1", ARGS(stored[0], stored[1], stored[2], stored[3], "--bind", "127.0.0.61"));
    struct board second =
        board_start("flash2", ARGS(stored[0], stored[1], stored[2], stored[3], "--bind",
                                   "127.0.0.62", "--port", first.port.text));
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader = upload_run(&first, &sketch, ARGS("-i", "127.0.0.62", "-a", SECRET));

    expect_exit(uploader, 0);
    expect_err_times(uploader, TOLD_MD5_STORED, 1);
    board_stop(&first);
    board_stop(&second);
}

Test(password, opens_a_device_that_stores_an_md5_at_once_with_m)
{
    struct board board = board_with_md5_stored();
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader = upload_run(&board, &sketch, ARGS("-a", SECRET, "--md5-target"));

    expect_exit(uploader, 0);
    expect_no_err(uploader, TOLD_MD5_STORED);
    board_updated(&board);
    board_stop(&board);
    cr_assert_not(strstr(board.process->out.text, "refused"), "%s", board.process->out.text);
}

Test(password, that_is_wrong_opens_nothing)
{
    struct board board = board_start("flash", ARGS("--password", SECRET));
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader = upload_run(&board, &sketch, ARGS("-a", "wrong"));
    char rest[BOARD_LINE_MAX];

    expect_exit(uploader, 6);
    expect_err(uploader, "rejected the password");
    board_says(&board, "refused", rest);
    upload_succeeds(&board, &sketch, ARGS("-a", SECRET));
    board_stop(&board);
}

/* ---- where it comes from ---- */

Test(password, is_read_from_the_first_line_of_a_file)
{
    static const char lines[] = SECRET "\r\nsecond line\n";
    struct board board = board_start("flash", ARGS("--password", SECRET));
    struct e2e_image sketch = e2e_sketch(50000);

    cr_assert(file_write(temp_path(&e2e_folder, "pw").text, lines, sizeof lines - 1));
    upload_succeeds(&board, &sketch, ARGS("--auth-file", "pw"));
    board_stop(&board);
}

Test(password, may_hold_any_bytes)
{
    static const char password[] = "\xff\x01 \xc3\xa4";
    struct board board = board_start("flash", ARGS("--password", password));
    struct e2e_image sketch = e2e_sketch(50000);

    upload_succeeds(&board, &sketch, ARGS("-a", password));
    board_stop(&board);
}

Test(password, is_taken_from_the_environment)
{
    struct board board = board_start("flash", ARGS("--password", SECRET));
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader =
        upload_start(&board, &sketch, NULL,
                     &(struct program_options){ .environment = ARGS("ESPOTA_AUTH=" SECRET) });

    program_finish(uploader);
    expect_exit(uploader, 0);
    board_updated(&board);
    board_stop(&board);
}

Test(password, on_the_command_line_goes_before_the_environment)
{
    struct board board = board_start("flash", ARGS("--password", SECRET));
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader =
        upload_start(&board, &sketch, ARGS("--auth=" SECRET),
                     &(struct program_options){ .environment = ARGS("ESPOTA_AUTH=another") });

    program_finish(uploader);
    expect_exit(uploader, 0);
    board_stop(&board);
}

Test(password, that_is_empty_counts_as_none)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(50000);

    upload_succeeds(&board, &sketch, ARGS("--auth="));
    board_stop(&board);
}

Test(password, file_that_is_missing_is_a_local_failure)
{
    struct e2e_image sketch = e2e_sketch(8192);
    struct process *uploader =
        uploader_run(ARGS("-i", "127.0.0.1", "--auth-file", "no-pw", "-f", sketch.path.text));

    expect_exit(uploader, 1);
    expect_silent(uploader->out);
    expect_err(uploader, "cannot read the password from no-pw: No such file or directory");
}

Test(password, file_that_is_empty_is_a_local_failure)
{
    struct e2e_image sketch = e2e_sketch(8192);

    cr_assert(file_write(temp_path(&e2e_folder, "pw").text, "\n", 1));
    struct process *uploader =
        uploader_run(ARGS("-i", "127.0.0.1", "--auth-file", "pw", "-f", sketch.path.text));
    expect_exit(uploader, 1);
    expect_err(uploader, "the first line of pw is empty");
}
