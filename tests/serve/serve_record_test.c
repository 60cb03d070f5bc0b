/*
 * What the server remembers: over its end, a kill, and damage of the file.
 */
#include "serve_world.h"

#include "tests/support/loopback.h"

#include <jansson.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

SERVE_SUITE(serve_record);

#define DOOR "18:FE:AA:AA:AA:AA"

static struct e2e_image image;

static struct served start(void)
{
    image = e2e_image("one.bin", build_esp8266(20000, 1));
    serve_file("catalog.ini", "[release ONE]\nsketch = one.bin\n[default]\nrelease = ONE\n");
    return serve_start(ARGS("--catalog", "catalog.ini", "--state", "record.sqlite"));
}

static struct answer device_asks(const struct served *served, const char *version)
{
    return ask(served,
               &(struct stock_updater){ .family = STOCK_ESP8266, .mac = DOOR, .version = version });
}

static struct process *report(const char *more)
{
    struct process *process =
        program_run(E2E_UPLOADER, ARGS("serve", "--report", "--state", "record.sqlite", more));

    expect_exit(process, 0);
    return process;
}

/* The first object that the report prints. */
static json_t *reported(void)
{
    struct process *process = report("--json");
    json_error_t error;
    json_t *object = json_loads(process->out.text, JSON_DISABLE_EOF_CHECK, &error);

    cr_assert_not_null(object, "%s: %s", error.text, process->out.text);
    return object;
}

Test(serve_record, a_device_is_remembered_with_what_it_said_and_was_offered)
{
    struct served served = start();
    struct answer answer = device_asks(&served, "ZERO");

    expect_image(&answer, &image.content);
    answer = device_asks(&served, "ONE");
    expect_status(&answer, 304);
    serve_stop(&served);
    struct process *process = report(NULL);
    expect_out(process, DOOR);
    expect_out(process, "ONE");
    expect_out(process, "updated");
    expect_out(process, "esp8266");
    json_t *device = reported();
    cr_expect_str_eq(json_string_value(json_object_get(device, "device")), DOOR);
    cr_expect_str_eq(json_string_value(json_object_get(device, "version")), "ONE");
    cr_expect_eq(json_integer_value(json_object_get(device, "requests")), 2);
    json_decref(device);
}

Test(serve_record, attempts_are_counted_over_restarts)
{
    struct served served = start();
    struct answer answer;

    for (int i = 0; i < 2; i++) {
        answer = device_asks(&served, "ZERO");
        expect_image(&answer, &image.content);
    }
    serve_stop(&served);
    served = serve_start(ARGS("--catalog", "catalog.ini", "--state", "record.sqlite"));
    answer = device_asks(&served, "ZERO");
    expect_image(&answer, &image.content);
    answer = device_asks(&served, "ZERO");
    expect_status(&answer, 304);
    serve_stop(&served);
}

Test(serve_record, a_report_can_be_had_while_the_server_runs)
{
    struct served served = start();
    struct answer answer = device_asks(&served, "ZERO");
    bool seen = false;

    expect_image(&answer, &image.content);
    for (int i = 0; i < 50 && !seen; i++)
        seen = strstr(report(NULL)->out.text, DOOR) || process_ended(served.process, 200);
    cr_assert(seen, "it is not in the report");
    serve_stop(&served);
}

Test(serve_record, a_killed_server_leaves_a_record_that_can_be_used)
{
    struct served served = start();
    struct answer answer = device_asks(&served, "ZERO");

    expect_image(&answer, &image.content);
    process_signal(served.process, SIGKILL);
    cr_assert(process_wait(served.process, E2E_PATIENCE_MS));
    served = serve_start(ARGS("--catalog", "catalog.ini", "--state", "record.sqlite"));
    expect_no_err(served.process, "cannot be used");
    answer = device_asks(&served, "ONE");
    expect_status(&answer, 304);
    serve_stop(&served);
}

Test(serve_record, a_damaged_file_is_kept_and_a_new_one_begun)
{
    struct temp_path kept = temp_path(&e2e_folder, "record.sqlite.damaged-1");
    char *text;

    serve_file("record.sqlite", "this is no database, whatever its name may say of it");
    struct served served = start();
    expect_err(served.process, "record.sqlite.damaged-1");
    struct answer answer = device_asks(&served, "ZERO");
    expect_image(&answer, &image.content);
    serve_stop(&served);
    text = file_read(kept.text, NULL);
    cr_assert_not_null(text, "the damaged file is not kept");
    cr_assert_str_eq(text, "this is no database, whatever its name may say of it");
    free(text);
    expect_out(report(NULL), DOOR);
}

static bool is_there(const char *name)
{
    return access(temp_path(&e2e_folder, name).text, F_OK) == 0;
}

/* A server with this --state and --listen does not start, says why, and does not say that it did.
 */
static void expect_no_start(const char *state, const char *listen, const char *why)
{
    image = e2e_image("one.bin", build_esp8266(20000, 1));
    serve_file("catalog.ini", "[release ONE]\nsketch = one.bin\n[default]\nrelease = ONE\n");
    struct process *process = program_run(E2E_UPLOADER, ARGS("serve", "--catalog", "catalog.ini",
                                                             "--state", state, "--listen", listen));

    expect_exit(process, 1);
    expect_err(process, why);
    expect_no_err(process, "serving");
    expect_no_err(process, "answering");
    expect_no_err(process, "warning");
}

Test(serve_record, another_programs_database_is_left_alone)
{
    struct temp_path other = temp_path(&e2e_folder, "other.sqlite");
    char *before;
    char *after;
    sqlite3 *db;

    cr_assert_eq(sqlite3_open(other.text, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, "CREATE TABLE bookmark (title)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    before = file_read(other.text, NULL);
    expect_no_start("other.sqlite", "127.0.0.1:0", "it is a database of something else");
    after = file_read(other.text, NULL);
    cr_assert(before && after);
    cr_assert_str_eq(before, after);
    cr_expect_not(is_there("other.sqlite.damaged-1") || is_there("other.sqlite.lock"));
    free(before);
    free(after);
}

Test(serve_record, a_start_that_fails_leaves_none_behind)
{
    int taken = loopback_bind("127.0.0.1", 0, SOCK_STREAM);
    char listen[32];

    cr_assert_geq(taken, 0);
    snprintf(listen, sizeof listen, "127.0.0.1:%u", (unsigned)loopback_port(taken));
    expect_no_start("record.sqlite", listen, "cannot listen");
    cr_expect_not(is_there("record.sqlite") || is_there("record.sqlite.lock"));
    expect_no_start(e2e_folder.path, "127.0.0.1:0", "it is not a regular file");
    expect_no_start("", "127.0.0.1:0", "the record's file has no name");
    cr_expect_not(is_there(".lock"));
    loopback_close(&taken);
}

Test(serve_record, it_is_in_the_state_directory_unless_said)
{
    const char *home = e2e_folder.path;
    char variable[TEMP_PATH_MAX];
    char path[TEMP_PATH_MAX];
    struct stat st;

    image = e2e_image("one.bin", build_esp8266(20000, 1));
    serve_file("catalog.ini", "[release ONE]\nsketch = one.bin\n[default]\nrelease = ONE\n");
    snprintf(variable, sizeof variable, "XDG_STATE_HOME=%s/state", home);
    const char *const environment[] = { variable, "STATE_DIRECTORY=", NULL };
    const struct program_options options = { .environment = environment };
    struct process *process = program_start(
        E2E_UPLOADER, ARGS("serve", "--listen", "127.0.0.1:0", "--catalog", "catalog.ini"),
        &options);
    cr_assert(process_expect(process, &process->err, "answering devices", E2E_PATIENCE_MS), "%s",
              process->err.text);
    process_signal(process, SIGTERM);
    program_finish(process);
    expect_exit(process, 0);
    snprintf(path, sizeof path, "%s/state/espota-c/devices.sqlite", home);
    cr_assert_eq(stat(path, &st), 0, "%s is not there", path);
    cr_assert_eq(st.st_mode & 077, 0u, "others may read it");
}

Test(serve_record, without_one_there_is_nothing_to_report)
{
    struct process *process =
        program_run(E2E_UPLOADER, ARGS("serve", "--report", "--state", "nothing.sqlite"));

    expect_exit(process, 1);
    expect_err(process, "nothing.sqlite");
    cr_assert_neq(access(temp_path(&e2e_folder, "nothing.sqlite").text, F_OK), 0,
                  "a report made a record");
}
