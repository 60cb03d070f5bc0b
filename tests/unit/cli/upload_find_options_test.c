/*
 * The part of upload's command line that says how its devices are found and waited for.
 */
#include "cli/exit_code.h"
#include "cli/push/upload_options.h"

#include <criterion/criterion.h>

static struct upload_options options;

static void leave(void)
{
    upload_options_free(&options);
}

TestSuite(upload_find_options, .fini = leave);

static void parse_words(const char *const *line)
{
    char words[16][64];
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

/* Whoever is there may choose one, if it can be found. */
Test(upload_find_options, a_device_may_be_chosen_later)
{
    parse("-f", "x.bin");
    cr_assert_eq(options.device_count, 0);
}

Test(upload_find_options, no_device_can_be_chosen_without_mdns, .exit_code = EXIT_BAD_USAGE)
{
    parse("-f", "x.bin", "--mdns=off");
}

Test(upload_find_options, nothing_is_waited_for_unless_told)
{
    parse("-i", "10.0.0.7", "-f", "x.bin");
    cr_assert_eq(options.wait_ms, 0);
    cr_assert_eq(options.online_ms, 0);
    cr_assert_eq(options.mdns.mode, MDNS_AUTO);
    cr_assert_null(options.mdns.interface);
}

Test(upload_find_options, how_long_to_wait)
{
    parse_also("--wait", "90", "--wait-online");
    cr_assert_eq(options.wait_ms, 90000);
    cr_assert_eq(options.online_ms, 60000);
    parse_also("--wait-online=2.5");
    cr_assert_eq(options.wait_ms, 0);
    cr_assert_eq(options.online_ms, 2500);
}

Test(upload_find_options, how_to_ask_by_mdns)
{
    parse_also("--mdns=embedded");
    cr_assert_eq(options.mdns.mode, MDNS_EMBEDDED);
    parse_also("--mdns", "daemon", "--mdns-interface=lo");
    cr_assert_eq(options.mdns.mode, MDNS_DAEMON);
    cr_assert_not_null(options.mdns.interface);
}

Test(upload_find_options, refuses_no_time_to_wait, .exit_code = EXIT_BAD_USAGE)
{
    parse_also("--wait=0");
}

Test(upload_find_options, refuses_a_time_to_be_back_that_is_none, .exit_code = EXIT_BAD_USAGE)
{
    parse_also("--wait-online=never");
}

Test(upload_find_options, refuses_a_way_to_ask_that_there_is_not, .exit_code = EXIT_BAD_USAGE)
{
    parse_also("--mdns=maybe");
}
