#include "cli/serve/offering.h"

#include "tests/support/image_builder.h"
#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Seconds that a look may take before the test fails. */
#define PATIENCE 60

static struct temp temp;
static struct temp_path catalog;
static struct event_base *base;
static struct offering offering;
static enum offering_change changes[8];
static unsigned looks;

static void put_image(const char *name, size_t size)
{
    struct built_image built = build_esp8266(size, 1);

    cr_assert_not_null(built.bytes);
    cr_assert(file_write(temp_path(&temp, name).text, built.bytes, built.size));
    built_image_free(&built);
}

static void put_catalog(const char *text)
{
    cr_assert(file_write(catalog.text, text, strlen(text)));
}

static void looked(void *ctx, enum offering_change change)
{
    cr_assert_eq(ctx, base);
    cr_assert_lt(looks, sizeof changes / sizeof *changes);
    changes[looks++] = change;
    event_base_loopbreak(base);
}

static void open_catalog(void)
{
    const struct offering_source source = {
        .catalog_path = catalog.text,
        .looked = looked,
        .ctx = base,
    };

    cr_assert(offering_open(&offering, base, &source), "%s", offering.problem.text);
}

static void enter(void)
{
    cr_assert(temp_create(&temp));
    catalog = temp_path(&temp, "catalog.ini");
    base = event_base_new();
    cr_assert_not_null(base);
    put_image("a.bin", 20000);
    put_catalog("[release A]\nsketch = a.bin\n");
}

static void leave(void)
{
    offering_close(&offering);
    event_base_free(base);
    temp_remove(&temp);
}

TestSuite(offering, .init = enter, .fini = leave, .timeout = 2 * PATIENCE);

/* Let the loop run until so many looks have ended. */
static void await(unsigned count)
{
    const struct timeval patience = { .tv_sec = PATIENCE };

    cr_assert_eq(event_base_loopexit(base, &patience), 0);
    while (looks < count && !event_base_got_exit(base))
        event_base_dispatch(base);
    cr_assert_eq(looks, count, "a look does not end");
}

Test(offering, a_new_set_is_offered_once_the_loop_has_it)
{
    const struct fleet *before;

    open_catalog();
    before = offering.fleet;
    put_catalog("[release A]\nsketch = a.bin\n[release B]\nsketch = a.bin\n");
    offering_look(&offering, false);
    cr_assert_eq(offering.fleet, before, "the loop has not run");
    await(1);
    cr_expect_eq(changes[0], OFFERING_NEW);
    cr_expect_eq(offering.fleet->release_count, 2u);
    cr_expect_str_eq(offering.problem.text, "");
}

Test(offering, a_problem_is_told_once_and_stays_until_it_is_mended)
{
    open_catalog();
    put_catalog("nonsense\n");
    offering_look(&offering, false);
    await(1);
    offering_look(&offering, false);
    await(2);
    put_catalog("nonsense\n\n"); /* another file, with the same wrong in it */
    offering_look(&offering, false);
    await(3);
    cr_expect_eq(changes[0], OFFERING_BROKEN);
    cr_expect_eq(changes[1], OFFERING_SAME);
    cr_expect_eq(changes[2], OFFERING_SAME);
    cr_expect_not_null(strstr(offering.problem.text, "catalog.ini:1: "), "%s",
                       offering.problem.text);
    cr_expect_eq(offering.fleet->release_count, 1u);
    offering_look(&offering, true);
    await(4);
    cr_expect_eq(changes[3], OFFERING_BROKEN, "who asks is told again");
    put_catalog("[release A]\nsketch = a.bin\n");
    offering_look(&offering, false);
    await(5);
    cr_expect_eq(changes[4], OFFERING_NEW);
    cr_expect_str_eq(offering.problem.text, "");
}

Test(offering, a_call_during_a_look_is_answered_by_another_one)
{
    open_catalog();
    offering_look(&offering, false);
    offering_look(&offering, true);
    offering_look(&offering, true);
    offering_look(&offering, false);
    await(2);
    cr_expect_eq(changes[0], OFFERING_SAME);
    cr_expect_eq(changes[1], OFFERING_NEW);
}

Test(offering, an_image_may_be_held_and_let_go_while_the_thread_does_so)
{
    open_catalog();
    for (unsigned round = 1; round <= 4; round++) {
        offering_look(&offering, true);
        for (int i = 0; i < 1000; i++)
            served_image_release(served_image_hold(offering.fleet->releases[0].sketch));
        await(round);
        /* The fleet's, and the pool's. */
        cr_assert_eq(offering.fleet->releases[0].sketch->references, 2u);
    }
}

Test(offering, it_can_be_closed_during_a_look)
{
    open_catalog();
    put_image("a.bin", 30000);
    offering_look(&offering, true);
    offering_close(&offering);
    cr_expect_eq(looks, 0u);
}

Test(offering, that_cannot_be_had_is_none)
{
    const struct offering_source source = { .catalog_path = catalog.text, .looked = looked };

    put_catalog("nonsense\n");
    cr_assert_not(offering_open(&offering, base, &source));
    cr_assert_not_null(strstr(offering.problem.text, "catalog.ini:1: "));
}
