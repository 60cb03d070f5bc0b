/*
 * espota-device asks: when, as whom, and what becomes of uploads, restarts and power cuts
 * meanwhile.
 */
#include "e2e_boot.h"
#include "scripted_web.h"
#include "stock_client.h"
#include "web_server.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

E2E_SUITE(pull_device);

static const struct web_answer nothing_new = { .text = "HTTP/1.0 304 Not Modified\r\n\r\n" };

/* Characters, with NUL, of an answer's header. */
#define HEAD_SIZE 256

/* An answer with an image; `head` has room for its header. */
static struct web_answer offer(char head[HEAD_SIZE], const struct e2e_image *image,
                               const char *fields)
{
    snprintf(head, HEAD_SIZE, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nx-MD5: %s\r\n%s\r\n",
             image->content.size, e2e_md5(&image->content).text, fields);
    return (struct web_answer){ .text = head,
                                .body = image->content.bytes,
                                .len = image->content.size };
}

/* The same, of which half comes, and then nothing more. */
static struct web_answer half_an_offer(char head[HEAD_SIZE], const struct e2e_image *image)
{
    struct web_answer answer = offer(head, image, "");

    answer.len /= 2;
    answer.then = WEB_HOLD;
    return answer;
}

/* The request has this header with this value. */
static void expect_header(const char *request, const char *name, const char *value)
{
    char line[160];

    snprintf(line, sizeof line, "\r\n%s: %s\r\n", name, value);
    cr_assert_not_null(strstr(request, line), "no \"%s: %s\" in:\n%s", name, value, request);
}

/* A device that runs this sketch, and was stopped. */
static struct board board_with(const struct e2e_image *sketch)
{
    struct board board = board_start("flash", NULL);
    char rest[BOARD_LINE_MAX];

    upload_succeeds(&board, sketch, NULL);
    board_says(&board, "restarted", rest);
    board_stop(&board);
    return board;
}

static void expect_runs(const struct board *board, const struct e2e_image *sketch)
{
    char running[80];

    snprintf(running, sizeof running, ",%zu,%s filesystem=", sketch->content.size,
             e2e_md5(&sketch->content).text);
    cr_assert(strstr(board->process->out.text, running) ||
                  process_expect(board->process, &board->process->out, running, E2E_PATIENCE_MS),
              "%s does not run:\n%s", running, board->process->out.text);
}

/* ---- when ---- */

Test(pull_device, asks_when_it_starts_and_only_then)
{
    struct scripted_web *web = scripted_web_start(&nothing_new, 1);
    struct web_url url = web_url(scripted_web_port(web), "x");
    struct board board = board_start("flash", ARGS("--pull", url.text));
    char rest[BOARD_LINE_MAX];

    board_says(&board, "asking", rest);
    board_says(&board, "up-to-date", rest);
    cr_assert_not(process_ended(board.process, 300));
    board_stop(&board);
    cr_assert_eq(scripted_web_stop(web, NULL), 1);
}

Test(pull_device, asks_again_and_again)
{
    struct scripted_web *web = scripted_web_start(&nothing_new, 1);
    struct web_url url = web_url(scripted_web_port(web), "x");
    struct board board = board_start("flash", ARGS("--pull", url.text, "--every", "0.05"));

    cr_assert(scripted_web_answered(web, 5, E2E_PATIENCE_MS));
    board_stop(&board);
    scripted_web_stop(web, NULL);
}

Test(pull_device, asks_again_where_nobody_was_at_first)
{
    struct scripted_web *web = scripted_web_start(&nothing_new, 1);
    struct web_url url = web_url(scripted_web_port(web), "x");
    char rest[BOARD_LINE_MAX];

    scripted_web_stop(web, NULL);
    struct board board = board_start("flash", ARGS("--pull", url.text, "--every", "0.05"));
    board_says(&board, "pull-failed", rest);
    boot_expect(rest, "error", "-1");
    board_says(&board, "pull-failed", rest);
    board_stop(&board);
}

Test(pull_device, once_ends_with_1_when_there_is_nothing_new)
{
    struct scripted_web *web = scripted_web_start(&nothing_new, 1);
    struct web_url url = web_url(scripted_web_port(web), "x");
    struct board board = board_start("flash", ARGS("--pull", url.text, "--once"));

    program_finish(board.process);
    expect_exit(board.process, 1);
    expect_out(board.process, "\nup-to-date\n");
    scripted_web_stop(web, NULL);
}

/* Without a digest it cannot know before, and a real one would do so until its flash is worn out.
 */
Test(pull_device, is_not_restarted_for_ever_by_a_server_that_does_not_compare)
{
    struct web_url url = web_url(web_python_start(), "sketch.bin");
    char rest[BOARD_LINE_MAX];

    e2e_sketch(50000);
    struct board board = board_start("flash", ARGS("--pull", url.text));
    for (int i = 0; i < 2; i++) {
        board_updated(&board);
        board_says(&board, "restarted", rest);
        board_says(&board, "listening", rest);
    }
    cr_assert_not(process_ended(board.process, 500));
    expect_said_at(__FILE__, __LINE__, board.process, &board.process->out, "asking", 2);
    board_stop(&board);
}

/* ---- as whom ---- */

Test(pull_device, says_who_it_is_and_after_the_update_who_it_has_become)
{
    struct e2e_image old = e2e_image("1.bin", build_esp8266(60000, 1));
    struct e2e_image new = e2e_image("2.bin", build_esp8266(70000, 2));
    char head[HEAD_SIZE];
    struct web_answer answers[] = { offer(head, &new, "X-Version: door 2.0\r\n"), nothing_new };
    struct board board = board_with(&old);
    struct scripted_web *web = scripted_web_start(answers, 2);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    char requests[WEB_REQUESTS][WEB_REQUEST_SIZE];
    char rest[BOARD_LINE_MAX];

    board_start_again(&board,
                      ARGS("--pull", url.text, "--version", "1.0", "--mac", "18:FE:34:0A:0B:FF"));
    struct board_image stored = board_updated(&board);
    expect_in_flash(&board, &stored, &new);
    board_says(&board, "restarted", rest);
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    cr_assert_eq(scripted_web_stop(web, requests), 2);
    expect_header(requests[0], "User-Agent", "ESP8266-http-Update");
    expect_header(requests[0], "x-ESP8266-Chip-ID", "658431");
    expect_header(requests[0], "x-ESP8266-STA-MAC", "18:FE:34:0A:0B:FF");
    expect_header(requests[0], "x-ESP8266-AP-MAC", "1A:FE:34:0A:0B:FF");
    expect_header(requests[0], "x-ESP8266-chip-size", "4194304");
    expect_header(requests[0], "x-ESP8266-sketch-size", "60000");
    expect_header(requests[0], "x-ESP8266-sketch-md5", e2e_md5(&old.content).text);
    expect_header(requests[0], "x-ESP8266-version", "1.0");
    expect_header(requests[1], "x-ESP8266-sketch-size", "70000");
    expect_header(requests[1], "x-ESP8266-sketch-md5", e2e_md5(&new.content).text);
    expect_header(requests[1], "x-ESP8266-version", "door 2.0");
}

Test(pull_device, says_no_version_of_a_sketch_that_nobody_has_named)
{
    struct e2e_image sketch = e2e_sketch(50000);
    char head[HEAD_SIZE];
    struct web_answer answers[] = { offer(head, &sketch, ""), nothing_new };
    struct scripted_web *web = scripted_web_start(answers, 2);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    struct board board = board_start("flash", ARGS("--pull", url.text, "--version", "1.0"));
    char requests[WEB_REQUESTS][WEB_REQUEST_SIZE];
    char rest[BOARD_LINE_MAX];

    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    scripted_web_stop(web, requests);
    expect_header(requests[0], "x-ESP8266-version", "1.0");
    cr_assert_null(strstr(requests[1], "x-ESP8266-version"), "%s", requests[1]);
}

/* As after the bootloader has gone back to it. */
Test(pull_device, says_the_version_of_a_sketch_that_it_ran_before)
{
    struct e2e_image old = e2e_image("1.bin", build_esp8266(60000, 1));
    struct e2e_image new = e2e_image("2.bin", build_esp8266(70000, 2));
    char head[HEAD_SIZE];
    struct web_answer answers[] = { offer(head, &new, "x-version: 2.0\r\n"), nothing_new };
    struct board board = board_with(&old);
    struct scripted_web *web = scripted_web_start(answers, 2);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    char requests[WEB_REQUESTS][WEB_REQUEST_SIZE];
    char rest[BOARD_LINE_MAX];

    board_start_again(&board, ARGS("--pull", url.text, "--version", "1.0"));
    board_says(&board, "up-to-date", rest);
    upload_succeeds(&board, &old, NULL);
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    cr_assert_eq(scripted_web_stop(web, requests), 3);
    expect_header(requests[1], "x-ESP8266-version", "2.0");
    expect_header(requests[2], "x-ESP8266-version", "1.0");
}

Test(pull_device, tells_the_digest_of_an_esp32_sketch_as_the_chip_does)
{
    struct e2e_image sketch = e2e_image("32.bin", build_esp32(60000, 1, 0));
    struct scripted_web *web = scripted_web_start(&nothing_new, 1);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    struct board board = board_start("flash", ARGS("--chip", "esp32"));
    char requests[WEB_REQUESTS][WEB_REQUEST_SIZE];
    char rest[BOARD_LINE_MAX];
    char sha256[HEX_SIZE(DIGEST_SHA256_SIZE)] = "";

    upload_succeeds(&board, &sketch, NULL);
    board_says(&board, "restarted", rest);
    board_stop(&board);
    board_start_again(&board, ARGS("--chip", "esp32", "--pull", url.text));
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    scripted_web_stop(web, requests);
    for (size_t i = 0; i < DIGEST_SHA256_SIZE; i++)
        snprintf(sha256 + 2 * i, 3, "%02X",
                 sketch.content.bytes[sketch.content.size - DIGEST_SHA256_SIZE + i]);
    expect_header(requests[0], "User-Agent", "ESP32-http-Update");
    expect_header(requests[0], "x-ESP32-sketch-sha256", sha256);
    cr_assert_null(strstr(requests[0], "Chip-ID"));
}

/* The MAC that a device with this flash file tells. */
static void mac_of(const char *flash, char out[18])
{
    struct scripted_web *web = scripted_web_start(&nothing_new, 1);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    struct board board = board_start(flash, ARGS("--pull", url.text));
    char requests[WEB_REQUESTS][WEB_REQUEST_SIZE];
    char rest[BOARD_LINE_MAX];

    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    scripted_web_stop(web, requests);
    const char *mac = strstr(requests[0], "STA-MAC: ");
    cr_assert_not_null(mac, "%s", requests[0]);
    snprintf(out, 18, "%s", mac + 9);
}

Test(pull_device, has_an_address_of_its_own_for_each_flash)
{
    char first[18];
    char again[18];
    char other[18];

    mac_of("flash", first);
    mac_of("flash", again);
    mac_of("other", other);
    cr_assert_eq(strncmp(first, "02:", 3), 0, "%s", first);
    cr_assert_str_eq(first, again);
    cr_assert_str_neq(first, other);
}

/* ---- beside uploads ---- */

Test(pull_device, takes_an_upload_between_two_questions)
{
    struct e2e_image sketch = e2e_sketch(50000);
    struct scripted_web *web = scripted_web_start(&nothing_new, 1);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    struct board board = board_start("flash", ARGS("--pull", url.text));
    char requests[WEB_REQUESTS][WEB_REQUEST_SIZE];
    char rest[BOARD_LINE_MAX];

    board_says(&board, "up-to-date", rest);
    upload_succeeds(&board, &sketch, NULL);
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    cr_assert_eq(scripted_web_stop(web, requests), 2);
    expect_header(requests[1], "x-ESP8266-sketch-md5", e2e_md5(&sketch.content).text);
}

Test(pull_device, refuses_an_upload_while_an_image_is_coming)
{
    struct e2e_image old = e2e_image("1.bin", build_esp8266(60000, 1));
    struct e2e_image new = e2e_image("2.bin", build_esp8266(70000, 2));
    char head[HEAD_SIZE];
    struct web_answer answer = half_an_offer(head, &new);
    struct scripted_web *web = scripted_web_start(&answer, 1);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    struct board board = board_start("flash", ARGS("--pull", url.text));
    char rest[BOARD_LINE_MAX];

    board_says(&board, "progress", rest);
    struct process *uploader = upload_run(&board, &old, NULL);
    expect_exit(uploader, 8);
    expect_err(uploader, "ERROR[15]");
    board_stop(&board);
    scripted_web_stop(web, NULL);
}

/* Wait until what it asks for ends like that. */
static void await_error(const struct board *board, const char *error)
{
    char rest[BOARD_LINE_MAX];
    char value[BOARD_VALUE_MAX];

    do {
        board_says(board, "pull-failed", rest);
        board_value(value, rest, "error");
    } while (strcmp(value, error) != 0);
}

/* The image is not on the server before the upload has begun. */
Test(pull_device, refuses_an_image_while_an_upload_is_coming)
{
    struct e2e_image pushed = e2e_image("1.bin", build_esp8266(60000, 1));
    struct built_image pulled = build_esp8266(70000, 2);
    struct web_url url = web_url(web_python_start(), "fw.bin");
    struct board board = board_start("flash", ARGS("--pull", url.text, "--every", "0.05"));

    await_error(&board, "-102");
    struct stock_client client = stock_open(&board);
    stock_invite(&client, 0, pushed.content.size, e2e_md5(&pushed.content).text);
    stock_hears(&client, "OK");
    stock_accept(&client);
    stock_send(&client, pushed.content.bytes, 30000);
    e2e_image("fw.bin", pulled);
    await_error(&board, "15");
    stock_send(&client, pushed.content.bytes + 30000, pushed.content.size - 30000);
    stock_verdict(&client);
    struct board_image stored = board_updated(&board);
    expect_in_flash(&board, &stored, &pushed);
    stock_close(&client);
    board_stop(&board);
}

/* ---- ends ---- */

/* So many parts of the image come, of eight, before the device is ended. */
#define PARTS 8

/* Ended in the middle, it runs the old sketch, and takes the new one at the next start. */
static void expect_survives(int signal, int code)
{
    struct e2e_image old = e2e_image("1.bin", build_esp8266(60000, 1));
    struct e2e_image new = e2e_image("2.bin", build_esp8266(90000, 2));
    char head[HEAD_SIZE];
    struct web_answer answers[PARTS + 1];
    char rest[BOARD_LINE_MAX];

    for (size_t i = 0; i < PARTS; i++) {
        answers[i] = offer(head, &new, "");
        if (i < PARTS - 1) {
            answers[i].len = new.content.size / PARTS *(i + 1);
            answers[i].then = WEB_HOLD;
        }
    }
    answers[PARTS] = nothing_new;
    struct board board = board_with(&old);
    struct scripted_web *web = scripted_web_start(answers, PARTS + 1);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    for (unsigned i = 0; i < PARTS - 1; i++) {
        board_start_again(&board, ARGS("--pull", url.text));
        cr_assert(scripted_web_answered(web, i + 1, E2E_PATIENCE_MS));
        board_says(&board, "offered", rest);
        process_signal(board.process, signal);
        program_finish(board.process);
        expect_exit(board.process, code);
        expect_runs(&board, &old);
    }
    board_start_again(&board, ARGS("--pull", url.text));
    expect_runs(&board, &old);
    board_says(&board, "up-to-date", rest);
    expect_runs(&board, &new);
    board_stop(&board);
    cr_assert_eq(scripted_web_stop(web, NULL), PARTS + 1);
}

Test(pull_device, keeps_its_sketch_when_it_is_ended_in_the_middle)
{
    expect_survives(SIGTERM, 0);
}

Test(pull_device, keeps_its_sketch_when_the_power_fails_in_the_middle)
{
    expect_survives(SIGKILL, 128 + SIGKILL);
}

/* ---- trials ---- */

Test(pull_device, puts_what_it_takes_on_trial)
{
    struct e2e_image old = e2e_image("1.bin", build_esp8266(60000, 1));
    struct e2e_image new = e2e_image("2.bin", build_esp8266(70000, 2));
    char head[HEAD_SIZE];
    struct web_answer answer = offer(head, &new, "");
    struct board board = boot_board_with(&old, "--boot");
    struct scripted_web *web = scripted_web_start(&answer, 1);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    char rest[BOARD_LINE_MAX];

    board_start_again(&board, ARGS("--boot", "--confirm", "never", "--pull", url.text));
    board_says(&board, "boot", board.boot);
    boot_expect_runs(&board, &new, "trial", "trying");
    /* While that lasts, nothing else is taken. */
    board_says(&board, "pull-failed", rest);
    boot_expect(rest, "error", "11");
    board_stop(&board);
    scripted_web_stop(web, NULL);
}
