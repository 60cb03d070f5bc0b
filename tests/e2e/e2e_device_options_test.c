/*
 * The command line of espota-device: what it takes, and what it says of what it does not take.
 */
#include "e2e_board.h"
#include "stock_client.h"

#include "tests/support/loopback.h"

#include <signal.h>
#include <string.h>

E2E_SUITE(device_options);

static void expect_exit_of(const char *const *args, int code, const char *said)
{
    struct process *device = program_run(E2E_DEVICE, args);

    expect_exit(device, code);
    if (code == 0)
        expect_out(device, said);
    else
        expect_err(device, said);
    expect_silent(*(code == 0 ? &device->err : &device->out));
}

Test(device_options, names_wrong_options)
{
    expect_exit_of(NULL, 2, "--flash");
    expect_exit_of(ARGS("--flash", "f", "--flash-size", "5"), 2, "--flash-size");
    expect_exit_of(ARGS("--flash", "f", "--chip", "z80"), 2, "--chip");
    expect_exit_of(ARGS("--flash", "f", "--auth", "plain"), 2, "--auth");
    expect_exit_of(ARGS("--flash", "f", "--flash-timing", "slow"), 2, "--flash-timing");
    expect_exit_of(ARGS("--flash", "f", "--port", "65536"), 2, "--port");
    expect_exit_of(ARGS("--flash", "f", "--bind", "localhost"), 2, "--bind");
    expect_exit_of(ARGS("--flash", "f", "--boot=swap"), 2, "--boot");
    expect_exit_of(ARGS("--flash", "f", "--boot="), 2, "--boot");
    expect_exit_of(ARGS("--flash", "f", "--boot", "--confirm", "later"), 2, "--confirm");
    expect_exit_of(ARGS("--flash", "f", "--no-such-option"), 2, "--no-such-option");
}

Test(device_options, names_what_cannot_be_announced)
{
    char board[202] = "";

    memset(board, 'b', sizeof board - 1);
    expect_exit_of(ARGS("--flash", "f", "--name", ""), 2, "--name takes 1 to 63 bytes");
    expect_exit_of(ARGS("--flash", "f", "--name", "a\n"), 2, "--name takes");
    expect_exit_of(ARGS("--flash", "f", "--name", "\xFF"), 2, "--name takes");
    expect_exit_of(ARGS("--flash", "f", "--board", ""), 2, "--board takes 1 to 200 printable");
    expect_exit_of(ARGS("--flash", "f", "--board", "a\tb"), 2, "--board takes");
    expect_exit_of(ARGS("--flash", "f", "--board", "\u00FC"), 2, "--board takes");
    expect_exit_of(ARGS("--flash", "f", "--board", board), 2, "--board takes");
    expect_exit_of(ARGS("--flash", "f", "--mdns", "avahi"), 2, "--mdns is auto, daemon or");
}

Test(device_options, names_wrong_combinations_of_options)
{
    expect_exit_of(ARGS("--flash", "f", "--password", "a", "--password", "b"), 2, "password");
    expect_exit_of(ARGS("--flash", "f", "--password-file", "no-pw"), 2, "no-pw");
    expect_exit_of(ARGS("--flash", "f", "--password-hash", "12"), 2, "--password-hash");
    expect_exit_of(ARGS("--flash", "f", "--confirm", "never"), 2, "--confirm goes with --boot");
    expect_exit_of(ARGS("--flash", "f", "stray"), 2, "'stray'");
    expect_exit_of(ARGS("--flash", "f", "--boot", "exchange"), 2, "--boot=exchange");
}

/* A script that has lost its password must not get an open device. */
Test(device_options, does_not_take_an_empty_password)
{
    static const char *const empty[] = { "", "\n", "\r\n", "\nsecond line\n" };

    expect_exit_of(ARGS("--flash", "f", "--password", ""), 2, "--password is empty");
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        cr_assert(file_write(temp_path(&e2e_folder, "pw").text, empty[i], strlen(empty[i])));
        expect_exit_of(ARGS("--flash", "f", "--password-file", "pw"), 2,
                       "pw: the first line, the password, is empty");
    }
}

static void expect_password_in_file(const char *content, const char *password)
{
    struct e2e_image sketch = e2e_sketch(5000);

    cr_assert(file_write(temp_path(&e2e_folder, "pw").text, content, strlen(content)));
    struct board board = board_start("flash", ARGS("--password-file", "pw"));
    upload_succeeds(&board, &sketch, ARGS("-a", password));
    board_stop(&board);
}

Test(device_options, takes_the_password_from_a_files_first_line_without_its_end)
{
    expect_password_in_file("secret", "secret");
    expect_password_in_file("secret\nmore\n", "secret");
    expect_password_in_file("secret\r\n", "secret");
}

Test(device_options, takes_every_other_byte_of_the_line_as_the_passwords)
{
    expect_password_in_file("secret\r\r\n", "secret\r");
    expect_password_in_file("secret\r", "secret\r");
    expect_password_in_file(" se cret \n", " se cret ");
}

Test(device_options, helps)
{
    expect_exit_of(ARGS("--help"), 0, "--flash-size");
    expect_exit_of(ARGS("--version"), 0, "espota-device ");
}

Test(device_options, cannot_work_without_its_flash)
{
    cr_assert(file_write(temp_path(&e2e_folder, "odd").text, "12345", 5));
    expect_exit_of(ARGS("--no-mdns", "--bind", "127.0.0.1", "--port", "0", "--flash", "odd"), 1,
                   "odd");
    expect_exit_of(ARGS("--no-mdns", "--bind", "127.0.0.1", "--port", "0", "--flash", "no/f"), 1,
                   "no/f");
}

Test(device_options, does_not_share_its_flash)
{
    struct board board = board_start("flash", NULL);

    expect_exit_of(ARGS("--no-mdns", "--bind", "127.0.0.1", "--port", "0", "--flash", "flash"), 1,
                   "flash");
    board_stop(&board);
}

Test(device_options, cannot_work_at_a_port_that_is_taken)
{
    int fd = loopback_bind("127.0.0.1", 0, SOCK_DGRAM);
    struct port_text port = port_text(loopback_port(fd));
    struct process *device = program_run(
        E2E_DEVICE, ARGS("--no-mdns", "--flash", "f", "--bind", "127.0.0.1", "--port", port.text));

    loopback_close(&fd);
    expect_exit(device, 1);
    expect_err(device, port.text);
}

/* ---- --once ---- */

Test(device_options, once_ends_with_0_after_an_update)
{
    struct board board = board_start("flash", ARGS("--once"));
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader = upload_run(&board, &sketch, NULL);

    program_finish(board.process);
    expect_exit(uploader, 0);
    expect_exit(board.process, 0);
    expect_silent(board.process->err);
}

Test(device_options, once_ends_with_1_after_a_failure)
{
    struct board board = board_start("flash", ARGS("--once", "--chip", "esp32"));
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader = upload_run(&board, &sketch, NULL);

    program_finish(board.process);
    expect_exit(uploader, 8);
    expect_err(uploader, "ERROR[10]");
    expect_exit(board.process, 1);
}

/* Ended from outside: 0 means "updated", so that is not it. */
static void expect_once_ends_with_1_by(int signal)
{
    struct board board = board_start("flash", ARGS("--once"));

    process_signal(board.process, signal);
    program_finish(board.process);
    expect_exit(board.process, 1);
    expect_silent(board.process->err);
}

Test(device_options, once_ends_with_1_by_a_signal_before_an_update)
{
    expect_once_ends_with_1_by(SIGTERM);
    expect_once_ends_with_1_by(SIGINT);
}

Test(device_options, once_ends_with_0_by_a_signal_when_the_image_counts_already)
{
    struct board board = board_start("flash", ARGS("--once"));
    struct e2e_image sketch = e2e_sketch(50000);
    struct stock_client client = stock_open(&board);

    stock_invite(&client, 0, sketch.content.size, e2e_md5(&sketch.content).text);
    stock_hears(&client, "OK");
    stock_accept(&client);
    stock_send(&client, sketch.content.bytes, sketch.content.size);
    /* The uploader does not close, so the device waits for that. */
    board_updated(&board);
    process_signal(board.process, SIGTERM);
    program_finish(board.process);
    expect_exit(board.process, 0);
    stock_close(&client);
}
