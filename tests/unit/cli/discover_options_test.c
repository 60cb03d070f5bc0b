#include "cli/discover/discover_options.h"

#include "cli/exit_code.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <sys/socket.h>

static struct discover_options options;

/* Parse a command line of up to three arguments. */
static void parse(const char *first, const char *second, const char *third)
{
    char texts[4][64] = { "espota-c discover" };
    char *argv[5] = { texts[0] };
    const char *arguments[] = { first, second, third };
    int argc = 1;

    for (size_t i = 0; i < 3 && arguments[i]; i++) {
        snprintf(texts[argc], sizeof texts[argc], "%s", arguments[i]);
        argv[argc] = texts[argc];
        argc++;
    }
    cr_redirect_stderr();
    discover_options_parse(&options, argc, argv);
}

Test(discover_options, looks_for_three_seconds_for_everything)
{
    parse(NULL, NULL, NULL);
    cr_expect_eq(options.timeout_ms, 3000);
    cr_expect_eq(options.family, AF_UNSPEC);
    cr_expect_eq(options.mdns.mode, MDNS_AUTO);
    cr_expect_null(options.match);
    cr_expect_null(options.board);
    cr_expect_not(options.watch || options.json || options.debug);
}

Test(discover_options, watches_without_end_unless_told)
{
    parse("--watch", NULL, NULL);
    cr_expect(options.watch);
    cr_expect_eq(options.timeout_ms, 0);
    parse("--watch", "--timeout=0.5", NULL);
    cr_expect_eq(options.timeout_ms, 500);
}

Test(discover_options, reads_all_others)
{
    parse("-4", "--json", "-d");
    cr_expect_eq(options.family, AF_INET);
    cr_expect(options.json && options.debug);
    parse("-6", "-t", "10");
    cr_expect_eq(options.family, AF_INET6);
    cr_expect_eq(options.timeout_ms, 10000);
    parse("--mdns=embedded", "--mdns-interface=eth7", NULL);
    cr_expect_eq(options.mdns.mode, MDNS_EMBEDDED);
    cr_expect_not_null(options.mdns.interface);
    parse("--match=kitchen-*", "--board=esp*", NULL);
    cr_expect_not_null(options.match);
    cr_expect_not_null(options.board);
}

Test(discover_options, refuses_to_look_without_mdns, .exit_code = EXIT_BAD_USAGE)
{
    parse("--mdns=off", NULL, NULL);
}

Test(discover_options, refuses_both_families, .exit_code = EXIT_BAD_USAGE)
{
    parse("-4", "-6", NULL);
}

Test(discover_options, refuses_no_time, .exit_code = EXIT_BAD_USAGE)
{
    parse("--timeout=0", NULL, NULL);
}

Test(discover_options, refuses_a_mode_that_there_is_not, .exit_code = EXIT_BAD_USAGE)
{
    parse("--mdns=perhaps", NULL, NULL);
}

Test(discover_options, refuses_arguments, .exit_code = EXIT_BAD_USAGE)
{
    parse("kitchen", NULL, NULL);
}

Test(discover_options, names_are_a_list_of_their_own)
{
    parse("--names", "-t", "1");
    cr_expect(options.names);
    cr_expect_eq(options.timeout_ms, 1000);
}

Test(discover_options, names_and_json_exclude_each_other, .exit_code = EXIT_BAD_USAGE)
{
    parse("--names", "--json", NULL);
}

Test(discover_options, names_and_watching_exclude_each_other, .exit_code = EXIT_BAD_USAGE)
{
    parse("--watch", "--names", NULL);
}
