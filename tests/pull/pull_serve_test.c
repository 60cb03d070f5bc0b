/*
 * Both ends of the project: espota-device asks espota-c serve.
 */
#include "e2e_board.h"
#include "pull_relay.h"
#include "tests/serve/serve_world.h"
#include "web_server.h"

#include <stdio.h>
#include <string.h>

SERVE_SUITE(pull_serve);

#define SKETCH_SIZE 200000u

static const char one[] = "[release DOOR-1]\nsketch = 1.bin\n[default]\nrelease = DOOR-1\n";
static const char two[] = "[release DOOR-2]\nsketch = 2.bin\n[default]\nrelease = DOOR-2\n";

static struct served serve_catalog(const char *text)
{
    serve_file("catalog.ini", text);
    return serve_start(ARGS("--catalog", "catalog.ini"));
}

static void expect_stored(const struct board *board, const struct e2e_image *image)
{
    struct board_image stored = board_updated(board);

    expect_in_flash(board, &stored, image);
}

Test(pull_serve, a_device_takes_its_release_and_then_has_it)
{
    struct e2e_image sketch = e2e_image("1.bin", build_esp8266(SKETCH_SIZE, 1));
    struct served served = serve_catalog(one);
    struct board board = board_start("flash", ARGS("--pull", served.url));
    char rest[BOARD_LINE_MAX];

    expect_stored(&board, &sketch);
    board_says(&board, "restarted", rest);
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    expect_out(board.process, " version=\"DOOR-1\"\n");
    serve_stop(&served);
}

Test(pull_serve, a_device_that_asks_again_and_again_follows_the_catalogue)
{
    struct e2e_image first = e2e_image("1.bin", build_esp8266(SKETCH_SIZE, 1));
    struct e2e_image second = e2e_image("2.bin", build_esp8266(SKETCH_SIZE, 2));
    struct served served = serve_catalog(one);
    struct board board = board_start("flash", ARGS("--pull", served.url, "--every", "0.1"));
    char rest[BOARD_LINE_MAX];

    expect_stored(&board, &first);
    board_says(&board, "up-to-date", rest);
    serve_file("catalog.ini", two);
    expect_stored(&board, &second);
    board_says(&board, "restarted", rest);
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    serve_stop(&served);
}

/* The version says nothing here: what tells is the digest that the chip has in its flash. */
Test(pull_serve, an_esp32_that_nobody_has_named_is_known_by_its_sketch)
{
    struct e2e_image sketch = e2e_image("1.bin", build_esp32(SKETCH_SIZE, 1, 0));
    struct served served = serve_catalog(one);
    struct board board = board_start("flash", ARGS("--chip", "esp32"));
    char rest[BOARD_LINE_MAX];

    upload_succeeds(&board, &sketch, NULL);
    board_says(&board, "restarted", rest);
    board_stop(&board);
    board_start_again(&board, ARGS("--chip", "esp32", "--pull", served.url));
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    expect_no_out(board.process, "offered");
    serve_stop(&served);
}

Test(pull_serve, a_broken_transfer_goes_on_where_it_broke)
{
    static const size_t cuts[] = { 90000, 50000, 0 };
    struct e2e_image sketch = e2e_image("1.bin", build_esp8266(SKETCH_SIZE, 1));
    struct served served = serve_catalog(one);
    struct pull_relay *relay = pull_relay_start_to_port(served.port, cuts);
    struct web_url url = web_url(pull_relay_port(relay), "fw");
    struct board board = board_start("flash", ARGS("--once", "--pull", url.text));

    expect_stored(&board, &sketch);
    program_finish(board.process);
    expect_exit(board.process, 0);
    expect_logged(&served, " 206 ");
    cr_assert_eq(pull_relay_count(relay), 3);
    pull_relay_stop(relay);
    serve_stop(&served);
}

Test(pull_serve, a_device_that_knows_the_password_is_answered)
{
    struct e2e_image sketch = e2e_image("1.bin", build_esp8266(SKETCH_SIZE, 1));

    serve_file("catalog.ini", one);
    serve_file("users", "door:sesame\n");
    struct served served = serve_start(ARGS("--catalog", "catalog.ini", "--auth-file", "users"));
    struct board board = board_start("flash", ARGS("--once", "--pull", served.url));
    program_finish(board.process);
    expect_exit(board.process, 1);
    expect_out(board.process, "pull-failed error=-108 ");
    board_start_again(&board, ARGS("--once", "--pull", served.url, "--pull-auth-file", "users"));
    expect_stored(&board, &sketch);
    program_finish(board.process);
    expect_exit(board.process, 0);
    serve_stop(&served);
}

Test(pull_serve, a_device_is_not_offered_what_it_has_no_room_for)
{
    struct served served;

    e2e_image("1.bin", build_esp8266(SKETCH_SIZE, 1));
    served = serve_catalog(one);
    struct board board =
        board_start("flash", ARGS("--once", "--flash-size", "256K", "--pull", served.url));
    program_finish(board.process);
    expect_exit(board.process, 1);
    expect_out(board.process, "\nup-to-date\n");
    serve_stop(&served);
}

Test(pull_serve, one_image_for_whoever_asks)
{
    struct e2e_image sketch = e2e_image("1.bin", build_esp8266(SKETCH_SIZE, 1));
    struct served served = serve_start(ARGS("--image", "1.bin"));
    struct board board = board_start("flash", ARGS("--pull", served.url));
    char rest[BOARD_LINE_MAX];

    expect_stored(&board, &sketch);
    board_says(&board, "restarted", rest);
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    serve_stop(&served);
}
