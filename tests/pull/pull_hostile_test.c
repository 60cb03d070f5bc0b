/*
 * espota-device asks what is no web server, or a bad one: it fails, says why, and works on.
 */
#include "e2e_board.h"
#include "scripted_web.h"
#include "web_server.h"

#include <stdio.h>
#include <string.h>

E2E_SUITE(pull_hostile);

/* The device asks somebody who answers so; it fails like that, and still takes an upload. */
static void expect_fails_with(const struct web_answer *answer, const char *line)
{
    struct scripted_web *web = scripted_web_start(answer, 1);
    struct web_url url = web_url(scripted_web_port(web), "sketch.bin");
    struct e2e_image sketch = e2e_sketch(20000);
    struct board board = board_start("flash", ARGS("--pull", url.text, "--pull-retries", "0"));
    char rest[BOARD_LINE_MAX];

    board_says(&board, "pull-failed", rest);
    cr_assert_eq(strncmp(rest, line, strlen(line)), 0, "%s", rest);
    scripted_web_stop(web, NULL);
    upload_succeeds(&board, &sketch, NULL);
    board_stop(&board);
}

Test(pull_hostile, somebody_who_closes_at_once)
{
    expect_fails_with(&(struct web_answer){ .then = WEB_CLOSE, .at_once = true }, "error=-");
}

Test(pull_hostile, somebody_who_resets_when_asked)
{
    expect_fails_with(&(struct web_answer){ .then = WEB_RESET }, "error=-5 ");
}

Test(pull_hostile, somebody_who_is_silent)
{
    expect_fails_with(&(struct web_answer){ .then = WEB_HOLD }, "error=-11 text=\"read Timeout\"");
}

Test(pull_hostile, somebody_who_does_not_speak_http)
{
    expect_fails_with(&(struct web_answer){ .text = "SSH-2.0-OpenSSH_9.2p1\r\n", .then = WEB_HOLD },
                      "error=-7 text=\"no HTTP server\"");
}

Test(pull_hostile, headers_without_end)
{
    expect_fails_with(&(struct web_answer){ .text = "HTTP/1.1 200 OK\r\n",
                                            .then = WEB_REPEAT,
                                            .tail = "x-more: and more\r\n" },
                      "error=-7 ");
}

Test(pull_hostile, a_header_line_without_end)
{
    expect_fails_with(
        &(struct web_answer){
            .text = "HTTP/1.1 200 OK\r\nx-MD5: ", .then = WEB_REPEAT, .tail = "aaaaaaaaaaaaaaaa" },
        "error=-");
}

Test(pull_hostile, an_answer_in_chunks)
{
    expect_fails_with(&(struct web_answer){ .text = "HTTP/1.1 200 OK\r\n"
                                                    "Transfer-Encoding: chunked\r\n\r\n"
                                                    "5\r\n\xE9\x01\x02\x03\x04\r\n0\r\n\r\n" },
                      "error=-9 ");
}

Test(pull_hostile, an_image_of_no_length)
{
    expect_fails_with(&(struct web_answer){ .text = "HTTP/1.0 200 OK\r\n\r\n\xE9" },
                      "error=-101 text=\"Server Did Not Report Size\"");
}

Test(pull_hostile, two_lengths)
{
    expect_fails_with(&(struct web_answer){ .text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
                                                    "Content-Length: 50\r\n\r\n\xE9...." },
                      "error=-");
}

Test(pull_hostile, a_web_page_in_the_place_of_an_image)
{
    expect_fails_with(&(struct web_answer){ .text = "HTTP/1.1 200 OK\r\n"
                                                    "Content-Length: 50000\r\n\r\n"
                                                    "<!DOCTYPE html><html><title>Log in</title>",
                                            .then = WEB_REPEAT,
                                            .tail = "<p>Please log in to this hotel.</p>" },
                      "error=-106 ");
}

Test(pull_hostile, a_header_that_speaks_to_the_terminal)
{
    expect_fails_with(&(struct web_answer){ .text = "HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n"
                                                    "x-version: \x1b[2J\r\n\r\n" },
                      "error=-7 ");
}

/* Texts from outside end neither the line that they are in, nor their quotes. */
Test(pull_hostile, a_version_that_would_make_lines_of_its_own)
{
    struct e2e_image sketch = e2e_sketch(20000);
    char head[256];

    snprintf(head, sizeof head,
             "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
             "x-version: 1\" md5=0\r\n\r\n",
             sketch.content.size);
    const struct web_answer answers[] = {
        { .text = head, .body = sketch.content.bytes, .len = sketch.content.size },
        { .text = "HTTP/1.0 304 Not Modified\r\n\r\n" },
    };
    struct scripted_web *web = scripted_web_start(answers, 2);
    struct web_url url = web_url(scripted_web_port(web), "sketch.bin");
    struct board board = board_start("flash", ARGS("--pull", url.text));
    char rest[BOARD_LINE_MAX];

    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    expect_out(board.process, " version=\"1??md5=0\"\n");
    cr_assert_eq(scripted_web_stop(web, NULL), 2);
}

/* Round and round is not for ever. */
Test(pull_hostile, a_server_that_sends_the_device_round_in_circles)
{
    char text[256];
    struct web_answer answer = { .text = text };
    struct scripted_web *web = scripted_web_start(&answer, 1);
    struct web_url url = web_url(scripted_web_port(web), "round");

    snprintf(text, sizeof text, "HTTP/1.0 302 Found\r\nLocation: %s\r\n\r\n", url.text);
    struct board board = board_start("flash", ARGS("--once", "--pull", url.text));
    program_finish(board.process);
    expect_exit(board.process, 1);
    expect_out(board.process, "pull-failed error=-104 text=\"Wrong HTTP Code\"");
    cr_assert_lt(scripted_web_stop(web, NULL), 20u);
}

Test(pull_hostile, a_way_that_leads_to_tls_is_not_gone)
{
    const struct web_answer answer = {
        .text = "HTTP/1.0 302 Found\r\nLocation: https://127.0.0.1/\r\n\r\n",
    };
    struct scripted_web *web = scripted_web_start(&answer, 1);
    struct web_url url = web_url(scripted_web_port(web), "x");
    struct board board = board_start("flash", ARGS("--once", "--pull", url.text));

    program_finish(board.process);
    expect_exit(board.process, 1);
    expect_out(board.process, "pull-failed error=-");
    scripted_web_stop(web, NULL);
}

/* It would be the same as a server that is not there, and is not. */
Test(pull_hostile, somebody_who_sends_it_where_there_is_tls)
{
    static const struct web_answer answer = {
        .text = "HTTP/1.0 302 Found\r\nLocation: https://127.0.0.1/fw.bin\r\n\r\n",
    };
    struct scripted_web *web = scripted_web_start(&answer, 1);
    struct web_url url = web_url(scripted_web_port(web), "fw.bin");
    struct board board = board_start("flash", ARGS("--pull", url.text));
    char rest[BOARD_LINE_MAX];

    board_says(&board, "redirected", rest);
    cr_assert_str_eq(rest, "url=https://127.0.0.1/fw.bin");
    board_says(&board, "pull-failed", rest);
    cr_assert_str_eq(rest, "error=-1 text=\"connection failed: there is no TLS\"");
    board_stop(&board);
    scripted_web_stop(web, NULL);
}
