/*
 * --json: one object per line on standard output, for programs.
 */
#include "e2e_board.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

E2E_SUITE(json);

#define EVENTS_MAX 4096

#define CONNECTS        DEVICE_INVITED, DEVICE_ANSWER("OK"), DEVICE_CONNECT
#define TAKES_THE_IMAGE CONNECTS, DEVICE_READ_ALL

/* The objects of one run, in their order; one array. */
static json_t *parse_lines(const struct process *uploader)
{
    json_t *events = json_array();
    const char *line = uploader->out.text;

    while (*line != '\0') {
        const char *end = strchr(line, '\n');
        json_error_t error;
        cr_assert(end, "the last line has no end: %s", line);
        json_t *object = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, &error);
        cr_assert(object, "no JSON: %s: %.*s", error.text, (int)(end - line), line);
        cr_assert(json_is_object(object));
        json_array_append_new(events, object);
        line = end + 1;
    }
    return events;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    cr_assert(text, "no text called %s", key);
    return text;
}

static json_int_t number_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    cr_assert(json_is_integer(value), "no whole number called %s", key);
    return json_integer_value(value);
}

/* How many objects have this event; the latest goes to `last` unless it is NULL. */
static size_t count_events(const json_t *events, const char *name, const json_t **last)
{
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *object = json_array_get(events, i);
        if (strcmp(text_of(object, "event"), name) != 0)
            continue;
        count++;
        if (last)
            *last = object;
    }
    return count;
}

/* The only object with this event. */
static const json_t *the_event(const json_t *events, const char *name)
{
    const json_t *object = NULL;

    cr_assert_eq(count_events(events, name, &object), 1, "not one %s", name);
    return object;
}

static void expect_result(const json_t *result, const char *status, int code, json_int_t bytes)
{
    cr_assert_str_eq(text_of(result, "status"), status);
    cr_assert_eq(number_of(result, "code"), code);
    cr_assert_eq(number_of(result, "bytes"), bytes);
    cr_assert_gt(strlen(text_of(result, "detail")), 0);
    cr_assert(json_is_number(json_object_get(result, "seconds")));
    cr_assert_geq(json_number_value(json_object_get(result, "seconds")), 0.0);
}

/* The events of an upload that goes well, with their names joined, progress left out. */
static void expect_order(const json_t *events, const char *expected)
{
    char order[256] = "";
    size_t used = 0;

    for (size_t i = 0; i < json_array_size(events); i++) {
        const char *name = text_of(json_array_get(events, i), "event");
        if (strcmp(name, "progress") != 0)
            used += (size_t)snprintf(order + used, sizeof order - used, "%s ", name);
        cr_assert_lt(used, sizeof order);
    }
    cr_assert_str_eq(order, expected);
}

Test(json, tells_the_whole_story)
{
    struct board board = board_start("flash", ARGS("--password", "secret", "--auth", "sha256"));
    struct e2e_image sketch = e2e_sketch(300000);
    struct process *uploader = upload_run(&board, &sketch, ARGS("--json", "-a", "secret"));
    json_t *events = parse_lines(uploader);

    expect_exit(uploader, 0);
    expect_order(events, "image invited authenticated connected result ");
    for (size_t i = 0; i < json_array_size(events); i++)
        cr_assert_str_eq(text_of(json_array_get(events, i), "device"), "127.0.0.1");
    const json_t *image = the_event(events, "image");
    cr_assert_str_eq(text_of(image, "file"), sketch.path.text);
    cr_assert_eq(number_of(image, "size"), 300000);
    cr_assert_str_eq(text_of(image, "md5"), e2e_md5(&sketch.content).text);
    cr_assert_str_eq(text_of(image, "target"), "sketch");
    const json_t *invited = the_event(events, "invited");
    cr_assert(strstr(text_of(invited, "address"), board.port.text));
    cr_assert_eq(number_of(invited, "attempt"), 1);
    cr_assert_str_eq(text_of(the_event(events, "authenticated"), "dialect"), "pbkdf2-sha256");
    expect_result(the_event(events, "result"), "updated", 0, 300000);
    json_decref(events);
    board_stop(&board);
}

Test(json, leaves_people_their_lines)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader = upload_run(&board, &sketch, ARGS("--json"));

    expect_exit(uploader, 0);
    expect_err(uploader, "127.0.0.1: updated: ");
    board_stop(&board);
}

Test(json, is_all_there_is_when_quiet)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader = upload_run(&board, &sketch, ARGS("--json", "--quiet"));
    json_t *events = parse_lines(uploader);

    expect_exit(uploader, 0);
    expect_silent(uploader->err);
    expect_result(the_event(events, "result"), "updated", 0, 50000);
    json_decref(events);
    board_stop(&board);
}

/* A device that takes the image in pieces, over more than two seconds. */
#define PIECE DEVICE_READ(40000), DEVICE_SLEEP(200)

Test(json, shows_progress_while_bytes_move)
{
    static const struct device_step script[] = {
        CONNECTS,  PIECE, PIECE, PIECE, PIECE, PIECE,           PIECE,
        PIECE,     PIECE, PIECE, PIECE, PIECE, DEVICE_READ_ALL, DEVICE_WRITE("OK"),
        DEVICE_END
    };
    static const struct device_options slow_reader = { .receive_buffer = 4096 };
    struct act act;
    json_int_t before = -1;

    act_run_with(&act, script, ARGS("--json"),
                 &(struct act_options){ .image_size = 512u * 1024, .device = &slow_reader });
    json_t *events = parse_lines(act.uploader);
    cr_assert_geq(count_events(events, "progress", NULL), 8);
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *object = json_array_get(events, i);
        if (strcmp(text_of(object, "event"), "progress") != 0)
            continue;
        cr_assert_eq(number_of(object, "total"), 512 * 1024);
        cr_assert_gt(number_of(object, "bytes"), before, "progress goes forward");
        before = number_of(object, "bytes");
    }
    cr_assert_eq(before, 512 * 1024, "the last one is complete");
    json_decref(events);
}

Test(json, shows_no_progress_that_the_device_has_not_made)
{
    static const struct device_step script[] = { CONNECTS, DEVICE_READ(50000), DEVICE_HOLD,
                                                 DEVICE_END };
    static const struct device_options slow_reader = { .receive_buffer = 4096 };
    const json_t *last = NULL;
    struct act act;

    act_run_with(&act, script, ARGS("--json", "--stall-timeout", "1", "--retries", "0"),
                 &(struct act_options){ .image_size = 512u * 1024, .device = &slow_reader });
    expect_exit(act.uploader, 9);
    json_t *events = parse_lines(act.uploader);
    cr_assert_geq(count_events(events, "progress", &last), 1);
    /* What it has read, and what fits into its buffer. */
    cr_assert_lt(number_of(last, "bytes"), 50000 + 32768);
    cr_assert_geq(number_of(last, "bytes"), 50000);
    expect_result(the_event(events, "result"), "transfer-broken", 9, number_of(last, "bytes"));
    json_decref(events);
}

Test(json, tells_a_device_error_with_its_text_and_remedy)
{
    static const struct device_step script[] = {
        TAKES_THE_IMAGE, DEVICE_WRITE("ERROR[4]: Not \"Enough\" Space\\\x1b[2J\n"), DEVICE_END
    };
    struct act act;

    act_run(&act, script, ARGS("--json"));
    expect_exit(act.uploader, 8);
    json_t *events = parse_lines(act.uploader);
    const json_t *result = the_event(events, "result");
    expect_result(result, "device-error", 8, 8192);
    cr_assert(strstr(text_of(result, "detail"), "ERROR[4]: Not \"Enough\" Space"));
    cr_assert_not(strchr(text_of(result, "detail"), '\x1b'));
    cr_assert(strstr(text_of(result, "hint"), "sketch smaller"));
    json_decref(events);
}

Test(json, tells_of_every_try)
{
    static const struct device_step script[] = { CONNECTS,        DEVICE_READ(20000), DEVICE_RESET,
                                                 TAKES_THE_IMAGE, DEVICE_WRITE("OK"), DEVICE_END };
    static const struct device_options slow_reader = { .receive_buffer = 4096 };
    const json_t *last = NULL;
    struct act act;

    act_run_with(&act, script, ARGS("--json"),
                 &(struct act_options){ .image_size = 512u * 1024, .device = &slow_reader });
    json_t *events = parse_lines(act.uploader);
    cr_assert_eq(count_events(events, "invited", &last), 2);
    cr_assert_eq(number_of(last, "attempt"), 2);
    cr_assert_eq(count_events(events, "connected", NULL), 2);
    expect_result(the_event(events, "result"), "updated", 0, 512 * 1024);
    json_decref(events);
}

Test(json, has_a_result_for_every_device)
{
    static const struct device_step script[] = { TAKES_THE_IMAGE, DEVICE_WRITE("OK"), DEVICE_END };
    struct act act;

    act_run(&act, script, ARGS("--json", "-i", "127.0.0.74", "-i", "no..such", "-t", "5"));
    expect_exit(act.uploader, 1);
    json_t *events = parse_lines(act.uploader);
    cr_assert_eq(count_events(events, "result", NULL), 3);
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *object = json_array_get(events, i);
        if (strcmp(text_of(object, "event"), "result") != 0)
            continue;
        if (strcmp(text_of(object, "device"), "127.0.0.1") == 0)
            expect_result(object, "updated", 0, 8192);
        else if (strcmp(text_of(object, "device"), "127.0.0.74") == 0)
            expect_result(object, "no-answer", 5, 0);
        else {
            expect_result(object, "not-found", 4, 0);
            cr_assert(strstr(text_of(object, "hint"), "espota-c discover"));
        }
    }
    json_decref(events);
}

/* One result object alone is written when nothing could be sent. */
static void expect_only_result(const char *const *args, const char *status, int code)
{
    struct process *uploader = uploader_run(args);
    json_t *events = parse_lines(uploader);

    expect_exit(uploader, code);
    cr_assert_eq(json_array_size(events), 1);
    expect_result(the_event(events, "result"), status, code, 0);
    json_decref(events);
}

Test(json, has_a_result_when_the_image_is_missing)
{
    expect_only_result(ARGS("--json", "-i", "127.0.0.1", "-f", "missing.bin"), "local-failure", 1);
}

Test(json, has_a_result_when_the_image_is_refused)
{
    struct e2e_image noise = e2e_image("noise.bin", build_noise(5000, E2E_SEED));

    expect_only_result(ARGS("--json", "-i", "127.0.0.1", "-f", noise.path.text), "image-refused",
                       3);
}

/* ---- the port that is used when none is given ---- */

/* An upload to an address where nobody listens: it is the invitation's destination that counts. */
static void expect_port(struct built_image content, const char *const *port_args, const char *port)
{
    struct e2e_image image = e2e_image("image.bin", content);
    const char *argv[16] = { "--json", "-i", "127.0.0.77", "-t", "0.3", "-f", image.path.text };
    char expected[32];

    for (size_t at = 7; port_args && *port_args; port_args++)
        argv[at++] = *port_args;
    struct process *uploader = uploader_run(argv);
    json_t *events = parse_lines(uploader);
    expect_exit(uploader, 5);
    snprintf(expected, sizeof expected, "127.0.0.77:%s", port);
    cr_assert_str_eq(text_of(the_event(events, "invited"), "address"), expected);
    json_decref(events);
}

/* Whoever reads the objects must not take what was lost for never said. */
Test(json, that_cannot_be_written_is_a_failure)
{
    struct board board = board_start("flash.bin", NULL);
    struct e2e_image image = e2e_sketch(20000);
    struct process *uploader = program_run(
        "/bin/sh", ARGS("-c", "exec \"$0\" \"$@\" >/dev/full", E2E_UPLOADER, "-i", "127.0.0.1",
                        "-p", board.port.text, "-f", image.path.text, "--json"));

    board_updated(&board);
    expect_exit(uploader, 1);
    expect_err(uploader, "cannot write to standard output: ");
}

Test(json, default_port_of_an_esp8266_sketch)
{
    expect_port(build_esp8266(8192, E2E_SEED), NULL, "8266");
}

Test(json, default_port_of_an_esp32_image)
{
    expect_port(build_esp32(8192, E2E_SEED, 5), NULL, "3232");
}

Test(json, default_port_of_an_rp2040_sketch)
{
    expect_port(build_pico(8192, E2E_SEED), NULL, "2040");
}

Test(json, default_port_of_a_file_system)
{
    expect_port(build_littlefs(8192, E2E_SEED), ARGS("-s"), "8266");
}

Test(json, default_port_when_the_ide_knows_none)
{
    expect_port(build_esp32(8192, E2E_SEED, 0), ARGS("-p", "{upload.port.properties.port}"),
                "3232");
}

Test(json, given_port_goes_before_the_images)
{
    expect_port(build_esp32(8192, E2E_SEED, 0), ARGS("-p", "47"), "47");
}
