/*
 * espota-device as such: its command line, what survives a restart, and what it makes of uploaders
 * that are wrong, rude, or gone.
 */
#include "e2e_board.h"
#include "stock_client.h"

#include "tests/support/loopback.h"

#include <signal.h>
#include <string.h>

E2E_SUITE(device);

/* An MD5 of nothing that is ever sent here. */
#define FORGED_MD5 "00112233445566778899aabbccddeeff"

/* A good upload shows that the device is idle, and well, after whatever was before. */
static void expect_well(const struct board *board)
{
    struct e2e_image sketch = e2e_image("good.bin", build_esp8266(60000, 99));

    upload_succeeds(board, &sketch, NULL);
    board_stop(board);
}

/* ---- the command line ---- */

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

Test(device, names_wrong_options)
{
    expect_exit_of(NULL, 2, "--flash");
    expect_exit_of(ARGS("--flash", "f", "--flash-size", "5"), 2, "--flash-size");
    expect_exit_of(ARGS("--flash", "f", "--chip", "z80"), 2, "--chip");
    expect_exit_of(ARGS("--flash", "f", "--auth", "plain"), 2, "--auth");
    expect_exit_of(ARGS("--flash", "f", "--flash-timing", "slow"), 2, "--flash-timing");
    expect_exit_of(ARGS("--flash", "f", "--port", "65536"), 2, "--port");
    expect_exit_of(ARGS("--flash", "f", "--bind", "localhost"), 2, "--bind");
    expect_exit_of(ARGS("--flash", "f", "--no-such-option"), 2, "--no-such-option");
}

Test(device, names_wrong_combinations_of_options)
{
    expect_exit_of(ARGS("--flash", "f", "--password", "a", "--password", "b"), 2, "password");
    expect_exit_of(ARGS("--flash", "f", "--password-file", "no-pw"), 2, "no-pw");
    expect_exit_of(ARGS("--flash", "f", "--password-hash", "12"), 2, "--password-hash");
    expect_exit_of(ARGS("--flash", "f", "stray"), 2, "espota-device");
}

Test(device, helps)
{
    expect_exit_of(ARGS("--help"), 0, "--flash-size");
    expect_exit_of(ARGS("--version"), 0, "espota-device ");
}

Test(device, cannot_work_without_its_flash)
{
    cr_assert(file_write(temp_path(&e2e_folder, "odd").text, "12345", 5));
    expect_exit_of(ARGS("--bind", "127.0.0.1", "--port", "0", "--flash", "odd"), 1, "odd");
    expect_exit_of(ARGS("--bind", "127.0.0.1", "--port", "0", "--flash", "no/f"), 1, "no/f");
}

Test(device, does_not_share_its_flash)
{
    struct board board = board_start("flash", NULL);

    expect_exit_of(ARGS("--bind", "127.0.0.1", "--port", "0", "--flash", "flash"), 1, "flash");
    expect_well(&board);
}

Test(device, cannot_work_at_a_port_that_is_taken)
{
    int fd = loopback_bind("127.0.0.1", 0, SOCK_DGRAM);
    struct port_text port = port_text(loopback_port(fd));
    struct process *device =
        program_run(E2E_DEVICE, ARGS("--flash", "f", "--bind", "127.0.0.1", "--port", port.text));

    loopback_close(&fd);
    expect_exit(device, 1);
    expect_err(device, port.text);
}

/* ---- its life ---- */

Test(device, ends_by_sigterm_and_sigint)
{
    struct board board = board_start("flash", NULL);
    struct board other = board_start("other", NULL);

    board_stop(&board);
    process_signal(other.process, SIGINT);
    program_finish(other.process);
    expect_exit(other.process, 0);
}

Test(device, remembers_its_images_when_it_is_started_again)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image first = e2e_image("1.bin", build_esp8266(100000, 1));
    struct e2e_image second = e2e_image("2.bin", build_esp8266(100000, 2));
    struct board_image one = upload_succeeds(&board, &first, NULL);

    board_stop(&board);
    board = board_start("flash", NULL);
    cr_assert(strstr(board.process->out.text, one.md5), "%s", board.process->out.text);
    struct board_image two = upload_succeeds(&board, &second, NULL);
    cr_assert_neq(one.offset, two.offset, "the running sketch was overwritten");
    expect_in_flash(&board, &one, &first);
    board_stop(&board);
}

Test(device, works_the_same_with_flash_as_slow_as_real_flash)
{
    struct board board = board_start("flash", ARGS("--flash-timing", "typical"));
    struct e2e_image sketch = e2e_sketch(20000);

    upload_succeeds(&board, &sketch, NULL);
    board_stop(&board);
}

Test(device, once_ends_with_0_after_an_update)
{
    struct board board = board_start("flash", ARGS("--once"));
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader = upload_run(&board, &sketch, NULL);

    program_finish(board.process);
    expect_exit(uploader, 0);
    expect_exit(board.process, 0);
    expect_silent(board.process->err);
}

Test(device, once_ends_with_1_after_a_failure)
{
    struct board board = board_start("flash", ARGS("--once", "--chip", "esp32"));
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader = upload_run(&board, &sketch, NULL);

    program_finish(board.process);
    expect_exit(uploader, 8);
    expect_err(uploader, "ERROR[10]");
    expect_exit(board.process, 1);
}

/* ---- images it cannot take ---- */

Test(device, refuses_what_does_not_fit)
{
    struct board board = board_start("flash", ARGS("--flash-size", "1M"));
    struct e2e_image sketch = e2e_sketch(600u * 1024);
    struct process *uploader = upload_run(&board, &sketch, NULL);

    expect_exit(uploader, 8);
    expect_err(uploader, "the device refuses: ERROR[4]: Not Enough Space");
    board_failed(&board, 4);
    board_stop(&board);
}

Test(device, refuses_a_sketch_that_does_not_fit_beside_the_running_one)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(1200u * 1024);
    char rest[BOARD_LINE_MAX];

    struct board_image running = upload_succeeds(&board, &sketch, NULL);
    board_says(&board, "restarted", rest);
    struct process *uploader = upload_run(&board, &sketch, NULL);
    expect_exit(uploader, 8);
    expect_err(uploader, "ERROR[4]");
    expect_in_flash(&board, &running, &sketch);
    board_stop(&board);
}

Test(device, refuses_an_image_for_another_chip)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image application = e2e_image("app.bin", build_esp32(50000, E2E_SEED, 0));
    struct process *uploader = upload_run(&board, &application, NULL);

    expect_exit(uploader, 8);
    expect_err(uploader, "ERROR[10]: Image is for another chip");
    board_failed(&board, 10);
    expect_well(&board);
}

Test(device, refuses_an_image_of_no_bytes)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image empty = e2e_image("empty.bin", build_noise(0, 1));
    struct process *uploader = upload_run(&board, &empty, ARGS("--force"));

    expect_exit(uploader, 8);
    expect_err(uploader, "ERROR[5]: Bad Size Given");
    expect_well(&board);
}

/* ---- uploaders by hand ---- */

/* Invite with a sketch's size, and be called back. */
static struct stock_client begin(const struct board *board, const struct e2e_image *image,
                                 const char *md5)
{
    struct stock_client client = stock_open(board);

    stock_invite(&client, 0, image->content.size, md5);
    stock_hears(&client, "OK");
    stock_accept(&client);
    return client;
}

Test(device, serves_a_stock_uploader_in_lockstep)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(100000);
    struct stock_client client = begin(&board, &sketch, e2e_md5(&sketch.content).text);

    stock_send(&client, sketch.content.bytes, sketch.content.size);
    stock_verdict(&client);
    cr_assert(strstr(client.text, "OK"), "%s", client.text);
    stock_close(&client);
    struct board_image stored = board_updated(&board);
    expect_in_flash(&board, &stored, &sketch);
    expect_well(&board);
}

Test(device, finds_a_wrong_digest)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(50000);
    struct stock_client client = begin(&board, &sketch, FORGED_MD5);

    stock_send(&client, sketch.content.bytes, sketch.content.size);
    stock_verdict(&client);
    cr_assert(strstr(client.text, "ERROR[7]: MD5"), "%s", client.text);
    cr_assert_not(strstr(client.text, "OK"));
    stock_close(&client);
    board_failed(&board, 7);
    expect_well(&board);
}

Test(device, ignores_surplus_bytes)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(50000);
    struct stock_client client = begin(&board, &sketch, e2e_md5(&sketch.content).text);

    stock_send(&client, sketch.content.bytes, sketch.content.size - 100);
    stock_send(&client, sketch.content.bytes + sketch.content.size - 100, 100);
    stock_send(&client, (const uint8_t *)"surplus", 7);
    stock_verdict(&client);
    cr_assert(strstr(client.text, "OK"), "%s", client.text);
    stock_close(&client);
    struct board_image stored = board_updated(&board);
    expect_in_flash(&board, &stored, &sketch);
    board_stop(&board);
}

/* An uploader that goes away in the middle, one way or the other. */
static void expect_well_without(void (*go)(struct stock_client *client))
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(50000);
    struct stock_client client = begin(&board, &sketch, e2e_md5(&sketch.content).text);

    stock_send(&client, sketch.content.bytes, 20000);
    go(&client);
    board_failed(&board, 0);
    expect_well(&board);
}

Test(device, is_well_after_an_uploader_that_closes)
{
    expect_well_without(stock_close);
}

Test(device, is_well_after_an_uploader_that_is_killed)
{
    expect_well_without(stock_reset);
}

Test(device, is_well_after_an_uploader_that_died_while_logging_in)
{
    struct board board = board_start("flash", ARGS("--password", "secret"));
    struct e2e_image sketch = e2e_sketch(50000);
    struct stock_client client = stock_open(&board);

    stock_invite(&client, 0, 50000, FORGED_MD5);
    stock_hears(&client, "AUTH ");
    stock_close(&client);
    upload_succeeds(&board, &sketch, ARGS("-a", "secret"));
    board_stop(&board);
}

Test(device, is_well_after_an_uploader_that_is_not_there)
{
    struct board board = board_start("flash", NULL);
    struct stock_client client = stock_open(&board);

    loopback_close(&client.listener);
    stock_invite(&client, 0, 50000, FORGED_MD5);
    stock_hears(&client, "OK");
    board_failed(&board, 0);
    stock_close(&client);
    expect_well(&board);
}

Test(device, tells_a_second_uploader_that_it_is_busy)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(50000);
    struct stock_client first = begin(&board, &sketch, e2e_md5(&sketch.content).text);

    struct process *second = upload_run(&board, &sketch, NULL);
    expect_exit(second, 8);
    expect_err(second, "ERROR[15]: Update already running");
    expect_err(second, "Another upload to it is under way");
    stock_send(&first, sketch.content.bytes, sketch.content.size);
    stock_verdict(&first);
    cr_assert(strstr(first.text, "OK"), "the first was disturbed: %s", first.text);
    stock_close(&first);
    board_updated(&board);
    board_stop(&board);
}

Test(device, ends_by_sigterm_during_an_update)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(50000);
    struct stock_client client = begin(&board, &sketch, e2e_md5(&sketch.content).text);

    stock_send(&client, sketch.content.bytes, 20000);
    board_stop(&board);
    stock_close(&client);
    board = board_start("flash", NULL);
    expect_well(&board);
}

Test(device, ignores_what_is_no_invitation)
{
    static const char *const noise[] = {
        "",
        "\n",
        "0",
        "0 1 2 3\n",
        "0 8266 99 00112233445566778899aabbccddee\n",
        "7 8266 99 " FORGED_MD5 "\n",
        "0 70000 99 " FORGED_MD5 "\n",
        "200 x y\n",
        "OK",
    };
    struct board board = board_start("flash", NULL);
    struct stock_client client = stock_open(&board);

    for (size_t i = 0; i < sizeof noise / sizeof *noise; i++)
        stock_say(&client, noise[i]);
    stock_hears_nothing(&client);
    stock_close(&client);
    expect_well(&board);
}
