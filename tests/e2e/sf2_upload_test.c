/*
 * Uploads by the real espota-c to the real firmware on an emulated microcontroller: the bootloader
 * runs what was sent, and the board can be reached again.
 */
#include "sf2_board.h"
#include "stock_client.h"

#include <signal.h>
#include <string.h>

SF2_SUITE(sf2_upload);

/* Passwords need one. */
#define SEED "seed=nobody else knows\n"

#define SECRET        "secret"
#define SECRET_MD5    "5ebe2294ecd0e0f08eab7690d2a6ee69"
#define SECRET_SHA256 "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"

static struct sf2_board board;

/* A board that runs version 1 for the first time. */
static void begin(const char *settings)
{
    char rest[BOARD_LINE_MAX], event[BOARD_VALUE_MAX];

    sf2_make(&board, "flash.bin", settings);
    sf2_start(&board, NULL);
    sf2_boots(&board, rest);
    board_value(event, rest, "event");
    cr_assert_str_eq(event, "adopted", "%s", rest);
    sf2_expect_version(&board, 1);
}

/* ---- versions ---- */

Test(sf2_upload, goes_to_version_2_and_back_twenty_times)
{
    begin(NULL);
    for (unsigned i = 0; i < 20; i++)
        sf2_update(&board, i % 2 == 0 ? 2 : 1, NULL);
    sf2_pull_plug(&board);
}

Test(sf2_upload, is_kept_without_power)
{
    begin(NULL);
    sf2_update(&board, 2, NULL);
    sf2_pull_plug(&board);
    sf2_start(&board, NULL);
    sf2_expect_version(&board, 2);
    sf2_pull_plug(&board);
}

/* Whatever it does about that, it neither writes nor restarts for ever. */
Test(sf2_upload, of_the_version_that_runs_already_works)
{
    begin(NULL);
    struct e2e_image running = sf2_firmware(1);
    expect_exit(upload_run(&board.board, &running, NULL), 0);
    sf2_says(&board, "updated", NULL);
    sf2_expect_version(&board, 1);
    sf2_update(&board, 2, NULL);
    sf2_pull_plug(&board);
}

/* It confirms itself once it has heard something: nobody gives it an address, and so speaks to it.
 */
static void expect_confirmed_when_spoken_to(void)
{
    struct stock_client client = stock_open(&board.board);

    stock_say(&client, "hello");
    sf2_says(&board, "confirmed", NULL);
    stock_close(&client);
}

Test(sf2_upload, reaches_a_board_by_the_address_in_its_settings)
{
    char rest[BOARD_LINE_MAX], value[BOARD_VALUE_MAX];

    sf2_make(&board, "flash.bin", "unknown=1\nname=attic\naddress=" SF2_ADDRESS "\n");
    sf2_start(&board, NULL);
    sf2_says(&board, "up", rest);
    board_value(value, rest, "name");
    cr_assert_str_eq(value, "attic");
    board_value(value, rest, "address");
    cr_assert_str_eq(value, SF2_ADDRESS);
    cr_assert_eq(board_number(rest, "port"), 8266);
    struct e2e_image second = sf2_firmware(2);
    expect_exit(upload_run(&board.board, &second, NULL), 0);
    sf2_says(&board, "start", NULL);
    sf2_says(&board, "up", NULL);
    expect_confirmed_when_spoken_to();
    sf2_says(&board, "version 2", NULL);
    sf2_pull_plug(&board);
}

/* ---- passwords ---- */

/* Without it, with a wrong one, with the right one: only the last changes anything. */
static void expect_locked(const char *settings, const char *dialect)
{
    begin(settings);
    struct e2e_image image = sf2_firmware(2);
    struct process *nothing = upload_run(&board.board, &image, NULL);
    expect_exit(nothing, 6);
    struct process *wrong = upload_run(&board.board, &image, ARGS("-a", "wrong"));
    expect_exit(wrong, 6);
    sf2_update(&board, 2, ARGS("-a", SECRET));
    struct e2e_image first = sf2_firmware(1);
    struct process *told = upload_run(&board.board, &first, ARGS("-a", SECRET, "--json"));
    expect_exit(told, 0);
    expect_out(told, dialect);
    sf2_expect_version(&board, 1);
    sf2_pull_plug(&board);
}

Test(sf2_upload, needs_the_password_with_the_md5_dialect)
{
    expect_locked(SEED "password-md5=" SECRET_MD5 "\nauth=md5\n", "\"md5\"");
}

Test(sf2_upload, needs_the_password_with_the_sha256_dialect)
{
    expect_locked(SEED "password-sha256=" SECRET_SHA256 "\n", "\"pbkdf2-sha256\"");
}

Test(sf2_upload, needs_the_password_that_is_stored_as_md5_with_the_sha256_dialect)
{
    expect_locked(SEED "auth=sha256\npassword-md5=" SECRET_MD5 "\n", "\"pbkdf2-md5\"");
}

/* ---- uploaders that vanish ---- */

Test(sf2_upload, works_after_an_uploader_was_killed)
{
    struct e2e_image large =
        e2e_image("large.bin", build_esp32(SF2_SLOT_SIZE - SF2_UNIT, 1, SF2_CHIP_ID));

    begin(NULL);
    for (unsigned i = 0; i < 3; i++) {
        struct process *uploader = upload_start(&board.board, &large, ARGS("--json"), NULL);
        cr_assert(process_expect(uploader, &uploader->out, "\"connected\"", SF2_PATIENCE_MS));
        process_signal(uploader, SIGKILL);
        program_finish(uploader);
        expect_exit(uploader, 128 + SIGKILL);
        sf2_says(&board, "failed", NULL);
    }
    sf2_update(&board, 2, NULL);
    sf2_pull_plug(&board);
}

static void expect_well_after(void (*leave)(struct stock_client *client))
{
    begin(NULL);
    struct e2e_image image = sf2_firmware(2);
    struct stock_client client = stock_open(&board.board);
    stock_invite(&client, 0, image.content.size, e2e_md5(&image.content).text);
    stock_hears(&client, "OK");
    stock_accept(&client);
    stock_send(&client, image.content.bytes, image.content.size / 2);
    leave(&client);
    sf2_says(&board, "failed", NULL);
    sf2_update(&board, 2, NULL);
    sf2_pull_plug(&board);
}

Test(sf2_upload, works_after_an_uploader_has_reset_its_connection)
{
    expect_well_after(stock_reset);
}

Test(sf2_upload, works_after_an_uploader_has_closed_its_connection)
{
    expect_well_after(stock_close);
}

/* As the old uploaders send: 1460 bytes, and a count is waited for. */
Test(sf2_upload, works_in_lockstep)
{
    begin(NULL);
    struct e2e_image image = sf2_firmware(2);
    struct stock_client client = stock_open(&board.board);
    stock_invite(&client, 0, image.content.size, e2e_md5(&image.content).text);
    stock_hears(&client, "OK");
    stock_accept(&client);
    stock_send(&client, image.content.bytes, image.content.size);
    stock_verdict(&client);
    cr_assert(strstr(client.text, "OK"), "%s", client.text);
    stock_close(&client);
    sf2_expect_version(&board, 2);
    sf2_pull_plug(&board);
}

/* A board whose password cannot be asked for safely takes nothing, and says so. */
Test(sf2_upload, is_not_taken_with_a_password_but_no_seed)
{
    sf2_make(&board, "flash.bin", "password-sha256=" SECRET_SHA256 "\n");
    sf2_start(&board, NULL);
    sf2_says(&board, "locked:", NULL);
    sf2_says(&board, "up", NULL);
    struct e2e_image second = sf2_firmware(2);
    struct process *uploader = upload_run(&board.board, &second, ARGS("-a", SECRET, "-t", "2"));
    expect_exit(uploader, 5);
    sf2_pull_plug(&board);
}
