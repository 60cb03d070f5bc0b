/*
 * espota-device asks: when, and what becomes of uploads, restarts and power cuts meanwhile.
 */
#include "e2e_boot.h"
#include "pull_scene.h"
#include "stock_client.h"
#include "tests/support/deadline.h"
#include "tests/support/loopback.h"
#include "web_server.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

E2E_SUITE(pull_device);

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
    struct scripted_web *web = scripted_web_start(&pull_nothing_new, 1);
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
    struct scripted_web *web = scripted_web_start(&pull_nothing_new, 1);
    struct web_url url = web_url(scripted_web_port(web), "x");
    struct board board = board_start("flash", ARGS("--pull", url.text, "--every", "0.1"));

    cr_assert(scripted_web_answered(web, 5, E2E_PATIENCE_MS));
    board_stop(&board);
    scripted_web_stop(web, NULL);
}

Test(pull_device, asks_again_where_nobody_was_at_first)
{
    struct scripted_web *web = scripted_web_start(&pull_nothing_new, 1);
    struct web_url url = web_url(scripted_web_port(web), "x");
    char rest[BOARD_LINE_MAX];

    scripted_web_stop(web, NULL);
    struct board board = board_start("flash", ARGS("--pull", url.text, "--every", "0.1"));
    board_says(&board, "pull-failed", rest);
    boot_expect(rest, "error", "-1");
    board_says(&board, "pull-failed", rest);
    board_stop(&board);
}

Test(pull_device, once_ends_with_1_when_there_is_nothing_new)
{
    struct scripted_web *web = scripted_web_start(&pull_nothing_new, 1);
    struct web_url url = web_url(scripted_web_port(web), "x");
    struct board board = board_start("flash", ARGS("--pull", url.text, "--once"));

    program_finish(board.process);
    expect_exit(board.process, 1);
    expect_out(board.process, "\nup-to-date\n");
    scripted_web_stop(web, NULL);
}

/* A device with a real flash would do so until that is worn out. */
Test(pull_device, is_not_restarted_for_ever_by_a_server_that_does_not_compare)
{
    struct web_url url = web_url(web_python_start(), "sketch.bin");
    char rest[BOARD_LINE_MAX];

    e2e_sketch(50000);
    struct board board = board_start("flash", ARGS("--pull", url.text, "--every", "0.1"));
    board_updated(&board);
    board_says(&board, "restarted", rest);
    for (int i = 0; i < 3; i++)
        board_says(&board, "up-to-date", rest);
    board_stop(&board);
    cr_assert_eq(pull_count_said(&board, "updated target="), 1u);
    cr_assert_eq(pull_count_said(&board, "restarted "), 1u);
}

/* It doubles its pauses: 6 questions in 3 seconds, and 30 if it did not. */
Test(pull_device, asks_less_often_where_nobody_is)
{
    struct scripted_web *web = scripted_web_start(&pull_nothing_new, 1);
    struct web_url url = web_url(scripted_web_port(web), "x");
    char rest[BOARD_LINE_MAX];

    scripted_web_stop(web, NULL);
    struct board board = board_start("flash", ARGS("--pull", url.text, "--every", "0.1"));
    board_says(&board, "pull-failed", rest);
    cr_assert_not(process_ended(board.process, 3000));
    cr_assert_leq(pull_count_said(&board, "pull-failed"), 12u, "%s", board.process->out.text);
    board_stop(&board);
}

/* Were the pause after the last failure to stay, this would take twice as long as one waits. */
Test(pull_device, asks_as_often_as_before_once_it_was_answered_well)
{
    static const struct web_answer failure = { .text = "HTTP/1.0 500 Sorry\r\n\r\n" };
    struct web_answer answers[] = { failure, failure, failure, failure, pull_nothing_new };
    struct scripted_web *web = scripted_web_start(answers, 5);
    struct web_url url = web_url(scripted_web_port(web), "x");
    struct board board = board_start("flash", ARGS("--pull", url.text, "--every", "0.1"));

    cr_assert(scripted_web_answered(web, 4 + 30, E2E_PATIENCE_MS));
    board_stop(&board);
    scripted_web_stop(web, NULL);
}

/* ---- beside uploads ---- */

Test(pull_device, takes_an_upload_between_two_questions)
{
    struct e2e_image sketch = e2e_sketch(50000);
    struct scripted_web *web = scripted_web_start(&pull_nothing_new, 1);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    struct board board = board_start("flash", ARGS("--pull", url.text));
    char requests[WEB_REQUESTS][WEB_REQUEST_SIZE];
    char rest[BOARD_LINE_MAX];

    board_says(&board, "up-to-date", rest);
    upload_succeeds(&board, &sketch, NULL);
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    cr_assert_eq(scripted_web_stop(web, requests), 2);
    pull_expect_header(requests[1], "x-ESP8266-sketch-md5", e2e_md5(&sketch.content).text);
}

Test(pull_device, refuses_an_upload_while_an_image_is_coming)
{
    struct e2e_image old = e2e_image("1.bin", build_esp8266(60000, 1));
    struct e2e_image new = e2e_image("2.bin", build_esp8266(70000, 2));
    char head[PULL_HEAD_SIZE];
    struct web_answer answer = pull_half_an_offer(head, &new);
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

/* An upload of which half has come. */
static struct stock_client half_an_upload(const struct board *board, const struct e2e_image *image)
{
    struct stock_client client = stock_open(board);

    stock_invite(&client, 0, image->content.size, e2e_md5(&image->content).text);
    stock_hears(&client, "OK");
    stock_accept(&client);
    stock_send(&client, image->content.bytes, image->content.size / 2);
    return client;
}

/* What it is offered it could not take, and the server would count that against it. */
Test(pull_device, does_not_ask_while_an_upload_is_coming)
{
    struct e2e_image pushed = e2e_image("1.bin", build_esp8266(60000, 1));
    struct scripted_web *web = scripted_web_start(&pull_nothing_new, 1);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    struct board board = board_start("flash", ARGS("--pull", url.text, "--every", "0.1"));
    char rest[BOARD_LINE_MAX];

    board_says(&board, "up-to-date", rest);
    struct stock_client client = half_an_upload(&board, &pushed);
    cr_assert_not(process_ended(board.process, 50));
    unsigned asked = pull_count_said(&board, "asking ");
    cr_assert_not(process_ended(board.process, 500));
    cr_assert_eq(pull_count_said(&board, "asking "), asked, "%s", board.process->out.text);
    expect_no_out(board.process, "pull-failed");
    stock_reset(&client);
    board_says(&board, "failed", rest);
    board_says(&board, "asking", rest);
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    scripted_web_stop(web, NULL);
}

/* Let the device ask, and give the connection on which it has. */
static int accept_question(int listener)
{
    int64_t deadline = deadline_after(E2E_PATIENCE_MS);
    char request[WEB_REQUEST_SIZE];
    size_t used = 0;

    cr_assert_eq(loopback_wait(listener, POLLIN, -1, deadline), POLLIN);
    int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    cr_assert_geq(peer, 0);
    do {
        cr_assert_neq(loopback_wait(peer, POLLIN, -1, deadline), 0);
        ssize_t n = recv(peer, request + used, sizeof request - 1 - used, 0);
        cr_assert_gt(n, 0);
        used += (size_t)n;
        request[used] = '\0';
    } while (!strstr(request, "\r\n\r\n"));
    return peer;
}

/* The upload has begun between the question and its answer. */
Test(pull_device, refuses_an_image_while_an_upload_is_coming_and_asks_again)
{
    struct e2e_image pushed = e2e_image("1.bin", build_esp8266(60000, 1));
    struct e2e_image offered = e2e_image("2.bin", build_esp8266(70000, 2));
    int listener = loopback_bind("127.0.0.1", 0, SOCK_STREAM);
    struct web_url url = web_url(loopback_port(listener), "fw");
    struct board board = board_start("flash", ARGS("--pull", url.text));
    char rest[BOARD_LINE_MAX];
    char head[PULL_HEAD_SIZE];

    int peer = accept_question(listener);
    struct stock_client client = half_an_upload(&board, &pushed);
    (void)pull_offer(head, &offered, "");
    cr_assert_eq(send(peer, head, strlen(head), MSG_NOSIGNAL), (ssize_t)strlen(head));
    board_says(&board, "pull-failed", rest);
    boot_expect(rest, "error", "15");
    loopback_close(&peer);
    stock_reset(&client);
    board_says(&board, "failed", rest);
    peer = accept_question(listener);
    board_stop(&board);
    loopback_close(&peer);
    loopback_close(&listener);
}

/* ---- ends ---- */

/* So many parts of the image come, of eight, before the device is ended. */
#define PARTS 8

/* Ended in the middle, it runs the old sketch, and takes the new one at the next start. */
static void expect_survives(int signal, int code)
{
    struct e2e_image old = e2e_image("1.bin", build_esp8266(60000, 1));
    struct e2e_image new = e2e_image("2.bin", build_esp8266(90000, 2));
    char head[PULL_HEAD_SIZE];
    struct web_answer answers[PARTS + 1];
    char rest[BOARD_LINE_MAX];

    for (size_t i = 0; i < PARTS; i++) {
        answers[i] = pull_offer(head, &new, "");
        if (i < PARTS - 1) {
            answers[i].len = new.content.size / PARTS *(i + 1);
            answers[i].then = WEB_HOLD;
        }
    }
    answers[PARTS] = pull_nothing_new;
    struct board board = pull_board_with(&old);
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
