/*
 * TLS, names and passwords, the log, and the signals that the server knows.
 */
#include "serve_world.h"

#include "tests/support/deadline.h"
#include "tests/support/loopback.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

SERVE_SUITE(serve_guard);

#define DOOR "18:FE:AA:AA:AA:AA"

static struct e2e_image image;

static struct served start(const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    image = e2e_sketch(400000);
    join_arguments(argv, ARGS("--image", image.path.text), args);
    return serve_start(argv);
}

static void make_certificate(const char *name)
{
    char key[64];
    char certificate[64];

    snprintf(key, sizeof key, "%s.key", name);
    snprintf(certificate, sizeof certificate, "%s.pem", name);
    struct process *process = program_run(
        "openssl", ARGS("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                        "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate));
    expect_exit(process, 0);
}

static void expect_same_file(const char *name)
{
    struct temp_path path = temp_path(&e2e_folder, name);
    size_t len;
    char *bytes = file_read(path.text, &len);

    cr_assert_not_null(bytes);
    cr_assert_eq(len, image.content.size);
    cr_assert_arr_eq(bytes, image.content.bytes, len);
    free(bytes);
}

Test(serve_guard, tls_is_spoken_to_who_trusts_the_certificate)
{
    make_certificate("server");
    struct served served = start(ARGS("--tls-cert", "server.pem", "--tls-key", "server.key"));

    cr_assert_eq(strncmp(served.url, "https://", 8), 0);
    curl(ARGS("--cacert", "server.pem", "-o", "copy.bin", served.url));
    expect_same_file("copy.bin");
    curl(ARGS("--cacert", "server.pem", "-r", "100-", "-o", "part.bin", served.url));
    /* Who does not speak it gets nothing. */
    struct answer answer = ask_bytes(served.port, "GET / HTTP/1.0\r\n\r\n", 0);
    cr_assert_eq(answer.status, 0u);
    serve_stop(&served);
}

Test(serve_guard, a_key_that_is_not_the_certificates_is_refused)
{
    make_certificate("server");
    make_certificate("other");
    image = e2e_sketch(8192);
    struct process *process = program_run(
        E2E_UPLOADER, ARGS("serve", "--listen", "127.0.0.1:0", "--image", image.path.text,
                           "--tls-cert", "server.pem", "--tls-key", "other.key"));
    expect_exit(process, 1);
    expect_err(process, "other.key");
}

Test(serve_guard, only_who_knows_a_name_and_password_is_answered)
{
    serve_file("users", "# devices\nlamp:secret\n"
                        "door:$5$salt$6fJMAXmC4lPG9k9rwrM8yzXczDaxp7mD.bY7UH4/Hl2\n");
    struct served served = start(ARGS("--auth-file", "users"));
    struct answer answer = ask_bytes(served.port, "GET / HTTP/1.0\r\n\r\n", 0);

    expect_status(&answer, 401);
    cr_assert_eq(strncmp(answer_header(&answer, "WWW-Authenticate"), "Basic ", 6), 0);
    answer = ask_bytes(served.port,
                       "GET / HTTP/1.0\r\nAuthorization: Basic bGFtcDp3cm9uZw==\r\n\r\n", 0);
    expect_status(&answer, 401);
    answer = ask_bytes(served.port,
                       "GET / HTTP/1.0\r\nAuthorization: Basic bGFtcDpzZWNyZXQ=\r\n\r\n", 0);
    expect_image(&answer, &image.content);
    for (int i = 0; i < 2; i++) {
        answer = ask_bytes(served.port,
                           "GET / HTTP/1.0\r\nAuthorization: Basic ZG9vcjpnZWhlaW0=\r\n\r\n", 0);
        expect_image(&answer, &image.content);
    }
    expect_logged(&served, " unauthorized");
    /* A name is logged of who was let in, and of nobody else. */
    expect_logged(&served, "127.0.0.1 - lamp [");
    expect_logged(&served, "127.0.0.1 - door [");
    expect_logged_times(&served, " - lamp [", 1);
    ask_bytes(served.port, "POST / HTTP/1.0\r\nAuthorization: Basic bGFtcDpzZWNyZXQ=\r\n\r\n", 0);
    expect_logged(&served, "\"POST / ");
    expect_said_at(__FILE__, __LINE__, served.process, &served.process->out, " - lamp [", 1);
    expect_no_err(served.process, "secret");
    serve_stop(&served);
}

Test(serve_guard, the_log_has_the_combined_format_and_the_decision)
{
    struct served served = start(NULL);
    struct answer answer = ask(&served, &(struct stock_updater){ .family = STOCK_ESP8266 });

    expect_image(&answer, &image.content);
    expect_logged(&served, "127.0.0.1 - - [");
    expect_logged(&served, " +0000] \"GET /firmware.bin HTTP/1.0\" 200 400000 \"-\" "
                           "\"ESP8266-http-Update\" " DOOR " offered\n");
    ask_bytes(served.port, "GET /\x1b[31m HTTP/1.0\r\nUser-Agent: \"quoted\" \x1b[2J\r\n\r\n", 0);
    answer = ask_bytes(served.port, "GET /end HTTP/1.0\r\n\r\n", 0);
    expect_logged(&served, "/end");
    expect_no_out(served.process, "\x1b");
    serve_stop(&served);
}

/* Until a file has this text. */
static void wait_for_text(const char *path, const char *text)
{
    int64_t deadline = deadline_after(E2E_PATIENCE_MS);
    bool has = false;

    while (!has) {
        char *content = file_read(path, NULL);
        has = content && strstr(content, text);
        free(content);
        cr_assert(has || deadline_left(deadline) > 0, "%s lacks \"%s\"", path, text);
        usleep(10000);
    }
}

Test(serve_guard, a_rotated_log_is_begun_anew_at_sighup)
{
    struct served served = start(ARGS("--log", "access.log"));
    struct temp_path log = temp_path(&e2e_folder, "access.log");
    struct temp_path rotated = temp_path(&e2e_folder, "access.log.1");
    bool there = false;

    ask_bytes(served.port, "GET /before HTTP/1.0\r\n\r\n", 0);
    wait_for_text(log.text, "/before");
    cr_assert_eq(rename(log.text, rotated.text), 0);
    process_signal(served.process, SIGHUP);
    for (int i = 0; i < 200 && !there; i++)
        there = access(log.text, F_OK) == 0 || process_ended(served.process, 50);
    cr_assert(there);
    ask_bytes(served.port, "GET /after HTTP/1.0\r\n\r\n", 0);
    serve_stop(&served);
    char *before = file_read(rotated.text, NULL);
    char *after = file_read(log.text, NULL);
    cr_assert(before && strstr(before, "/before") && !strstr(before, "/after"));
    cr_assert(after && strstr(after, "/after") && !strstr(after, "/before"));
    free(before);
    free(after);
}

Test(serve_guard, a_new_certificate_and_new_passwords_are_taken_at_sighup)
{
    make_certificate("server");
    serve_file("users", "a:first\n");
    struct served served =
        start(ARGS("--tls-cert", "server.pem", "--tls-key", "server.key", "--auth-file", "users"));
    bool taken = false;

    curl(ARGS("--cacert", "server.pem", "-u", "a:first", "-o", "copy.bin", "--fail", served.url));
    make_certificate("server");
    serve_file("users", "a:second\n");
    process_signal(served.process, SIGHUP);
    for (int i = 0; i < 200 && !taken; i++) {
        struct process *process =
            program_start("curl",
                          ARGS("--silent", "--max-time", "30", "--fail", "--cacert", "server.pem",
                               "-u", "a:second", "-o", "copy.bin", served.url),
                          NULL);
        cr_assert(process_wait(process, E2E_PATIENCE_MS));
        taken = process->exit_code == 0;
        if (i >= 25)
            break;
    }
    cr_assert(taken, "%s", served.process->err.text);
    serve_stop(&served);
}

/* Begin to take the image slowly; returns the connection. */
static int begin_to_read(const struct served *served)
{
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    struct loopback_address to;
    char byte;
    int fd;

    cr_assert(loopback_parse(&to, "127.0.0.1", served->port));
    fd = loopback_connect(&to, NULL, 4096, E2E_PATIENCE_MS);
    cr_assert_geq(fd, 0);
    cr_assert_eq(send(fd, request, sizeof request - 1, MSG_NOSIGNAL), (ssize_t)sizeof request - 1);
    cr_assert(loopback_wait(fd, POLLIN, -1, deadline_after(E2E_PATIENCE_MS)));
    cr_assert_eq(recv(fd, &byte, 1, 0), 1);
    return fd;
}

Test(serve_guard, a_transfer_under_way_is_finished_when_the_server_is_told_to_end)
{
    image = e2e_image("large.bin", build_esp8266(8u << 20, 5));
    struct served served = serve_start(ARGS("--image", "large.bin"));
    int fd = begin_to_read(&served);
    static char piece[65536];
    size_t total = 1;

    process_signal(served.process, SIGTERM);
    cr_assert_not(process_ended(served.process, 500), "it did not wait for the transfer:\n%s",
                  served.process->err.text);
    for (;;) {
        cr_assert(loopback_wait(fd, POLLIN, -1, deadline_after(E2E_PATIENCE_MS)));
        ssize_t n = recv(fd, piece, sizeof piece, 0);
        cr_assert_geq(n, 0);
        if (n == 0)
            break;
        total += (size_t)n;
    }
    loopback_close(&fd);
    cr_assert_gt(total, image.content.size);
    program_finish(served.process);
    expect_exit(served.process, 0);
}

Test(serve_guard, it_does_not_wait_for_ever_for_a_transfer)
{
    image = e2e_image("large.bin", build_esp8266(8u << 20, 5));
    struct served served = serve_start(ARGS("--image", "large.bin", "--drain", "0.2"));
    int fd = begin_to_read(&served);

    process_signal(served.process, SIGTERM);
    program_finish(served.process);
    expect_exit(served.process, 0);
    loopback_close(&fd);
}

/* It would wait for longer than the test does. */
Test(serve_guard, a_second_signal_ends_it_at_once)
{
    static const int signals[][2] = { { SIGINT, SIGINT }, { SIGTERM, SIGTERM } };

    image = e2e_image("large.bin", build_esp8266(8u << 20, 5));
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct served served = serve_start(ARGS("--image", "large.bin", "--drain", "3600"));
        int fd = begin_to_read(&served);

        process_signal(served.process, signals[i][0]);
        cr_assert_not(process_ended(served.process, 300));
        process_signal(served.process, signals[i][1]);
        program_finish(served.process);
        expect_exit(served.process, 0);
        loopback_close(&fd);
    }
}
