#include "cli/image/image_file.h"

#include "common/hex.h"
#include "tests/support/image_builder.h"
#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEED 11

static struct temp temp;
static struct image_file file;
static struct failure failure;

static void enter(void)
{
    cr_assert(temp_create(&temp));
}

static void leave(void)
{
    image_file_close(&file);
    temp_remove(&temp);
}

TestSuite(image_file, .init = enter, .fini = leave);

/* Write the image, which is released, and open it. */
static void open_built(struct built_image built)
{
    struct temp_path path = temp_path(&temp, "image.bin");

    cr_assert_not_null(built.bytes);
    cr_assert(file_write(path.text, built.bytes, built.size));
    built_image_free(&built);
    image_file_close(&file);
    cr_assert(image_file_open(&file, path.text, &failure), "%s", failure.text);
}

static struct built_image gzip_of(struct built_image content)
{
    struct built_image packed = build_gzip(&content);

    built_image_free(&content);
    return packed;
}

static struct built_image damaged(struct built_image built)
{
    built.bytes[built.size * 3 / 4] ^= 1;
    return built;
}

static void assert_judged(struct built_image built, bool sketch, bool filesystem, const char *what)
{
    open_built(built);
    for (int as_filesystem = 0; as_filesystem < 2; as_filesystem++) {
        bool expected = as_filesystem ? filesystem : sketch;
        bool judged = image_file_judge(&file, as_filesystem, &failure);
        cr_assert_eq(judged, expected, "%s%s: %s", what, as_filesystem ? " with -s" : "",
                     failure.text);
        if (judged)
            continue;
        cr_assert_eq(failure.code, EXIT_IMAGE_REFUSED);
        cr_assert_not_null(strstr(failure.text, "image.bin"), "names the file");
    }
}

Test(image_file, opens_digests_and_examines)
{
    struct built_image built = build_esp8266(200000, SEED);
    char expected[HEX_SIZE(DIGEST_MD5_SIZE)];
    char md5[HEX_SIZE(DIGEST_MD5_SIZE)];
    size_t size = built.size;

    digest_hex(DIGEST_MD5, built.bytes, built.size, expected);
    open_built(built);
    hex_encode(md5, file.md5, sizeof file.md5);
    cr_assert_str_eq(md5, expected);
    cr_assert_eq(file.size, size);
    cr_assert_eq(file.image.kind, IMAGE_ESP8266);
    cr_assert_eq(image_file_kind(&file), IMAGE_ESP8266);
    cr_assert_null(image_file_problem(&file));
}

Test(image_file, judges_what_is_sound)
{
    assert_judged(build_esp8266(9000, SEED), true, false, "ESP8266");
    assert_judged(build_signed(build_esp8266(9000, SEED), SEED), true, false, "signed ESP8266");
    assert_judged(build_esp32(9000, SEED, 5), true, false, "ESP32");
    assert_judged(build_pico(9000, SEED), true, false, "RP2040");
    assert_judged(build_pico2(9000, SEED), true, false, "RP2350");
    assert_judged(build_littlefs(9000, SEED), false, true, "LittleFS");
}

Test(image_file, judges_what_is_unknown_by_the_wish)
{
    assert_judged(build_noise(9000, SEED), false, true, "noise");
    assert_judged(build_noise(1, SEED), false, true, "one byte");
    assert_judged(gzip_of(build_noise(9000, SEED)), false, true, "compressed noise");
}

Test(image_file, refuses_what_is_damaged)
{
    assert_judged(damaged(build_esp8266(9000, SEED)), false, false, "ESP8266");
    assert_judged(damaged(build_esp32(9000, SEED, 0)), false, false, "ESP32");
    struct built_image cut = build_esp32(9000, SEED, 0);
    cut.size -= 100;
    assert_judged(cut, false, false, "cut short");
}

Test(image_file, refuses_what_is_empty)
{
    assert_judged(build_noise(0, SEED), false, false, "empty");
    assert_judged(gzip_of(build_noise(0, SEED)), false, false, "compressed nothing");
}

Test(image_file, judges_a_gzip_by_its_content)
{
    assert_judged(gzip_of(build_esp8266(90000, SEED)), true, false, "ESP8266");
    cr_assert_eq(image_file_kind(&file), IMAGE_ESP8266);
    cr_assert_eq(file.content_size, 90000);
    assert_judged(gzip_of(build_littlefs(90000, SEED)), false, true, "LittleFS");
    assert_judged(gzip_of(damaged(build_esp8266(9000, SEED))), false, false, "damaged ESP8266");
    assert_judged(build_signed(gzip_of(build_esp8266(9000, SEED)), SEED), true, false, "signed");
    cr_assert_eq(file.image.signature, IMAGE_SIGNATURE_TRAILER);
}

Test(image_file, refuses_a_gzip_that_does_not_inflate)
{
    assert_judged(damaged(gzip_of(build_esp8266(90000, SEED))), false, false, "damaged");
    cr_assert(file.inflate_failed);
    struct built_image cut = gzip_of(build_esp8266(90000, SEED));
    cut.size -= 1;
    assert_judged(cut, false, false, "cut by one byte");
    cut = gzip_of(build_esp8266(90000, SEED));
    cut.size = 2;
    assert_judged(cut, false, false, "two bytes");
    cr_assert_eq(image_file_kind(&file), IMAGE_UNKNOWN);
}

Test(image_file, a_sketch_is_told_from_a_file_system_in_words)
{
    open_built(build_littlefs(9000, SEED));
    cr_assert_not(image_file_judge(&file, false, &failure));
    cr_assert_not_null(strstr(failure.text, "with -s"));
    open_built(build_esp8266(9000, SEED));
    cr_assert_not(image_file_judge(&file, true, &failure));
    cr_assert_not_null(strstr(failure.text, "without -s"));
}

static void assert_unopened(const char *path, const char *reason)
{
    cr_assert_not(image_file_open(&file, path, &failure));
    cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_assert_not_null(strstr(failure.text, reason), "%s", failure.text);
    image_file_close(&file);
}

Test(image_file, says_why_a_file_cannot_be_opened)
{
    struct temp_path fifo = temp_path(&temp, "fifo");
    char path[PATH_MAX + 1];

    assert_unopened(temp_path(&temp, "nowhere.bin").text, "No such file");
    assert_unopened(temp.path, "not a regular file");
    cr_assert_eq(mkfifo(fifo.text, 0600), 0);
    assert_unopened(fifo.text, "not a regular file");
    memset(path, 'x', PATH_MAX);
    path[PATH_MAX] = '\0';
    assert_unopened(path, "too long");
}

Test(image_file, reads_no_more_than_the_file_has_when_it_shrinks)
{
    struct temp_path path = temp_path(&temp, "image.bin");

    open_built(build_esp8266(9000, SEED));
    cr_assert_eq(truncate(path.text, 100), 0);
    cr_assert_eq(file.size, 9008, "what it was");
    image_file_close(&file);
    image_file_close(&file);
    cr_assert_eq(file.fd, -1);
}

Test(image_file, finds_the_signed_image_beside_a_plain_one)
{
    struct temp_path plain = temp_path(&temp, "sketch.bin");
    struct temp_path beside = temp_path(&temp, "sketch.bin.signed");
    char name[PATH_MAX];
    char path[PATH_MAX];

    cr_assert_not(image_file_signed_path(plain.text, name));
    cr_assert_eq(mkdir(beside.text, 0700), 0);
    cr_assert(image_file_signed_path(plain.text, name), "what is there is not passed over");
    cr_assert_eq(rmdir(beside.text), 0);
    cr_assert(file_write(beside.text, "x", 1));
    cr_assert(image_file_signed_path(plain.text, name));
    cr_assert_str_eq(name, beside.text);
    memset(path, 'x', PATH_MAX - 1);
    path[PATH_MAX - 1] = '\0';
    cr_assert_not(image_file_signed_path(path, name), "no name of that length");
}
