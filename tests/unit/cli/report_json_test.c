#include "cli/push/report_json.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A name that would break out of a line, a string or a terminal, and is no UTF-8 either. */
#define HOSTILE      "a\"b\\c\n{\"event\":\"result\"}\033[2J\xFF\xC3(\xE2\x80\xAE"
#define HOSTILE_SAFE "a\"b\\c\\x0a{\"event\":\"result\"}\\x1b[2J\\xff\\xc3(\\xe2\\x80\\xae"

static json_t *object;

static void leave(void)
{
    json_decref(object);
    object = NULL;
}

TestSuite(report_json, .init = cr_redirect_stdout, .fini = leave);

/* Read the one object that was printed: a line of its own, already flushed. */
static void read_object(void)
{
    char line[8192];
    json_error_t error;

    cr_assert_not_null(fgets(line, sizeof line, cr_get_redirected_stdout()));
    size_t len = strlen(line);
    cr_assert_eq(line[len - 1], '\n');
    line[len - 1] = '\0';
    leave();
    object = json_loads(line, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(object, "%s: %s", error.text, line);
    cr_assert(json_is_object(object));
    for (const char *c = line; *c; c++)
        cr_assert((unsigned char)*c >= 0x20 && *c != 0x7F, "a control character in \"%s\"", line);
}

static void expect_string(const char *key, const char *expected)
{
    const char *value = json_string_value(json_object_get(object, key));

    cr_assert_not_null(value, "no text \"%s\"", key);
    cr_assert_str_eq(value, expected, "\"%s\" is \"%s\"", key, value);
}

static void expect_integer(const char *key, json_int_t expected)
{
    const json_t *value = json_object_get(object, key);

    cr_assert(json_is_integer(value), "no integer \"%s\"", key);
    cr_assert_eq(json_integer_value(value), expected, "\"%s\" is %" JSON_INTEGER_FORMAT, key,
                 json_integer_value(value));
}

/* Exactly `count` fields, event and device among them. */
static void expect_event(const char *event, const char *device, size_t count)
{
    expect_string("event", event);
    expect_string("device", device);
    cr_assert_eq(json_object_size(object), count);
}

static struct push_upload upload_of(const char *name)
{
    struct push_upload upload = {
        .name = name,
        .config = { .size = 300000 },
        .session = { .attempt = 2, .acknowledged = 1460, .sent = 2920 },
        .started_ms = 1000,
        .finished_ms = 3250,
    };

    cr_assert(address_parse(&upload.device, "2001:db8::7"));
    address_set_port(&upload.device, 3232);
    cr_assert(address_parse(&upload.local, "192.168.1.2"));
    address_set_port(&upload.local, 40000);
    return upload;
}

Test(report_json, image)
{
    static struct image_file image = { .path = "/tmp/s\xC3\xBC\xC3\x9F.bin", .size = 300000 };

    image.image.kind = IMAGE_ESP8266;
    memset(image.md5, 0xA7, sizeof image.md5);
    report_json_image("garage", &image, false);
    read_object();
    expect_event("image", "garage", 7);
    expect_string("file", "/tmp/s\xC3\xBC\xC3\x9F.bin");
    expect_integer("size", 300000);
    expect_string("md5", "a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7");
    expect_string("kind", "esp8266");
    expect_string("target", "sketch");
    report_json_image("garage", &image, true);
    read_object();
    expect_string("target", "filesystem");
}

Test(report_json, waiting)
{
    struct push_upload upload = upload_of("garage");

    report_json_waiting(&upload);
    read_object();
    expect_event("waiting", "garage", 2);
}

Test(report_json, skipped_is_a_result)
{
    const struct failure failure = { EXIT_SKIPPED, "garage: not tried, as porch failed" };

    report_json_failure("garage", failure.code, failure.text, "");
    read_object();
    expect_event("result", "garage", 7);
    expect_string("status", "skipped");
    expect_integer("code", 12);
}

Test(report_json, invited)
{
    struct push_upload upload = upload_of("garage");

    report_json_invited(&upload);
    read_object();
    expect_event("invited", "garage", 5);
    expect_string("address", "[2001:db8::7]:3232");
    expect_string("local", "192.168.1.2:40000");
    expect_integer("attempt", 2);
}

Test(report_json, authenticated_tells_the_dialect)
{
    static const struct {
        enum push_login login;
        const char *dialect;
    } cases[] = {
        { PUSH_LOGIN_MD5, "md5" },
        { PUSH_LOGIN_SHA256, "pbkdf2-sha256" },
        { PUSH_LOGIN_MD5_STORED, "pbkdf2-md5" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct push_upload upload = upload_of("garage");
        upload.session.login = cases[i].login;
        report_json_authenticated(&upload);
        read_object();
        expect_event("authenticated", "garage", 3);
        expect_string("dialect", cases[i].dialect);
    }
}

Test(report_json, connected)
{
    struct push_upload upload = upload_of("garage");

    report_json_connected(&upload);
    read_object();
    expect_event("connected", "garage", 2);
}

Test(report_json, progress_tells_what_the_device_has)
{
    struct push_upload upload = upload_of("garage");

    report_json_progress(&upload);
    read_object();
    expect_event("progress", "garage", 4);
    expect_integer("bytes", 1460);
    expect_integer("total", 300000);
}

Test(report_json, progress_beyond_32_bits)
{
    struct push_upload upload = upload_of("garage");

    upload.config.size = UINT64_C(1) << 40;
    report_json_progress(&upload);
    read_object();
    expect_integer("total", INT64_C(1) << 40);
}

Test(report_json, result)
{
    struct push_upload upload = upload_of("garage");
    const struct explanation explanation = { "it said \"no\"", "Ask again." };

    upload.session.reason = PUSH_FAILED;
    report_json_result(&upload, &explanation);
    read_object();
    expect_event("result", "garage", 8);
    expect_string("status", "device-error");
    expect_integer("code", 8);
    expect_string("detail", "it said \"no\"");
    expect_string("hint", "Ask again.");
    expect_integer("bytes", 1460);
    cr_assert_eq(json_real_value(json_object_get(object, "seconds")), 2.25);
}

Test(report_json, result_without_a_next_step_has_no_hint)
{
    struct push_upload upload = upload_of("garage");
    const struct explanation explanation = { "updated", "" };

    upload.session.reason = PUSH_UPDATED;
    report_json_result(&upload, &explanation);
    read_object();
    expect_event("result", "garage", 7);
    expect_string("status", "updated");
    expect_integer("code", 0);
}

Test(report_json, result_of_an_upload_that_never_began)
{
    struct failure failure;

    failure_set(&failure, EXIT_NOT_FOUND, "no device called \"x\"");
    report_json_failure("x", failure.code, failure.text, "Look.");
    read_object();
    expect_event("result", "x", 8);
    expect_string("hint", "Look.");
    expect_string("status", "not-found");
    expect_integer("code", 4);
    expect_string("detail", "no device called \"x\"");
    expect_integer("bytes", 0);
    cr_assert(json_is_real(json_object_get(object, "seconds")));
}

Test(report_json, a_hostile_device_name_stays_inside_its_string)
{
    struct push_upload upload = upload_of(HOSTILE);
    const struct explanation explanation = { HOSTILE, HOSTILE };
    struct failure failure;

    report_json_invited(&upload);
    read_object();
    expect_event("invited", HOSTILE_SAFE, 5);
    report_json_connected(&upload);
    read_object();
    expect_event("connected", HOSTILE_SAFE, 2);
    report_json_result(&upload, &explanation);
    read_object();
    expect_event("result", HOSTILE_SAFE, 8);
    expect_string("detail", HOSTILE_SAFE);
    expect_string("hint", HOSTILE_SAFE);
    failure_set(&failure, EXIT_NOT_FOUND, "%s", HOSTILE);
    report_json_failure(HOSTILE, failure.code, failure.text, "");
    read_object();
    expect_string("detail", HOSTILE_SAFE);
}

Test(report_json, a_hostile_file_name_stays_inside_its_string)
{
    static struct image_file image = { .path = HOSTILE };

    report_json_image(HOSTILE, &image, false);
    read_object();
    expect_event("image", HOSTILE_SAFE, 7);
    expect_string("file", HOSTILE_SAFE);
}

Test(report_json, a_device_name_of_any_length_makes_a_whole_object)
{
    static char name[3000];
    struct push_upload upload = upload_of(name);

    memset(name, '\a', sizeof name - 1);
    report_json_connected(&upload);
    read_object();
    expect_string("event", "connected");
    cr_assert_gt(json_string_length(json_object_get(object, "device")), 1000u);
}

Test(report_json, what_was_written_is_written)
{
    struct push_upload upload = upload_of("garage");

    report_json_connected(&upload);
    cr_assert(report_json_written());
}

Test(report_json, tells_when_standard_output_is_full)
{
    struct push_upload upload = upload_of("garage");

    cr_assert_not_null(freopen("/dev/full", "w", stdout));
    report_json_connected(&upload);
    cr_assert_not(report_json_written());
    cr_assert_eq(errno, ENOSPC);
}
