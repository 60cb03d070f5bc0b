/*
 * espota-device asks web servers that know nothing of it: python3's http.server, which has no
 * ranges, and nginx.
 */
#include "e2e_board.h"
#include "pull_relay.h"
#include "web_server.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

E2E_SUITE(pull_server);

#define SKETCH_SIZE 200000u

/* Start a device that asks `url`, and has `args` beside. */
static struct board asker(const char *url, const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    join_arguments(argv, ARGS("--pull", url), args);
    return board_start("flash", argv);
}

static void expect_end(const struct board *board, int code)
{
    program_finish(board->process);
    expect_exit(board->process, code);
    expect_silent(board->process->err);
}

/* It takes the image, and ends. */
static void expect_updated(const struct board *board, const struct e2e_image *image)
{
    struct board_image stored = board_updated(board);

    expect_in_flash(board, &stored, image);
    expect_end(board, 0);
}

/* It says that it failed so, and ends. */
static void expect_failed(const struct board *board, const char *line)
{
    expect_end(board, 1);
    expect_out(board->process, line);
    expect_no_out(board->process, "updated");
}

/* One server block that serves "www" at a socket, with more directives for the image. */
static void start_nginx(const char *directives)
{
    char servers[2048];

    snprintf(servers, sizeof servers, "server { listen unix:%s; location / { %s } }\n",
             web_socket("web").text, directives);
    web_nginx_start(servers);
}

/* The same, with the image's digest, as a server for devices gives it. */
static void start_nginx_with_md5(const struct e2e_image *image, const char *directives)
{
    char all[256];

    snprintf(all, sizeof all, "add_header x-MD5 %s; %s", e2e_md5(&image->content).text, directives);
    start_nginx(all);
}

static struct pull_relay *relay_to_nginx(const size_t *cuts)
{
    return pull_relay_start(web_socket("web").text, cuts);
}

/* ---- python3's http.server ---- */

Test(pull_server, an_image_from_a_server_that_knows_nothing_but_files)
{
    struct e2e_image sketch = e2e_sketch(SKETCH_SIZE);
    struct web_url url = web_url(web_python_start(), "sketch.bin");
    struct board board = asker(url.text, ARGS("--once"));

    expect_updated(&board, &sketch);
    expect_out(board.process, "asking url=http://127.0.0.1:");
    expect_out(board.process, "offered done=0 total=");
    expect_out(board.process, "changed=yes");
}

Test(pull_server, an_image_for_the_esp32)
{
    struct e2e_image sketch = e2e_image("32.bin", build_esp32(SKETCH_SIZE, 3, 0));
    struct web_url url = web_url(web_python_start(), "32.bin");
    struct board board = asker(url.text, ARGS("--once", "--chip", "esp32"));

    expect_updated(&board, &sketch);
}

Test(pull_server, an_image_for_another_chip_is_refused)
{
    e2e_image("32.bin", build_esp32(SKETCH_SIZE, 3, 0));
    struct web_url url = web_url(web_python_start(), "32.bin");
    struct board board = asker(url.text, ARGS("--once"));

    expect_failed(&board, "pull-failed error=-106 text=\"Image is for another chip\"");
}

Test(pull_server, a_broken_transfer_begins_anew_where_the_server_cannot_continue_it)
{
    static const size_t cuts[] = { 90000, 150000, 0 };
    struct e2e_image sketch = e2e_sketch(SKETCH_SIZE);
    struct pull_relay *relay = pull_relay_start_to_port(web_python_start(), cuts);
    struct web_url url = web_url(pull_relay_port(relay), "sketch.bin");
    struct board board = asker(url.text, ARGS("--once"));

    expect_updated(&board, &sketch);
    expect_out(board.process, " error=-5 text=\"connection lost\"");
    cr_assert_eq(pull_relay_count(relay), 3);
    pull_relay_stop(relay);
}

Test(pull_server, an_image_that_is_not_there)
{
    struct web_url url = web_url(web_python_start(), "no-such.bin");
    struct board board = asker(url.text, ARGS("--once"));

    expect_failed(&board, "pull-failed error=-102 text=\"File Not Found (404)\"");
}

Test(pull_server, an_image_that_is_larger_than_the_slot)
{
    e2e_sketch(2000000);
    struct web_url url = web_url(web_python_start(), "sketch.bin");
    struct board board = asker(url.text, ARGS("--once"));

    expect_failed(&board, "pull-failed error=-100 text=\"Not Enough space\"");
}

Test(pull_server, a_name_instead_of_an_address)
{
    struct e2e_image sketch = e2e_sketch(SKETCH_SIZE);
    char url[64];

    snprintf(url, sizeof url, "http://localhost:%u/sketch.bin", (unsigned)web_python_start());
    struct board board = asker(url, ARGS("--once"));
    expect_updated(&board, &sketch);
}

Test(pull_server, nobody_who_listens)
{
    struct pull_relay *relay = pull_relay_start_to_port(1, NULL);
    struct web_url url = web_url(pull_relay_port(relay), "sketch.bin");

    pull_relay_stop(relay);
    struct board board = asker(url.text, ARGS("--once"));
    expect_failed(&board, "pull-failed error=-1 text=\"connection failed\"");
}

/* ---- nginx ---- */

static void publish(const struct e2e_image *sketch)
{
    web_publish("sketch.bin", sketch);
}

Test(pull_server, an_image_with_its_digest)
{
    struct e2e_image sketch = e2e_sketch(SKETCH_SIZE);

    publish(&sketch);
    start_nginx_with_md5(&sketch, "add_header x-version 2.0;");
    struct pull_relay *relay = relay_to_nginx(NULL);
    struct web_url url = web_url(pull_relay_port(relay), "sketch.bin");
    struct board board = asker(url.text, ARGS("--once"));
    expect_updated(&board, &sketch);
    expect_out(board.process, "version=\"2.0\"");
    pull_relay_stop(relay);
}

Test(pull_server, an_image_that_does_not_have_the_digest_it_should)
{
    struct e2e_image sketch = e2e_sketch(SKETCH_SIZE);

    publish(&sketch);
    start_nginx("add_header x-MD5 00112233445566778899aabbccddeeff;");
    struct pull_relay *relay = relay_to_nginx(NULL);
    struct web_url url = web_url(pull_relay_port(relay), "sketch.bin");
    struct board board = asker(url.text, ARGS("--once"));
    expect_failed(&board, "pull-failed error=7 text=\"MD5 verification failed: expected: "
                          "00112233445566778899aabbccddeeff, calculated: ");
    pull_relay_stop(relay);
}

/* A file of the web server was last written then: seconds since the epoch. */
static void make_old(const char *name, time_t when)
{
    const struct timespec past[2] = { { .tv_sec = when }, { .tv_sec = when } };
    char path[64];

    snprintf(path, sizeof path, "www/%s", name);
    cr_assert_eq(utimensat(AT_FDCWD, temp_path(&e2e_folder, path).text, past, 0), 0);
}

/* Two cuts: of every byte, one arrives in one piece, and the next piece begins where it ended. */
Test(pull_server, a_broken_transfer_goes_on_where_it_broke)
{
    static const size_t cuts[] = { 90000, 50000, 0 };
    struct e2e_image sketch = e2e_sketch(SKETCH_SIZE);

    publish(&sketch);
    make_old("sketch.bin", 1000000000);
    start_nginx("");
    struct pull_relay *relay = relay_to_nginx(cuts);
    struct web_url url = web_url(pull_relay_port(relay), "sketch.bin");
    struct board board = asker(url.text, ARGS("--once"));
    expect_updated(&board, &sketch);
    char *log = web_nginx_log();
    cr_assert_eq(strncmp(log, "200 - /", 7), 0, "%s", log);
    char *second = strchr(log, '\n') + 1;
    cr_assert_eq(strncmp(second, "206 bytes=", 10), 0, "%s", log);
    long first_break = strtol(second + 10, NULL, 10);
    cr_assert(first_break > 80000 && first_break < 90000, "%s", log);
    char *third = strchr(second, '\n') + 1;
    cr_assert_eq(strncmp(third, "206 bytes=", 10), 0, "%s", log);
    cr_assert_gt(strtol(third + 10, NULL, 10), first_break, "%s", log);
    free(log);
    pull_relay_stop(relay);
}

/* What was there of the old one and what comes of the new one would make an image of neither. */
Test(pull_server, an_image_that_is_replaced_while_it_comes_begins_anew)
{
    static const size_t cuts[] = { 90000, 0 };
    struct e2e_image old = e2e_image("1.bin", build_esp8266(SKETCH_SIZE, 1));
    struct e2e_image new = e2e_image("2.bin", build_esp8266(SKETCH_SIZE, 2));

    web_publish("sketch.bin", &old);
    web_publish("new.bin", &new);
    /* nginx tells files of one size apart by the second of their last change. */
    make_old("sketch.bin", 1000000000);
    make_old("new.bin", 1000000001);
    start_nginx("if ($http_range) { rewrite ^ /new.bin break; }");
    struct pull_relay *relay = relay_to_nginx(cuts);
    struct web_url url = web_url(pull_relay_port(relay), "sketch.bin");
    struct board board = asker(url.text, ARGS("--once"));
    expect_updated(&board, &new);
    char *log = web_nginx_log();
    cr_assert_not_null(strstr(log, "\n200 bytes="), "%s", log);
    free(log);
    pull_relay_stop(relay);
}

/* It may have been written again in that second: its tag would be the same. */
Test(pull_server, an_image_that_was_only_just_written_is_asked_for_anew)
{
    static const size_t cuts[] = { 90000, 0 };
    static const struct timespec later[2] = { { .tv_sec = 1 }, { .tv_nsec = UTIME_NOW } };
    struct e2e_image sketch = e2e_sketch(SKETCH_SIZE);

    publish(&sketch);
    start_nginx("");
    struct pull_relay *relay = relay_to_nginx(cuts);
    struct web_url url = web_url(pull_relay_port(relay), "sketch.bin");
    cr_assert_eq(utimensat(AT_FDCWD, temp_path(&e2e_folder, "www/sketch.bin").text, later, 0), 0);
    struct board board = asker(url.text, ARGS("--once"));
    expect_updated(&board, &sketch);
    char *log = web_nginx_log();
    cr_assert_eq(strncmp(log, "200 - /", 7), 0, "%s", log);
    free(log);
    pull_relay_stop(relay);
}

Test(pull_server, an_image_that_it_runs_already_is_not_taken)
{
    struct e2e_image sketch = e2e_sketch(SKETCH_SIZE);
    char rest[BOARD_LINE_MAX];

    publish(&sketch);
    start_nginx_with_md5(&sketch, "");
    struct pull_relay *relay = relay_to_nginx(NULL);
    struct web_url url = web_url(pull_relay_port(relay), "sketch.bin");
    struct board board = asker(url.text, NULL);
    board_says(&board, "restarted", rest);
    board_says(&board, "up-to-date", rest);
    board_stop(&board);
    cr_assert_eq(pull_relay_count(relay), 2);
    pull_relay_stop(relay);
}

Test(pull_server, a_transfer_that_breaks_again_and_again_is_given_up)
{
    static const size_t cuts[] = { 90000, 50, 50, 50, 0 };
    struct e2e_image sketch = e2e_sketch(SKETCH_SIZE);

    publish(&sketch);
    start_nginx("");
    struct pull_relay *relay = relay_to_nginx(cuts);
    struct web_url url = web_url(pull_relay_port(relay), "sketch.bin");
    struct board board = asker(url.text, ARGS("--once", "--pull-retries", "1"));
    expect_end(&board, 1);
    expect_out(board.process, "pull-failed error=-5 ");
    cr_assert_eq(pull_relay_count(relay), 2);
    pull_relay_stop(relay);
}

Test(pull_server, nothing_new_for_a_device_that_has_the_version)
{
    struct e2e_image sketch = e2e_sketch(SKETCH_SIZE);

    publish(&sketch);
    start_nginx("if ($http_x_esp8266_version = 'DOOR-7') { return 304; }");
    struct pull_relay *relay = relay_to_nginx(NULL);
    struct web_url url = web_url(pull_relay_port(relay), "sketch.bin");
    struct board board = asker(url.text, ARGS("--once", "--version", "DOOR-7"));
    expect_end(&board, 1);
    expect_out(board.process, "\nup-to-date\n");
    board = asker(url.text, ARGS("--once", "--version=DOOR-6"));
    expect_updated(&board, &sketch);
    pull_relay_stop(relay);
}

Test(pull_server, the_identity_goes_along_to_where_the_device_is_sent)
{
    struct e2e_image sketch = e2e_sketch(SKETCH_SIZE);
    char servers[2048];

    publish(&sketch);
    struct pull_relay *second = pull_relay_start(web_socket("second").text, NULL);
    snprintf(servers, sizeof servers,
             "server { listen unix:%s; return 302 http://127.0.0.1:%u/sketch.bin; }\n"
             "server { listen unix:%s; location / {\n"
             "if ($http_x_esp8266_sta_mac != '18:FE:34:0A:0B:0C') { return 403; } } }\n",
             web_socket("web").text, (unsigned)pull_relay_port(second), web_socket("second").text);
    web_nginx_start(servers);
    struct pull_relay *relay = relay_to_nginx(NULL);
    struct web_url url = web_url(pull_relay_port(relay), "elsewhere");
    struct board board = asker(url.text, ARGS("--once", "--mac", "18:FE:34:0a:0b:0c"));
    expect_updated(&board, &sketch);
    struct web_url there = web_url(pull_relay_port(second), "sketch.bin");
    char line[320];
    snprintf(line, sizeof line, "\nredirected url=%s\nasking url=%s done=0\n", there.text,
             there.text);
    expect_out(board.process, line);
    pull_relay_stop(relay);
    pull_relay_stop(second);
}

Test(pull_server, a_refusal)
{
    start_nginx("return 403;");
    struct pull_relay *relay = relay_to_nginx(NULL);
    struct web_url url = web_url(pull_relay_port(relay), "sketch.bin");
    struct board board = asker(url.text, ARGS("--once"));
    expect_failed(&board, "pull-failed error=-103 text=\"Forbidden (403)\"");
    pull_relay_stop(relay);
}

Test(pull_server, another_answer)
{
    start_nginx("return 500;");
    struct pull_relay *relay = relay_to_nginx(NULL);
    struct web_url url = web_url(pull_relay_port(relay), "sketch.bin");
    struct board board = asker(url.text, ARGS("--once"));
    expect_failed(&board, "pull-failed error=-104 text=\"Wrong HTTP Code\"");
    pull_relay_stop(relay);
}

static void write_file(const char *name, const char *text)
{
    cr_assert(file_write(temp_path(&e2e_folder, name).text, text, strlen(text)));
}

Test(pull_server, a_server_that_wants_to_know_who_asks)
{
    struct e2e_image sketch = e2e_sketch(SKETCH_SIZE);

    publish(&sketch);
    write_file("users", "door:{PLAIN}open sesame\n");
    write_file("right", "door:open sesame\r\n");
    write_file("wrong", "door:open barley\n");
    start_nginx("auth_basic doors; auth_basic_user_file users;");
    struct pull_relay *relay = relay_to_nginx(NULL);
    struct web_url url = web_url(pull_relay_port(relay), "sketch.bin");
    struct board board = asker(url.text, ARGS("--once"));
    expect_failed(&board, "pull-failed error=-108 text=\"Unauthorized (401)\"");
    board = asker(url.text, ARGS("--once", "--pull-auth-file", "wrong"));
    expect_failed(&board, "pull-failed error=-108 text=\"Unauthorized (401)\"");
    expect_no_out(board.process, "barley");
    board = asker(url.text, ARGS("--once", "--pull-auth-file", "right"));
    expect_updated(&board, &sketch);
    expect_no_out(board.process, "sesame");
    pull_relay_stop(relay);
}
