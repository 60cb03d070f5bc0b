/*
 * Uploads to espota-device: what was sent is in its flash.
 */
#include "e2e_board.h"

#include "tests/support/loopback.h"

#include <stdio.h>
#include <string.h>

E2E_SUITE(upload);

Test(upload, puts_the_image_into_flash)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(300000);
    struct process *uploader = upload_run(&board, &sketch, NULL);
    struct board_image stored = board_updated(&board);

    expect_exit(uploader, 0);
    expect_silent(uploader->out);
    expect_err(uploader, "sketch.bin (ESP8266, ");
    expect_err(uploader, "127.0.0.1: updated: 300000 bytes in ");
    expect_err(uploader, "iB/s");
    cr_assert_str_eq(stored.target, "sketch");
    expect_in_flash(&board, &stored, &sketch);
    board_stop(&board);
}

Test(upload, again_and_again_takes_turns_in_flash)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image first = e2e_image("1.bin", build_esp8266(100000, 1));
    struct e2e_image second = e2e_image("2.bin", build_esp8266(150000, 2));
    struct e2e_image third = e2e_image("3.bin", build_esp8266(90000, 3));
    char rest[BOARD_LINE_MAX];

    struct board_image one = upload_succeeds(&board, &first, NULL);
    board_says(&board, "restarted", rest);
    struct board_image two = upload_succeeds(&board, &second, NULL);
    expect_in_flash(&board, &one, &first); /* the running sketch is not touched */
    board_says(&board, "restarted", rest);
    struct board_image three = upload_succeeds(&board, &third, NULL);
    expect_in_flash(&board, &two, &second);
    cr_assert_neq(one.offset, two.offset);
    cr_assert_eq(one.offset, three.offset);
    board_stop(&board);
}

Test(upload, of_a_file_system_goes_beside_the_sketch)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(100000);
    struct e2e_image files = e2e_image("files.bin", build_littlefs(64u * 1024, E2E_SEED));
    char rest[BOARD_LINE_MAX];

    struct board_image program = upload_succeeds(&board, &sketch, NULL);
    board_says(&board, "restarted", rest);
    struct board_image data = upload_succeeds(&board, &files, ARGS("-s"));
    cr_assert_str_eq(data.target, "filesystem");
    expect_in_flash(&board, &program, &sketch);
    board_says(&board, "restarted", rest);
    upload_succeeds(&board, &files, ARGS("--filesystem"));
    board_stop(&board);
}

Test(upload, of_a_gzip_ends_with_the_devices_answer)
{
    struct board board = board_start("flash", NULL);
    struct built_image sketch = build_esp8266(100000, E2E_SEED);
    struct e2e_image gzip = e2e_image("sketch.bin.gz", build_gzip(&sketch));

    built_image_free(&sketch);
    struct process *uploader = upload_run(&board, &gzip, NULL);
    expect_exit(uploader, 8);
    expect_err(uploader, "ERROR[10]: Compressed image");
    board_failed(&board, 10);
    board_stop(&board);
}

Test(upload, of_an_esp32_image_goes_to_an_esp32)
{
    struct board board = board_start("flash", ARGS("--chip", "esp32"));
    struct e2e_image application = e2e_image("app.bin", build_esp32(200000, E2E_SEED, 0));

    upload_succeeds(&board, &application, NULL);
    board_stop(&board);
}

Test(upload, works_over_ipv6)
{
    struct board board = board_start("flash", ARGS("--bind", "::1"));
    struct e2e_image sketch = e2e_sketch(50000);

    cr_assert_str_eq(board.address, "::1");
    upload_succeeds(&board, &sketch, NULL);
    board_stop(&board);
}

Test(upload, finds_the_device_by_name)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(8192);
    struct process *uploader =
        uploader_run(ARGS("-i", "localhost", "-p", board.port.text, "-f", sketch.path.text));

    expect_exit(uploader, 0);
    board_updated(&board);
    board_stop(&board);
}

Test(upload, serves_two_devices_at_once)
{
    struct board first = board_start("flash1", ARGS("--bind", "127.0.0.51"));
    struct board second =
        board_start("flash2", ARGS("--bind", "127.0.0.52", "--port", first.port.text));
    struct e2e_image sketch = e2e_sketch(100000);
    struct process *uploader = upload_run(&first, &sketch, ARGS("-i", "127.0.0.52"));

    expect_exit(uploader, 0);
    expect_err(uploader, "127.0.0.51: updated: 100000 bytes");
    expect_err(uploader, "127.0.0.52: updated: 100000 bytes");
    struct board_image one = board_updated(&first);
    struct board_image two = board_updated(&second);
    expect_in_flash(&first, &one, &sketch);
    expect_in_flash(&second, &two, &sketch);
    board_stop(&first);
    board_stop(&second);
}

/* ---- addresses and ports ---- */

/* The port in an "invited" line of the device. */
static unsigned invited_port(const struct board *board)
{
    char rest[BOARD_LINE_MAX];

    board_says(board, "invited", rest);
    return board_number(rest, "port");
}

/* A TCP port that was free a moment ago. */
static unsigned free_port(const char *address)
{
    int fd = loopback_bind(address, 0, SOCK_STREAM);
    unsigned port = loopback_port(fd);

    cr_assert_geq(fd, 0);
    loopback_close(&fd);
    return port;
}

Test(upload, listens_where_it_is_told_to)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(8192);
    struct port_text port = port_text(free_port("127.0.0.53"));
    struct process *uploader =
        upload_run(&board, &sketch, ARGS("-I", "127.0.0.53", "-P", port.text));
    char rest[BOARD_LINE_MAX];

    expect_exit(uploader, 0);
    board_says(&board, "invited", rest);
    cr_assert(strstr(rest, "from=127.0.0.53:"), "%s", rest);
    cr_assert(strstr(rest, port.text), "%s", rest);
    board_says(&board, "connected", rest);
    cr_assert(strstr(rest, "127.0.0.53"), "%s", rest);
    board_stop(&board);
}

Test(upload, fails_when_its_port_is_taken)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(8192);
    int fd = loopback_bind("127.0.0.54", 0, SOCK_STREAM);
    struct port_text port = port_text(loopback_port(fd));
    struct process *uploader =
        upload_run(&board, &sketch, ARGS("-I", "127.0.0.54", "-P", port.text));

    loopback_close(&fd);
    expect_exit(uploader, 1);
    expect_err(uploader, "cannot listen on 127.0.0.54:");
    expect_err(uploader, port.text);
    board_stop(&board);
}

Test(upload, takes_the_next_free_port_of_a_range)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(8192);
    int fd = loopback_bind("127.0.0.55", 0, SOCK_STREAM);
    unsigned taken = loopback_port(fd);
    char range[16];

    cr_assert_lt(taken, 65500);
    snprintf(range, sizeof range, "%u-%u", taken, taken + 30);
    struct process *uploader = upload_run(&board, &sketch, ARGS("-I", "127.0.0.55", "-P", range));
    loopback_close(&fd);
    expect_exit(uploader, 0);
    unsigned used = invited_port(&board);
    cr_assert_gt(used, taken);
    cr_assert_leq(used, taken + 30);
    board_stop(&board);
}

Test(upload, listens_for_two_devices_at_one_port)
{
    struct board first = board_start("flash1", ARGS("--bind", "127.0.0.57"));
    struct board second =
        board_start("flash2", ARGS("--bind", "127.0.0.58", "--port", first.port.text));
    struct e2e_image sketch = e2e_sketch(100000);
    struct port_text port = port_text(free_port("127.0.0.56"));
    struct process *uploader =
        upload_run(&first, &sketch, ARGS("-i", "127.0.0.58", "-I", "127.0.0.56", "-P", port.text));

    expect_exit(uploader, 0);
    cr_assert_eq(invited_port(&first), invited_port(&second));
    board_updated(&first);
    board_updated(&second);
    board_stop(&first);
    board_stop(&second);
}

/* Two uploads to one device would only stand in each other's way. */
Test(upload, of_a_device_under_two_names_is_one_upload)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader = upload_run(&board, &sketch, ARGS("-i", "localhost"));

    expect_exit(uploader, 0);
    expect_err(uploader, "localhost is the same device as 127.0.0.1: it is updated once");
    expect_err_times(uploader, ": updated", 1);
    board_updated(&board);
    board_stop(&board);
}

Test(upload, cannot_mix_ipv4_and_ipv6)
{
    struct e2e_image sketch = e2e_sketch(8192);
    struct process *uploader =
        uploader_run(ARGS("-i", "127.0.0.1", "-I", "::1", "-f", sketch.path.text));

    expect_exit(uploader, 1);
    expect_err(uploader, "one is IPv4, the other IPv6");
}

/* ---- what it says ---- */

Test(upload, says_nothing_when_quiet)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader = upload_run(&board, &sketch, ARGS("--quiet"));

    expect_exit(uploader, 0);
    expect_silent(uploader->out);
    expect_silent(uploader->err);
    board_stop(&board);
}

Test(upload, says_what_went_wrong_even_when_quiet)
{
    struct board board = board_start("flash", ARGS("--chip", "esp32"));
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader = upload_run(&board, &sketch, ARGS("-q"));

    expect_exit(uploader, 8);
    expect_silent(uploader->out);
    expect_err(uploader, "espota-c: 127.0.0.1: the device reports: ERROR[10]: ");
    board_stop(&board);
}

Test(upload, tells_every_step_with_debug)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader = upload_run(&board, &sketch, ARGS("-d"));

    expect_exit(uploader, 0);
    expect_silent(uploader->out);
    expect_err(uploader, "invitation 1 to 127.0.0.1:");
    expect_err(uploader, "accepted");
    expect_err(uploader, "it has connected");
    expect_err(uploader, "everything sent");
    board_stop(&board);
}
