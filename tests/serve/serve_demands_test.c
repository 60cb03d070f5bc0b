/*
 * What the manual promises by the way: warnings, defaults, and limits.
 */
#include "serve_world.h"

#include "tests/support/deadline.h"
#include "tests/support/loopback.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

SERVE_SUITE(serve_demands);

#define DOOR    "18:FE:AA:AA:AA:AA"
#define CATALOG "[release ONE]\nsketch = one.bin\n[default]\nrelease = ONE\n"

static struct e2e_image image;

static struct served start_fleet(const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    image = e2e_image("one.bin", build_esp8266(20000, 1));
    serve_file("catalog.ini", CATALOG);
    join_arguments(argv, ARGS("--catalog", "catalog.ini"), args);
    return serve_start(argv);
}

static struct served start_simple(const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    image = e2e_sketch(20000);
    join_arguments(argv, ARGS("--image", image.path.text), args);
    return serve_start(argv);
}

static void expect_said(const struct served *served, const char *text)
{
    cr_assert(process_expect(served->process, &served->process->err, text, E2E_PATIENCE_MS),
              "\"%s\" is not said:\n%s", text, served->process->err.text);
}

static struct answer device_asks(const struct served *served, const char *version)
{
    return ask(served,
               &(struct stock_updater){ .family = STOCK_ESP8266, .mac = DOOR, .version = version });
}

Test(serve_demands, a_file_system_that_changes_is_read_again)
{
    struct e2e_image before = e2e_image("files.bin", build_littlefs(65536, 1));
    serve_file("catalog.ini", "[release ONE]\nfilesystem = files.bin\n[default]\nrelease = ONE\n");
    struct served served = serve_start(ARGS("--catalog", "catalog.ini", "--attempts=0"));
    const struct stock_updater updater = { .family = STOCK_ESP8266, .mode = "spiffs" };
    struct answer answer = ask(&served, &updater);

    expect_image(&answer, &before.content);
    serve_file("files.bin.new", "");
    struct e2e_image after = e2e_image("files.bin.new", build_littlefs(65536, 2));
    struct md5_text md5 = e2e_md5(&after.content);
    cr_assert_eq(rename(after.path.text, before.path.text), 0);
    int64_t deadline = deadline_after(E2E_PATIENCE_MS);
    for (bool is_new = false; !is_new;) {
        cr_assert_gt(deadline_left(deadline), 0, "it is not read again");
        cr_assert_not(process_ended(served.process, 500), "%s", served.process->err.text);
        answer = ask(&served, &updater);
        expect_status(&answer, 200);
        is_new = strcmp(answer_header(&answer, "x-MD5"), md5.text) == 0;
    }
    expect_image(&answer, &after.content);
    serve_stop(&served);
}

Test(serve_demands, a_file_of_passwords_that_others_can_read_is_warned_of)
{
    struct temp_path users = temp_path(&e2e_folder, "users");

    serve_file("users", "lamp:secret\n");
    cr_assert_eq(chmod(users.text, 0644), 0);
    struct served served = start_simple(ARGS("--auth-file", "users"));
    expect_err(served.process, "warning: others can read users\n");
    serve_stop(&served);
    cr_assert_eq(chmod(users.text, 0600), 0);
    served = start_simple(ARGS("--auth-file", "users"));
    expect_no_err(served.process, "others can read");
    serve_stop(&served);
}

Test(serve_demands, what_its_owner_may_not_have_meant_is_warned_of)
{
    serve_file("notes.txt", "this is no firmware\n");
    struct served served = serve_start(ARGS("--image", "notes.txt"));
    expect_err(served.process, "warning: notes.txt is no image of a known kind");
    struct answer answer = ask(&served, &(struct stock_updater){ .family = STOCK_ESP8266 });
    expect_status(&answer, 200);
    cr_assert_str_eq(answer.body, "this is no firmware\n");
    serve_stop(&served);
    image = e2e_image("one.bin", build_esp8266(20000, 1));
    serve_file("catalog.ini", "[release ONE]\nsketch = one.bin\n");
    served = serve_start(ARGS("--catalog", "catalog.ini"));
    expect_err(served.process, "warning: catalog.ini: ");
    expect_err(served.process, "no device is sent anything");
    serve_stop(&served);
    served = start_fleet(NULL);
    expect_no_err(served.process, "warning");
    serve_stop(&served);
}

Test(serve_demands, what_is_decided_is_said_when_asked_for)
{
    struct served served = start_fleet(ARGS("-d"));
    struct answer answer = device_asks(&served, "ZERO");

    expect_image(&answer, &image.content);
    expect_said(&served, "espota-c: " DOOR " (ZERO): 200: ");
    answer = ask_bytes(served.port, "GET / HTTP/1.0\r\n\r\n", 0);
    expect_status(&answer, 403);
    expect_said(&served, ": 403: ");
    serve_stop(&served);
    served = start_fleet(NULL);
    answer = device_asks(&served, "ZERO");
    expect_image(&answer, &image.content);
    expect_logged(&served, DOOR);
    serve_stop(&served);
    expect_no_err(served.process, DOOR);
}

Test(serve_demands, with_one_image_for_all_no_record_is_kept_unless_said)
{
    char variable[TEMP_PATH_MAX];

    image = e2e_sketch(20000);
    snprintf(variable, sizeof variable, "XDG_STATE_HOME=%s/state", e2e_folder.path);
    const char *const environment[] = { variable, "STATE_DIRECTORY=", NULL };
    const struct program_options options = { .environment = environment };
    struct process *process = program_start(
        E2E_UPLOADER, ARGS("serve", "--listen", "127.0.0.1:0", "--image", image.path.text),
        &options);
    cr_assert(process_expect(process, &process->err, "answering devices", E2E_PATIENCE_MS), "%s",
              process->err.text);
    process_signal(process, SIGTERM);
    program_finish(process);
    expect_exit(process, 0);
    cr_assert_neq(access(temp_path(&e2e_folder, "state").text, F_OK), 0);
}

/* A row that somebody wrote who is not us. */
Test(serve_demands, devices_in_the_record_that_make_no_sense_are_told_of)
{
    struct served served = start_fleet(ARGS("--state", "record.sqlite"));
    struct answer answer = device_asks(&served, "ZERO");

    expect_image(&answer, &image.content);
    serve_stop(&served);
    struct process *process =
        program_run("python3", ARGS("-c", "import sqlite3; "
                                          "db = sqlite3.connect('record.sqlite'); "
                                          "db.execute('UPDATE device SET family = 99'); "
                                          "db.commit(); db.close()"));
    expect_exit(process, 0);
    served = serve_start(ARGS("--catalog", "catalog.ini", "--state", "record.sqlite"));
    expect_err(served.process, "warning: record.sqlite: 1 device");
    serve_stop(&served);
}

/* Nobody is kept from updating because the record's folder has gone. */
Test(serve_demands, a_record_that_cannot_be_written_is_told_of_and_devices_are_answered)
{
    struct temp_path folder = temp_path(&e2e_folder, "state");
    struct temp_path moved = temp_path(&e2e_folder, "moved");

    cr_assert_eq(mkdir(folder.text, 0755), 0);
    struct served served = start_fleet(ARGS("--state", "state/record.sqlite"));
    cr_assert_eq(rename(folder.text, moved.text), 0);
    struct answer answer = device_asks(&served, "ZERO");
    expect_image(&answer, &image.content);
    expect_said(&served, "espota-c: the record: ");
    expect_said(&served, "devices are answered all the same");
    answer = device_asks(&served, "ONE");
    expect_status(&answer, 304);
    cr_assert_eq(rename(moved.text, folder.text), 0);
    expect_said(&served, "the record is written again");
    serve_stop(&served);
}

/* By far earlier than the default would have it: half a minute. */
Test(serve_demands, a_connection_on_which_nothing_moves_is_closed)
{
    struct served served = start_simple(ARGS("--timeout", "0.5"));
    struct loopback_address to;
    char byte;

    cr_assert(loopback_parse(&to, "127.0.0.1", served.port));
    int fd = loopback_connect(&to, NULL, 0, E2E_PATIENCE_MS);
    cr_assert_geq(fd, 0);
    cr_assert(loopback_wait(fd, POLLIN, -1, deadline_after(20000)), "it stays open");
    cr_assert_eq(recv(fd, &byte, 1, 0), 0);
    loopback_close(&fd);
    serve_stop(&served);
}

Test(serve_demands, the_log_says_who_asked_for_what_is_refused)
{
    struct served served = start_simple(NULL);
    struct answer answer =
        ask_bytes(served.port,
                  "POST /x HTTP/1.1\r\nHost: x\r\nUser-Agent: scanner \x1b[2J\r\n"
                  "Content-Length: 0\r\n\r\n",
                  0);

    expect_status(&answer, 400);
    expect_logged(&served, "\"POST /x HTTP/1.1\" 400 ");
    expect_logged(&served, " \"-\" \"scanner \\x1B[2J\" - -\n");
    answer = ask_bytes(served.port, "\x16\x03\x01\x02 hello\r\n\r\n", 0);
    expect_status(&answer, 400);
    expect_logged(&served, "] \"-\" 400 ");
    serve_stop(&served);
}
