#include "cli/image/inspect.h"

#include "cli/image/image_file.h"
#include "cli/image/inspect_json.h"
#include "cli/image/inspect_text.h"
#include "tests/support/image_builder.h"
#include "tests/support/temp.h"

#include <argp.h>
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED 13

static struct temp temp;
static struct temp_path path;

static void enter(void)
{
    cr_assert(temp_create(&temp));
    path = temp_path(&temp, "image.bin");
}

static void leave(void)
{
    temp_remove(&temp);
}

TestSuite(inspect, .init = enter, .fini = leave);

/* Write the image, which is released, to the path. */
static void put(struct built_image built)
{
    cr_assert_not_null(built.bytes);
    cr_assert(file_write(path.text, built.bytes, built.size));
    built_image_free(&built);
}

/* The image as JSON, dumped and parsed again, as a reader of the output would. */
static json_t *json_of(struct built_image built)
{
    struct image_file file;
    struct failure failure;

    put(built);
    cr_assert(image_file_open(&file, path.text, &failure), "%s", failure.text);
    json_t *object = inspect_json(&file);
    cr_assert_not_null(object);
    char *line = json_dumps(object, JSON_COMPACT);
    cr_assert_not_null(line);
    cr_assert_null(strchr(line, '\n'));
    json_decref(object);
    object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(object, "%s", line);
    free(line);
    image_file_close(&file);
    return object;
}

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    return value ? value : "(none)";
}

static json_int_t number(const json_t *object, const char *key)
{
    cr_assert(json_is_integer(json_object_get(object, key)), "%s", key);
    return json_integer_value(json_object_get(object, key));
}

/* The image as a table, to be freed. */
static char *table_of(struct built_image built)
{
    struct image_file file;
    struct failure failure;
    char *table = NULL;
    size_t size = 0;

    put(built);
    cr_assert(image_file_open(&file, path.text, &failure), "%s", failure.text);
    FILE *out = open_memstream(&table, &size);
    inspect_text(out, &file);
    cr_assert_eq(fclose(out), 0);
    image_file_close(&file);
    return table;
}

static void assert_line(const char *table, const char *line)
{
    cr_assert_not_null(strstr(table, line), "no \"%s\" in:\n%s", line, table);
}

Test(inspect, tells_an_esp8266_sketch_in_json)
{
    json_t *object = json_of(build_esp8266(20000, SEED));
    const json_t *checks = json_object_get(object, "checks");
    const json_t *sketch = json_object_get(object, "sketch");

    cr_assert_str_eq(text(object, "file"), path.text);
    cr_assert_str_eq(text(object, "kind"), "esp8266");
    cr_assert_str_eq(text(object, "chip"), "ESP8266");
    cr_assert_eq(strlen(text(object, "md5")), 32);
    cr_assert_eq(number(object, "size"), 20000);
    cr_assert(json_is_true(json_object_get(object, "sound")));
    cr_assert(json_is_null(json_object_get(object, "problem")));
    cr_assert(json_is_null(json_object_get(object, "fault")));
    cr_assert_str_eq(text(object, "flash_mode"), "DIO");
    cr_assert_eq(number(object, "flash_size"), 4 << 20);
    cr_assert_eq(number(object, "entry"), 0x4010F480);
    cr_assert_eq(json_array_size(json_object_get(object, "segments")), 1);
    cr_assert_eq(number(sketch, "length"), 20000);
    cr_assert_eq(number(sketch, "entry"), 0x40100084);
    const json_t *segment = json_array_get(json_object_get(sketch, "segments"), 0);
    cr_assert_eq(number(segment, "address"), 0x40201010);
    cr_assert_eq(number(segment, "offset"), 0x1010);
    cr_assert_gt(number(segment, "length"), 10000);
    cr_assert_str_eq(text(checks, "checksum"), "passed");
    cr_assert_str_eq(text(checks, "length"), "passed");
    cr_assert_str_eq(text(checks, "crc"), "passed");
    cr_assert_str_eq(text(checks, "sha256"), "absent");
    cr_assert_str_eq(text(object, "signature"), "none");
    cr_assert_null(json_object_get(object, "app"));
    cr_assert_null(json_object_get(object, "content"));
    json_decref(object);
}

Test(inspect, tells_an_esp32_application_in_json)
{
    json_t *object = json_of(build_esp32(20000, SEED, 13));
    const json_t *app = json_object_get(object, "app");

    cr_assert_str_eq(text(object, "kind"), "esp32");
    cr_assert_str_eq(text(object, "chip"), "ESP32-C6");
    cr_assert_eq(number(object, "chip_id"), 13);
    cr_assert_str_eq(text(json_object_get(object, "checks"), "sha256"), "passed");
    cr_assert_str_eq(text(app, "project"), BUILT_ESP32_PROJECT);
    cr_assert_str_eq(text(app, "version"), BUILT_ESP32_VERSION);
    cr_assert_str_eq(text(app, "idf"), BUILT_ESP32_IDF);
    cr_assert_str_eq(text(app, "date"), "Jan  2 2025");
    cr_assert_str_eq(text(app, "time"), "12:34:56");
    cr_assert_eq(number(app, "secure_version"), 0);
    cr_assert_eq(strlen(text(app, "elf_sha256")), 64);
    json_decref(object);
}

Test(inspect, a_chip_that_is_not_known_has_a_number_but_no_name)
{
    json_t *object = json_of(build_esp32(2000, SEED, 999));

    cr_assert(json_is_null(json_object_get(object, "chip")));
    cr_assert_eq(number(object, "chip_id"), 999);
    cr_assert(json_is_true(json_object_get(object, "sound")));
    json_decref(object);
    char *table = table_of(build_esp32(2000, SEED, 999));
    assert_line(table, "chip id 999");
    free(table);
}

Test(inspect, tells_what_a_gzip_contains)
{
    struct built_image sketch = build_esp8266(20000, SEED);
    json_t *object = json_of(build_signed(build_gzip(&sketch), SEED));
    const json_t *content = json_object_get(object, "content");

    cr_assert_str_eq(text(object, "kind"), "gzip");
    cr_assert_str_eq(text(object, "signature"), "trailer");
    cr_assert_str_eq(text(content, "kind"), "esp8266");
    cr_assert_eq(number(content, "size"), 20000);
    cr_assert_str_eq(text(json_object_get(content, "checks"), "crc"), "passed");
    json_decref(object);
    char *table = table_of(build_gzip(&sketch));
    assert_line(table, "kind        gzip\n");
    assert_line(table, "content     ESP8266 sketch\n");
    assert_line(table, "20000 bytes inflated\n");
    free(table);
    built_image_free(&sketch);
}

Test(inspect, tells_the_fault_by_name_and_in_words)
{
    struct built_image built = build_esp8266(20000, SEED);

    built.bytes[0x2000] ^= 1;
    json_t *object = json_of(built);
    cr_assert(json_is_false(json_object_get(object, "sound")));
    cr_assert_str_eq(text(object, "fault"), "bad-crc");
    cr_assert_not_null(strstr(text(object, "problem"), "CRC"));
    cr_assert_str_eq(text(json_object_get(object, "checks"), "crc"), "failed");
    json_decref(object);
}

Test(inspect, tells_hostile_text_without_its_power)
{
    static const char hostile[] = "\x1b[2J\x9b\"\\\n\xff\xe2\x80\xae\"}{";
    struct built_image built = build_esp32(2000, SEED, 0);

    memcpy(built.bytes + 32 + 48, hostile, sizeof hostile);
    memset(built.bytes + 32 + 16, 0x07, 32);
    rebuild_esp32_digest(built.bytes, built.size);
    struct built_image again = { malloc(built.size), built.size };
    memcpy(again.bytes, built.bytes, built.size);
    json_t *object = json_of(built);
    cr_assert_str_eq(text(json_object_get(object, "app"), "project"),
                     "\\x1b[2J\\x9b\"\\\\\\x0a\\xff\\xe2\\x80\\xae\"}{");
    json_decref(object);
    char *table = table_of(again);
    for (const char *at = table; *at != '\0'; at++)
        cr_assert(*at == '\n' || (*at >= 0x20 && *at < 0x7F), "%02x", (unsigned)*at & 0xFF);
    assert_line(table, "  version   \\x07\\x07");
    free(table);
}

Test(inspect, tells_an_esp8266_sketch_in_a_table)
{
    char *table = table_of(build_signed(build_esp8266(20000, SEED), SEED));

    assert_line(table, "kind        ESP8266 sketch\n");
    assert_line(table, "size        20260 bytes\n");
    assert_line(table, "flash       4 MiB, DIO\n");
    assert_line(table, "boot entry  0x4010f480\n");
    assert_line(table, "entry       0x40100084\n");
    assert_line(table, "0x40201010");
    assert_line(table, "checksum    passed\n");
    assert_line(table, "CRC         passed\n");
    assert_line(table, "signature   at the end");
    assert_line(table, "result      nothing is wrong\n");
    free(table);
}

Test(inspect, every_kind_has_a_line)
{
    static struct built_image (*const builders[])(
        size_t, uint32_t) = { build_pico, build_pico2, build_littlefs, build_noise };
    static const char *const lines[] = { "RP2040 sketch", "RP2350 sketch", "LittleFS", "unknown" };
    static const char *const kinds[] = { "pico", "pico", "littlefs", "unknown" };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char *table = table_of(builders[i](9000, SEED));
        json_t *object = json_of(builders[i](9000, SEED));
        assert_line(table, lines[i]);
        cr_assert_str_eq(text(object, "kind"), kinds[i]);
        json_decref(object);
        free(table);
    }
}

static int run(bool as_json)
{
    char name[] = "inspect";
    char json[] = "--json";
    char *argv[] = { name, path.text, as_json ? json : NULL, NULL };

    return inspect_run(as_json ? 3 : 2, argv);
}

Test(inspect, exits_0_for_a_sound_image)
{
    cr_redirect_stdout();
    put(build_esp8266(20000, SEED));
    cr_assert_eq(run(false), EXIT_UPDATED);
    cr_assert_eq(run(true), EXIT_UPDATED);
}

Test(inspect, exits_3_for_a_damaged_image_and_an_unknown_one)
{
    struct built_image built = build_esp32(20000, SEED, 0);

    cr_redirect_stdout();
    built.size -= 1000;
    put(built);
    cr_assert_eq(run(false), EXIT_IMAGE_REFUSED);
    cr_assert_eq(run(true), EXIT_IMAGE_REFUSED);
    put(build_noise(3000, SEED));
    cr_assert_eq(run(false), EXIT_IMAGE_REFUSED);
}

Test(inspect, exits_1_for_what_cannot_be_read)
{
    cr_redirect_stderr();
    cr_assert_eq(run(false), EXIT_LOCAL_FAILURE);
}

Test(inspect, exits_1_when_its_output_is_lost)
{
    put(build_esp8266(20000, SEED));
    cr_redirect_stderr();
    cr_assert_not_null(freopen("/dev/full", "w", stdout));
    cr_assert_eq(run(true), EXIT_LOCAL_FAILURE);
}

/* These two leave by exit(): the folder goes first. */

Test(inspect, exits_by_argp_without_an_image, .exit_code = 2)
{
    char name[] = "inspect";
    char *argv[] = { name, NULL };

    temp_remove(&temp);
    cr_redirect_stderr();
    argp_err_exit_status = 2;
    inspect_run(1, argv);
}

Test(inspect, exits_by_argp_for_a_second_image, .exit_code = 2)
{
    char name[] = "inspect";
    char one[] = "one.bin";
    char two[] = "two.bin";
    char *argv[] = { name, one, two, NULL };

    temp_remove(&temp);
    cr_redirect_stderr();
    argp_err_exit_status = 2;
    inspect_run(3, argv);
}
