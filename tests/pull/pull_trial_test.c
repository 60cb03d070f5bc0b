/*
 * What espota-device takes from web servers is tried out, and not taken again when it was given up.
 */
#include "e2e_boot.h"
#include "pull_relay.h"
#include "pull_scene.h"
#include "web_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

E2E_SUITE(pull_trial);

/* While that lasts, nothing else could be taken: nobody is asked. */
Test(pull_trial, puts_what_it_takes_on_trial_and_asks_nobody_until_that_is_over)
{
    struct e2e_image old = e2e_image("1.bin", build_esp8266(60000, 1));
    struct e2e_image new = e2e_image("2.bin", build_esp8266(70000, 2));
    char head[PULL_HEAD_SIZE];
    struct web_answer answer = pull_offer(head, &new, "");
    struct board board = boot_board_with(&old, "--boot");
    struct scripted_web *web = scripted_web_start(&answer, 1);
    struct web_url url = web_url(scripted_web_port(web), "fw");
    char rest[BOARD_LINE_MAX];

    board_start_again(&board, ARGS("--boot", "--confirm", "never", "--pull", url.text));
    board_says(&board, "boot", board.boot);
    boot_expect_runs(&board, &new, "trial", "trying");
    board_says(&board, "pull-failed", rest);
    boot_expect(rest, "error", "11");
    boot_expect(rest, "text", "The sketch is on trial: confirm it");
    board_stop(&board);
    cr_assert_eq(scripted_web_stop(web, NULL), 1);
}

Test(pull_trial, once_ends_with_1_during_a_trial)
{
    struct e2e_image old = e2e_image("1.bin", build_esp8266(60000, 1));
    struct e2e_image new = e2e_image("2.bin", build_esp8266(70000, 2));
    struct board board = boot_board_with(&old, "--boot");

    board_start_again(&board, ARGS("--boot", "--confirm", "never"));
    boot_update(&board, &new, NULL);
    board_stop(&board);
    board_start_again(
        &board, ARGS("--boot", "--confirm", "never", "--once", "--pull", "http://127.0.0.1:1/x"));
    program_finish(board.process);
    expect_exit(board.process, 1);
    expect_no_out(board.process, "asking");
}

/* Starts from the first trial on; ends when the sketch before runs again, and asks. */
static void sit_the_trial_out(struct board *board, const struct e2e_image *old,
                              const struct e2e_image *bad, const char *handover, const char *url)
{
    const char *const *args = ARGS(handover, "--confirm", "never", "--pull", url);
    char rest[BOARD_LINE_MAX];

    board_start_again(board, args);
    board_says(board, "boot", board->boot);
    boot_expect_runs(board, bad, "trial", "trying");
    board_says(board, "pull-failed", rest);
    board_stop(board);
    for (int i = 0; i < 2; i++) {
        board_start_again(board, args);
        boot_expect_runs(board, bad, "trial", "trying-more");
        board_says(board, "pull-failed", rest);
        board_stop(board);
    }
    board_start_again(board, args);
    boot_expect_runs(board, old, "confirmed", "given-up");
}

/* It says so, and goes on to say so after a restart, and does not take it. */
static void expect_not_taken(struct board *board, const struct e2e_image *old, const char *handover,
                             const char *url)
{
    char rest[BOARD_LINE_MAX];

    for (int i = 0; i < 2; i++) {
        board_says(board, "up-to-date", rest);
        boot_expect(rest, "text", "given up before");
        board_stop(board);
        board_start_again(board,
                          ARGS(handover, "--confirm", "never", "--pull", url, "--every", "0.1"));
        boot_expect_runs(board, old, "confirmed", "none");
        board_says(board, "up-to-date", rest);
    }
}

static void expect_given_up_for_good(const char *handover)
{
    struct e2e_image old = e2e_image("old", build_esp8266(60000, 1));
    struct e2e_image bad = e2e_image("fw.bin", build_esp8266(70000, 2));
    struct board board = boot_board_with(&old, handover);
    struct web_url url = web_url(web_python_start(), "fw.bin");
    char rest[BOARD_LINE_MAX];

    sit_the_trial_out(&board, &old, &bad, handover, url.text);
    expect_not_taken(&board, &old, handover, url.text);
    struct e2e_image good = e2e_image("fw.bin", build_esp8266(80000, 3));
    board_updated(&board);
    board_says(&board, "boot", rest);
    board_stop(&board);
    board_start_again(&board, ARGS(handover));
    boot_expect_runs(&board, &good, "trial", "trying-more");
    boot_expect_confirmed(&board, &good);
    board_stop(&board);
}

Test(pull_trial, a_sketch_that_was_given_up_is_not_taken_again_with_select)
{
    expect_given_up_for_good("--boot=select");
}

Test(pull_trial, a_sketch_that_was_given_up_is_not_taken_again_with_exchange)
{
    expect_given_up_for_good("--boot=exchange");
}

/* What it is, its digest tells before a byte of it has come. */
Test(pull_trial, a_sketch_that_was_given_up_is_known_by_its_digest)
{
    struct e2e_image old = e2e_image("old", build_esp8266(60000, 1));
    struct e2e_image bad = e2e_image("new", build_esp8266(70000, 2));
    char servers[1024];

    web_publish("fw.bin", &bad);
    snprintf(servers, sizeof servers, "server { listen unix:%s; add_header x-MD5 %s; }\n",
             web_socket("web").text, e2e_md5(&bad.content).text);
    web_nginx_start(servers);
    struct pull_relay *relay = pull_relay_start(web_socket("web").text, NULL);
    struct web_url url = web_url(pull_relay_port(relay), "fw.bin");
    struct board board = boot_board_with(&old, "--boot=select");
    sit_the_trial_out(&board, &old, &bad, "--boot=select", url.text);
    expect_not_taken(&board, &old, "--boot=select", url.text);
    expect_no_out(board.process, "offered");
    board_stop(&board);
    pull_relay_stop(relay);
}
