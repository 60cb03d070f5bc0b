/*
 * espota-device as such: how it ends, what survives a restart, and what it makes of uploaders that
 * are wrong, rude, or gone. Its command line is in e2e_device_options_test.c.
 */
#include "e2e_boot.h"
#include "stock_client.h"

#include "tests/support/loopback.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
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

/* Wait for a device that cannot say when it listens: until then, the system refuses datagrams. */
static void await_listening(const struct board *board, uint16_t port)
{
    struct loopback_address address;
    int fd = loopback_bind(board->address, 0, SOCK_DGRAM);
    bool listens = false;
    char byte;

    cr_assert(loopback_parse(&address, board->address, port));
    cr_assert_eq(connect(fd, &address.sa.any, address.len), 0);
    while (!listens) {
        cr_assert_not(process_ended(board->process, 20));
        ssize_t sent = send(fd, "?", 1, 0);
        cr_assert_not(process_ended(board->process, 20));
        listens = sent == 1 && recv(fd, &byte, 1, 0) < 0 && errno == EAGAIN;
    }
    loopback_close(&fd);
}

/*
 * What it prints must not end up in the flash file, which would be the next descriptor: that begins
 * with a copy of the record, and with --boot something is said after that was written last.
 */
static void expect_sound_flash_without_streams(const char *script)
{
    struct board board = { .flash = temp_path(&e2e_folder, "flash"), .address = "127.0.0.1" };
    struct e2e_image sketch = e2e_sketch(50000);
    int fd = loopback_bind(board.address, 0, SOCK_DGRAM);

    uint16_t port = loopback_port(fd);
    board.port = port_text(port);
    loopback_close(&fd);
    board.process = program_start("/bin/sh",
                                  ARGS("-c", script, E2E_DEVICE, "--flash", board.flash.text,
                                       "--bind", board.address, "--port", board.port.text,
                                       "--no-mdns", "--boot", "--once"),
                                  NULL);
    await_listening(&board, port);
    expect_exit(upload_run(&board, &sketch, NULL), 0);
    program_finish(board.process);
    expect_exit(board.process, 0);
    boot_expect_same_records(&board);
    board_start_again(&board, ARGS("--boot"));
    boot_expect_runs(&board, &sketch, "confirmed", "none");
    board_stop(&board);
    remove(board.flash.text);
}

Test(device, writes_no_events_over_its_flash_when_standard_streams_are_closed)
{
    expect_sound_flash_without_streams("exec \"$0\" \"$@\" >&-");
    expect_sound_flash_without_streams("exec \"$0\" \"$@\" <&- >&- 2>&-");
}

/* The system would answer from 127.0.0.1, where the uploader expects nobody. */
Test(device, bound_to_every_address_answers_from_the_one_it_is_asked_at)
{
    struct board board = board_start("flash", ARGS("--bind", "0.0.0.0", "--password", "secret"));
    struct e2e_image sketch = e2e_sketch(50000);

    cr_assert_str_eq(board.address, "0.0.0.0");
    snprintf(board.address, sizeof board.address, "127.0.0.2");
    expect_exit(upload_run(&board, &sketch, ARGS("-a", "wrong")), 6);
    upload_succeeds(&board, &sketch, ARGS("-a", "secret"));
    cr_assert(strstr(board.process->out.text, "connected to=127."));
    board_stop(&board);
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

Test(device, takes_sketches_of_up_to_a_third_of_its_flash_one_after_the_other)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image first = e2e_image("1.bin", build_esp8266(1344u * 1024, 1));
    struct e2e_image second = e2e_image("2.bin", build_esp8266(1344u * 1024, 2));
    struct e2e_image larger = e2e_image("3.bin", build_esp8266(1345u * 1024, 3));
    char rest[BOARD_LINE_MAX];

    struct board_image one = upload_succeeds(&board, &first, NULL);
    board_says(&board, "restarted", rest);
    struct board_image two = upload_succeeds(&board, &second, NULL);
    board_says(&board, "restarted", rest);
    expect_in_flash(&board, &one, &first);
    struct process *uploader = upload_run(&board, &larger, NULL);
    expect_exit(uploader, 8);
    expect_err(uploader, "ERROR[4]");
    expect_in_flash(&board, &two, &second);
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
