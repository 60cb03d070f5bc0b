/*
 * The part of upload's command line that is about many devices.
 */
#include "cli/exit_code.h"
#include "cli/push/upload_options.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct upload_options options;
static char words[16][64];

static void leave(void)
{
    upload_options_free(&options);
}

TestSuite(upload_fleet_options, .fini = leave);

static void parse_words(const char *const *line)
{
    char *argv[17] = { NULL };
    int count = 0;

    leave();
    for (; line[count]; count++) {
        snprintf(words[count], sizeof words[count], "%s", line[count]);
        argv[count] = words[count];
    }
    upload_options_parse(&options, count, argv);
}

#define parse(...)      parse_words((const char *const[]){ "espota-c", __VA_ARGS__, NULL })
#define parse_also(...) parse("-i", "10.0.0.7", "-f", "x.bin", __VA_ARGS__)

/* A test that the parser ends with "bad usage". */
#define REFUSES(name) Test(upload_fleet_options, name, .exit_code = EXIT_BAD_USAGE)

Test(upload_fleet_options, there_are_none_unless_told)
{
    parse("-i", "10.0.0.7", "-f", "x.bin");
    cr_assert_not(options.all);
    cr_assert_null(options.board);
    cr_assert_eq(options.jobs, 0);
    cr_assert_eq(options.canaries, 0);
    cr_assert_not(options.fail_fast);
    cr_assert_null(options.junit);
}

Test(upload_fleet_options, all_of_them)
{
    parse_also("--jobs", "1", "--canary=3", "--fail-fast", "--junit", "report.xml", "--all",
               "--board=nodemcu*");
    cr_assert(options.all);
    cr_assert_str_eq(options.board, "nodemcu*");
    cr_assert_eq(options.jobs, 1);
    cr_assert_eq(options.canaries, 3);
    cr_assert(options.fail_fast);
    cr_assert_str_eq(options.junit, "report.xml");
    parse_also("--jobs=10000");
    cr_assert_eq(options.jobs, 10000);
}

/* The first one counts. */
Test(upload_fleet_options, all_has_its_place_among_the_devices)
{
    parse("--all", "-f", "x.bin");
    cr_assert_eq(options.before_all, 0);
    parse("-i", "a", "-i", "b", "--all", "-i", "c", "--all", "-f", "x.bin");
    cr_assert_eq(options.device_count, 3);
    cr_assert_eq(options.before_all, 2);
}

Test(upload_fleet_options, a_list_is_kept_as_it_is_named)
{
    parse("-i", "@fleet.txt", "-i", "-", "-f", "x.bin", "--board", "x", "--mdns=auto");
    cr_assert_eq(options.device_count, 2);
    cr_assert_str_eq(options.devices[0], "@fleet.txt");
    cr_assert_str_eq(options.devices[1], "-");
}

REFUSES(refuses_a_list_without_a_name)
{
    parse("-i", "@", "-f", "x.bin");
}

REFUSES(refuses_no_jobs)
{
    parse_also("--jobs", "0");
}

REFUSES(refuses_too_many_jobs)
{
    parse_also("--jobs", "10001");
}

REFUSES(refuses_no_canaries)
{
    parse_also("--canary", "0");
}

REFUSES(refuses_a_report_without_a_name)
{
    parse_also("--junit", "");
}

REFUSES(refuses_all_without_mdns)
{
    parse("--all", "-f", "x.bin", "--mdns=off");
}

REFUSES(refuses_a_board_without_mdns)
{
    parse("-i", "k*", "--board", "x", "-f", "x.bin", "--mdns=off");
}

REFUSES(refuses_a_board_of_a_device_to_be_chosen)
{
    parse("--board", "x", "-f", "x.bin");
}

REFUSES(refuses_an_empty_board)
{
    parse("--all", "--board=", "-f", "x.bin");
}
