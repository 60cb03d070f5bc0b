#include "cli/serve/offering_loader.h"

#include "tests/support/image_builder.h"
#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * When files are read again, and what of them. An image that is the same object as before was not
 * read again.
 */
static struct temp temp;
static struct temp_path catalog;
static struct offering_loader loader;
static struct offering_load load;
static struct fleet *fleet; /* the one that would be offered */

static void put(const char *name, struct built_image built)
{
    cr_assert_not_null(built.bytes);
    cr_assert(file_write(temp_path(&temp, name).text, built.bytes, built.size));
    built_image_free(&built);
}

static void put_text(const char *name, const char *text)
{
    cr_assert(file_write(temp_path(&temp, name).text, text, strlen(text)));
}

#define GOOD                        \
    "[release A]\nsketch = a.bin\n" \
    "[release B]\nsketch = b.bin\n" \
    "[release C]\nsketch = c.bin\n" \
    "[default]\nrelease = A\n"

static void enter(void)
{
    cr_assert(temp_create(&temp));
    catalog = temp_path(&temp, "catalog.ini");
    put_text("catalog.ini", GOOD);
    put("a.bin", build_esp8266(20000, 1));
    put("b.bin", build_esp8266(20000, 2));
    put("c.bin", build_esp8266(20000, 3));
    loader = (struct offering_loader){ .catalog_path = catalog.text };
}

static void leave(void)
{
    fleet_free(fleet);
    offering_loader_free(&loader);
    temp_remove(&temp);
}

TestSuite(offering_loader, .init = enter, .fini = leave);

/* Look, and take what was found as the server does. */
static enum offering_change look(bool anyway)
{
    enum offering_change change = offering_loader_look(&loader, anyway, &load);

    if (change == OFFERING_NEW) {
        fleet_free(fleet);
        fleet = load.fleet;
    }
    return change;
}

static const struct served_image *sketch(const char *release)
{
    return fleet_release(fleet, release)->sketch;
}

/* What the pool has of this file, or NULL. */
static const struct served_image *pooled(const char *name)
{
    struct temp_path path = temp_path(&temp, name);

    for (size_t i = 0; i < loader.pool.count; i++) {
        if (strcmp(loader.pool.entries[i]->path, path.text) == 0)
            return loader.pool.entries[i]->image;
    }
    return NULL;
}

Test(offering_loader, nothing_is_read_twice_that_has_not_changed)
{
    const struct served_image *a;

    cr_assert_eq(look(false), OFFERING_NEW, "%s", load.failure.text);
    a = sketch("A");
    for (int i = 0; i < 3 * OFFERING_PATIENCE; i++)
        cr_assert_eq(look(false), OFFERING_SAME);
    cr_assert_eq(look(true), OFFERING_NEW);
    cr_assert_eq(sketch("A"), a);
}

Test(offering_loader, an_image_that_has_changed_is_read_and_the_others_are_not)
{
    const struct served_image *a;
    const struct served_image *c;

    cr_assert_eq(look(false), OFFERING_NEW);
    a = sketch("A");
    c = sketch("C");
    put("b.bin", build_esp8266(24000, 4));
    cr_assert_eq(look(false), OFFERING_NEW);
    cr_assert_eq(sketch("B")->facts.size, 24000);
    cr_assert(sketch("A") == a && sketch("C") == c);
}

Test(offering_loader, a_broken_set_is_read_once_and_not_before_something_changes)
{
    cr_assert_eq(look(false), OFFERING_NEW);
    put_text("b.bin", "no image at all");
    cr_assert_eq(look(false), OFFERING_BROKEN);
    cr_assert_not_null(strstr(load.failure.text, "b.bin"), "%s", load.failure.text);
    for (int i = 1; i < OFFERING_PATIENCE; i++)
        cr_assert_eq(look(false), OFFERING_SAME);
    put("b.bin", build_esp8266(20000, 4));
    cr_assert_eq(look(false), OFFERING_NEW);
}

Test(offering_loader, what_loaded_well_beside_a_broken_image_is_kept_for_the_next_time)
{
    const struct served_image *a;
    const struct served_image *c;

    cr_assert_eq(look(false), OFFERING_NEW);
    /* All are new, and the one in the middle is gone. */
    put("a.bin", build_esp8266(24000, 5));
    put("c.bin", build_esp8266(24000, 6));
    cr_assert_eq(unlink(temp_path(&temp, "b.bin").text), 0);
    cr_assert_eq(look(false), OFFERING_BROKEN);
    a = pooled("a.bin");
    c = pooled("c.bin");
    cr_assert(a && a->facts.size == 24000 && a != sketch("A"));
    cr_assert(c && c->facts.size == 24000, "the image behind the broken one was not looked at");
    cr_assert_eq(look(true), OFFERING_BROKEN);
    cr_assert(pooled("a.bin") == a && pooled("c.bin") == c);
    put("b.bin", build_esp8266(24000, 7));
    cr_assert_eq(look(false), OFFERING_NEW);
    cr_assert(sketch("A") == a && sketch("C") == c);
    cr_assert_eq(sketch("B")->facts.size, 24000);
}

Test(offering_loader, the_first_thing_that_is_wrong_is_told)
{
    put_text("a.bin", "no image");
    put_text("c.bin", "none either");
    cr_assert_eq(look(false), OFFERING_BROKEN);
    cr_assert_not_null(strstr(load.failure.text, "a.bin"), "%s", load.failure.text);
    cr_assert_eq(load.failure.code, EXIT_IMAGE_REFUSED);
}

Test(offering_loader, a_broken_catalogue_costs_no_image_and_is_read_when_it_changes)
{
    const struct served_image *a;

    cr_assert_eq(look(false), OFFERING_NEW);
    a = sketch("A");
    put_text("catalog.ini", "[release A]\nsketch = a.bin\nnonsense\n");
    cr_assert_eq(look(false), OFFERING_BROKEN);
    cr_assert_eq(look(false), OFFERING_SAME);
    put_text("catalog.ini", GOOD);
    cr_assert_eq(look(false), OFFERING_NEW);
    cr_assert_eq(sketch("A"), a);
}

Test(offering_loader, images_that_no_catalogue_names_any_more_are_let_go)
{
    cr_assert_eq(look(false), OFFERING_NEW);
    put("d.bin", build_esp8266(20000, 8));
    put_text("catalog.ini", "[release D]\nsketch = d.bin\n[release E]\nsketch = e.bin\n");
    cr_assert_eq(look(false), OFFERING_BROKEN);
    cr_assert_not_null(pooled("d.bin"));
    cr_assert_not_null(pooled("a.bin"), "what is still offered is forgotten");
    put_text("catalog.ini", "[release A]\nsketch = a.bin\n[release E]\nsketch = e.bin\n");
    cr_assert_eq(look(false), OFFERING_BROKEN);
    cr_assert_null(pooled("d.bin"));
    put_text("catalog.ini", "[release A]\nsketch = a.bin\n");
    cr_assert_eq(look(false), OFFERING_NEW);
    cr_assert_eq(loader.pool.count, 1u);
}

Test(offering_loader, what_the_machine_could_not_do_is_tried_again_after_a_while)
{
    struct rlimit limit;
    struct rlimit before;
    int looks = 0;
    enum offering_change change;

    cr_assert_eq(look(false), OFFERING_NEW);
    put("b.bin", build_esp8266(24000, 4));
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    int next = dup(0);
    cr_assert_geq(next, 0);
    close(next);
    limit = before;
    limit.rlim_cur = (rlim_t)next + 1; /* the catalogue can be opened; a copy cannot be made */
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    change = look(false);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    cr_assert_eq(change, OFFERING_BROKEN);
    while (look(false) == OFFERING_SAME && looks < OFFERING_PATIENCE)
        looks++;
    cr_assert_eq(looks, OFFERING_PATIENCE - 1);
    cr_assert_eq(sketch("B")->facts.size, 24000);
}

Test(offering_loader, an_image_alone_may_be_a_sketch_or_a_file_system_or_anything)
{
    struct temp_path path = temp_path(&temp, "any.bin");

    loader = (struct offering_loader){ .image_path = path.text };
    put("any.bin", build_littlefs(65536, 2));
    cr_assert_eq(offering_loader_look(&loader, false, &load), OFFERING_NEW);
    cr_expect_eq(load.image->facts.kind, IMAGE_LITTLEFS);
    served_image_release(load.image);
    cr_assert_eq(offering_loader_look(&loader, false, &load), OFFERING_SAME);
    put_text("any.bin", "");
    cr_assert_eq(offering_loader_look(&loader, false, &load), OFFERING_BROKEN);
    cr_assert_eq(offering_loader_look(&loader, false, &load), OFFERING_SAME);
    put_text("any.bin", "\x7F"
                        "ELF");
    cr_assert_eq(offering_loader_look(&loader, false, &load), OFFERING_NEW);
    cr_expect_eq(load.image->facts.kind, IMAGE_UNKNOWN);
    served_image_release(load.image);
}
