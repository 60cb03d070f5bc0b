#include "cli/serve/fleet_file.h"

#include "tests/support/image_builder.h"
#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Catalogues with real images beside them.
 */
static struct temp temp;
static struct failure failure;
static struct image_pool pool;

static void enter(void)
{
    cr_assert(temp_create(&temp));
    cr_assert_eq(mkdir(temp_path(&temp, "bin").text, 0700), 0);
}

static void leave(void)
{
    image_pool_free(&pool);
    temp_remove(&temp);
}

TestSuite(fleet_load, .init = enter, .fini = leave);

/* Write an image, which is released. */
static void put(const char *name, struct built_image built)
{
    cr_assert_not_null(built.bytes);
    cr_assert(file_write(temp_path(&temp, name).text, built.bytes, built.size));
    built_image_free(&built);
}

static struct fleet *load(const char *text)
{
    struct temp_path path = temp_path(&temp, "catalog.ini");
    struct fleet *fleet;

    cr_assert(file_write(path.text, text, strlen(text)));
    memset(&failure, 0, sizeof failure);
    image_pool_begin(&pool);
    fleet = fleet_file_load(path.text, &pool, &failure);
    image_pool_end(&pool, fleet != NULL);
    return fleet;
}

static struct fleet *load_good(const char *text)
{
    struct fleet *fleet = load(text);

    cr_assert_not_null(fleet, "%s", failure.text);
    return fleet;
}

/* Refused, in this line of the catalogue, with these words. */
static void assert_refused(const char *text, unsigned line, enum exit_code code, const char *says)
{
    char where[TEMP_PATH_MAX + 32];

    snprintf(where, sizeof where, "%s:%u: ", temp_path(&temp, "catalog.ini").text, line);
    cr_expect_null(load(text));
    cr_expect_eq(strncmp(failure.text, where, strlen(where)), 0, "%s", failure.text);
    cr_expect_not_null(strstr(failure.text, says), "%s", failure.text);
    cr_expect_eq(failure.code, code, "%s", failure.text);
}

Test(fleet_load, paths_are_relative_to_the_catalogue_or_absolute)
{
    char text[TEMP_PATH_MAX + 200];

    put("bin/sketch.bin", build_esp8266(20000, 1));
    put("fs.bin", build_littlefs(65536, 2));
    snprintf(text, sizeof text, "[release A]\nsketch = bin/sketch.bin\nfilesystem = %s\n",
             temp_path(&temp, "fs.bin").text);
    struct fleet *fleet = load_good(text);
    cr_assert_eq(fleet->releases[0].sketch->facts.kind, IMAGE_ESP8266);
    cr_assert_eq(fleet->releases[0].filesystem->facts.kind, IMAGE_LITTLEFS);
    fleet_free(fleet);
}

Test(fleet_load, the_family_is_the_sketchs_unless_it_is_said)
{
    put("a.bin", build_esp8266(20000, 1));
    put("b.bin", build_esp32(20000, 1, 0));
    put("c.bin", build_pico(20000, 1));
    put("fs.bin", build_littlefs(65536, 2));
    struct fleet *fleet = load_good("[release A]\nsketch = a.bin\n"
                                    "[release B]\nsketch = b.bin\nfamily = esp32\n"
                                    "[release C]\nsketch = c.bin\n"
                                    "[release D]\nfilesystem = fs.bin\n"
                                    "[release E]\nfilesystem = fs.bin\nfamily = rp2040\n");

    cr_expect_eq(fleet->releases[0].family, IMAGE_ESP8266);
    cr_expect_eq(fleet->releases[1].family, IMAGE_ESP32);
    cr_expect_eq(fleet->releases[2].family, IMAGE_PICO);
    cr_expect_eq(fleet->releases[3].family, IMAGE_UNKNOWN);
    cr_expect_eq(fleet->releases[4].family, IMAGE_PICO);
    fleet_free(fleet);
}

Test(fleet_load, an_image_that_cannot_be_meant_is_refused_with_its_line)
{
    struct built_image cut = build_esp8266(20000, 1);

    put("a.bin", build_esp8266(20000, 1));
    put("fs.bin", build_littlefs(65536, 2));
    cut.size -= 5000;
    put("cut.bin", cut);
    assert_refused("[release A]\n\nsketch = missing.bin\n", 3, EXIT_LOCAL_FAILURE, "missing.bin");
    assert_refused("[release A]\nsketch = bin\n", 2, EXIT_LOCAL_FAILURE, "bin");
    assert_refused("[release A]\nsketch = cut.bin\n", 2, EXIT_IMAGE_REFUSED, "cut.bin");
    assert_refused("[release A]\nsketch = fs.bin\n", 2, EXIT_IMAGE_REFUSED,
                   "fs.bin: it is a file system image, not a sketch");
    cr_expect_null(strstr(failure.text, " -s"), "%s", failure.text);
    assert_refused("[release A]\nsketch = a.bin\nfilesystem = a.bin\n", 3, EXIT_IMAGE_REFUSED,
                   "a.bin");
    assert_refused("[release A]\nfamily = esp32\nsketch = a.bin\n", 3, EXIT_LOCAL_FAILURE,
                   "the sketch is for the ESP8266, not for the ESP32");
}

Test(fleet_load, releases_that_name_the_same_file_share_it)
{
    put("a.bin", build_esp8266(20000, 1));
    struct fleet *fleet = load_good("[release A]\nsketch = a.bin\n[release B]\nsketch = a.bin\n");

    cr_assert_eq(fleet->releases[0].sketch, fleet->releases[1].sketch);
    fleet_free(fleet);
}

Test(fleet_load, images_that_did_not_change_are_shared_with_the_catalogue_before)
{
    put("a.bin", build_esp8266(20000, 1));
    put("b.bin", build_esp8266(20000, 2));
    struct fleet *first = load_good("[release A]\nsketch = a.bin\n[release B]\nsketch = b.bin\n");
    struct served_image *a = served_image_hold(first->releases[0].sketch);
    struct served_image *b = served_image_hold(first->releases[1].sketch);

    put("b.bin", build_esp8266(24000, 3));
    struct fleet *second = load_good("[release B2]\nsketch = b.bin\n[release A]\nsketch = a.bin\n"
                                     "[release B3]\nsketch = b.bin\n");
    fleet_free(first);
    cr_expect_eq(second->releases[1].sketch, a);
    cr_expect_neq(second->releases[0].sketch, b);
    cr_expect_eq(second->releases[0].sketch->facts.size, 24000);
    cr_expect_eq(second->releases[0].sketch, second->releases[2].sketch);
    fleet_free(second);
    served_image_release(a);
    served_image_release(b);
}

Test(fleet_load, a_broken_catalogue_leaves_the_one_before_as_it_was)
{
    put("a.bin", build_esp8266(20000, 1));
    struct fleet *first = load_good("[release A]\nsketch = a.bin\n");

    cr_assert_null(load("[release A]\nsketch = a.bin\n[release B]\nsketch = b.bin\n"));
    cr_assert_eq(first->releases[0].sketch->references, 2); /* the pool has it as well */
    cr_assert_null(load("[release A]\nsketch = a.bin\nnonsense\n"));
    cr_assert_eq(first->releases[0].sketch->references, 2);
    fleet_free(first);
}

Test(fleet_load, what_is_no_file_is_refused)
{
    struct temp_path path = temp_path(&temp, "nothing.ini");

    cr_assert_null(fleet_file_load(path.text, &pool, &failure));
    cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_assert_not_null(strstr(failure.text, "nothing.ini: "), "%s", failure.text);
    cr_assert_null(fleet_file_load(temp.path, &pool, &failure));
    cr_assert_not_null(strstr(failure.text, "not a regular file"), "%s", failure.text);
    cr_assert_eq(mkfifo(path.text, 0600), 0);
    cr_assert_null(fleet_file_load(path.text, &pool, &failure));
    cr_assert_null(fleet_file_load("/dev/zero", &pool, &failure));
}

Test(fleet_load, a_path_that_is_too_long_is_refused)
{
    char text[2000] = "[release A]\nsketch = ";
    size_t used = strlen(text);

    memset(text + used, 'x', 900);
    text[used + 900] = '\0';
    cr_assert_null(load(text));
    cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
}
