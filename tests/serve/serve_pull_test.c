/*
 * Both ends of a pulled update: libota's client, as espota-device has it, and the server.
 */
#include "serve_world.h"

#include "tests/e2e/e2e_board.h"
#include "tests/pull/pull_relay.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

SERVE_SUITE(serve_pull);

#define MAC "18:FE:AA:AA:AA:AA"

static struct e2e_image sketch;

static struct served start(const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    sketch = e2e_image("one.bin", build_esp8266(300000, 1));
    serve_file("catalog.ini", "[release ONE]\nsketch = one.bin\n[default]\nrelease = ONE\n");
    join_arguments(argv, ARGS("--catalog", "catalog.ini", "--state", "record.sqlite"), args);
    return serve_start(argv);
}

/* What the server, which has ended, remembers of the device's sketch: the report has the one. */
static void expect_remembered(const char *outcome, int attempts, const char *version)
{
    struct process *process =
        program_run(E2E_UPLOADER, ARGS("serve", "--report", "--json", "--state", "record.sqlite"));
    json_error_t error;
    json_t *device = json_loads(process->out.text, 0, &error);

    cr_assert_not_null(device, "%s: %s", error.text, process->out.text);
    const json_t *offer = json_object_get(device, "sketch");
    cr_expect_str_eq(json_string_value(json_object_get(device, "device")), MAC);
    cr_expect_str_eq(json_string_value(json_object_get(device, "version")), version);
    cr_expect_str_eq(json_string_value(json_object_get(offer, "outcome")), outcome);
    cr_expect_eq(json_integer_value(json_object_get(offer, "attempts")), attempts);
    json_decref(device);
}

Test(serve_pull, a_device_is_updated_and_reports_it)
{
    struct served served = start(NULL);
    struct board board = board_start(
        "flash", ARGS("--pull", served.url, "--every=0.2", "--version=ZERO", "--mac", MAC));
    char rest[BOARD_LINE_MAX];

    board_says(&board, "updated", rest);
    cr_expect(strstr(rest, "version=\"ONE\""), "%s", rest);
    board_says(&board, "restarted", rest);
    cr_expect(strstr(rest, e2e_md5(&sketch.content).text), "%s", rest);
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    serve_stop(&served);
    expect_remembered("updated", 1, "ONE");
}

Test(serve_pull, a_transfer_that_breaks_goes_on_where_it_broke_and_is_one_attempt)
{
    static const size_t cuts[] = { 100000, 60, 120000, 0 };
    struct served served = start(ARGS("--attempts=1"));
    struct pull_relay *relay = pull_relay_start_to_port(served.port, cuts);
    char url[64];
    char rest[BOARD_LINE_MAX];

    snprintf(url, sizeof url, "http://127.0.0.1:%u/", (unsigned)pull_relay_port(relay));
    struct board board =
        board_start("flash", ARGS("--pull", url, "--every=60", "--version=ZERO", "--mac", MAC));
    board_says(&board, "updated", rest);
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    pull_relay_stop(relay);
    expect_logged(&served, "\" 206 ");
    serve_stop(&served);
    expect_remembered("updated", 1, "ONE");
}

Test(serve_pull, a_device_with_name_and_password_is_let_in)
{
    serve_file("users", "door:secret\n");
    serve_file("credentials", "door:secret\n");
    struct served served = start(ARGS("--auth-file", "users"));
    struct board board = board_start(
        "flash", ARGS("--pull", served.url, "--version=ZERO", "--pull-auth-file", "credentials"));
    char rest[BOARD_LINE_MAX];

    board_says(&board, "updated", rest);
    board_stop(&board);
    board = board_start("other", ARGS("--pull", served.url));
    board_says(&board, "pull-failed", rest);
    cr_expect(strstr(rest, "error=-108"), "%s", rest);
    board_stop(&board);
    serve_stop(&served);
}

Test(serve_pull, a_device_of_another_family_is_left_alone)
{
    struct served served = start(NULL);
    struct board board =
        board_start("flash", ARGS("--pull", served.url, "--chip", "esp32", "--mac", MAC));
    char rest[BOARD_LINE_MAX];

    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    expect_logged(&served, MAC " other-family");
    serve_stop(&served);
}
