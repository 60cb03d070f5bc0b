#include "cli/serve/serve_options.h"

#include "cli/exit_code.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <string.h>

#define ARGUMENTS_MAX 8

static struct serve_options options;

/* Parse a command line; its arguments end with NULL. */
static void parse(const char *const *arguments)
{
    static char texts[ARGUMENTS_MAX][128];
    char *argv[ARGUMENTS_MAX + 1] = { texts[0] };
    int argc = 1;

    snprintf(texts[0], sizeof texts[0], "espota-c serve");
    for (; *arguments; arguments++, argc++) {
        cr_assert_lt(argc, ARGUMENTS_MAX);
        snprintf(texts[argc], sizeof texts[argc], "%s", *arguments);
        argv[argc] = texts[argc];
    }
    cr_redirect_stderr();
    serve_options_parse(&options, argc, argv);
}

#define PARSE(...) parse((const char *const[]){ __VA_ARGS__, NULL })

static void expect_address(const struct address *address, const char *text)
{
    char actual[ADDRESS_TEXT_MAX];

    cr_expect_str_eq(address_text(address, actual), text);
}

Test(serve_options, what_is_not_said_has_a_default)
{
    PARSE("--image=firmware.bin");
    cr_expect_str_eq(options.image, "firmware.bin");
    cr_expect_null(options.catalog);
    cr_expect_eq(options.listen_count, 0u);
    cr_expect_eq(options.status.len, 0);
    cr_expect_null(options.state);
    cr_expect_eq(options.attempts, 3u);
    cr_expect_eq(options.timeout_ms, 30000u);
    cr_expect_eq(options.drain_ms, 30000u);
    cr_expect_str_eq(options.log, "-");
    cr_expect_null(options.tls_cert);
    cr_expect_null(options.tls_key);
    cr_expect_null(options.auth_file);
    cr_expect_not(options.report || options.json || options.debug);
}

Test(serve_options, reads_all_others)
{
    PARSE("--catalog=c.ini", "--attempts=0", "--timeout=2.5", "--drain=1", "--log=access.log",
          "-d");
    cr_expect_str_eq(options.catalog, "c.ini");
    cr_expect_eq(options.attempts, 0u);
    cr_expect_eq(options.timeout_ms, 2500u);
    cr_expect_eq(options.drain_ms, 1000u);
    cr_expect_str_eq(options.log, "access.log");
    cr_expect(options.debug);
    PARSE("--image=a", "--tls-cert=c.pem", "--tls-key=k.pem", "--auth-file=users");
    cr_expect_str_eq(options.tls_cert, "c.pem");
    cr_expect_str_eq(options.tls_key, "k.pem");
    cr_expect_str_eq(options.auth_file, "users");
    PARSE("--report", "--json", "--state=devices.sqlite");
    cr_expect(options.report && options.json);
    cr_expect_str_eq(options.state, "devices.sqlite");
}

Test(serve_options, listens_where_it_is_told)
{
    PARSE("--image=a", "--listen=127.0.0.1:8000", "--listen=[::1]:0", "--listen=9000",
          "--listen=192.168.1.2");
    cr_assert_eq(options.listen_count, 4u);
    expect_address(&options.listen[0], "127.0.0.1:8000");
    expect_address(&options.listen[1], "[::1]:0");
    expect_address(&options.listen[2], "[::]:9000");
    expect_address(&options.listen[3], "192.168.1.2:8080");
}

Test(serve_options, the_status_page_is_for_this_machine_unless_told)
{
    PARSE("--image=a", "--status=:9001");
    expect_address(&options.status, "127.0.0.1:9001");
    PARSE("--image=a", "--status=9002");
    expect_address(&options.status, "127.0.0.1:9002");
    PARSE("--image=a", "--status=::1");
    expect_address(&options.status, "[::1]:8081");
    PARSE("--image=a", "--status=0.0.0.0:80");
    expect_address(&options.status, "0.0.0.0:80");
}

Test(serve_options, an_address_to_listen_at_is_read_whole_or_not_at_all)
{
    static const char *const bad[] = {
        "",
        ":",
        "a",
        "localhost:80",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "[::1]80",
        "[::1",
        "127.0.0.1:80x",
        "[::1]:",
        ":-1",
    };
    struct address fallback = { 0 };
    struct address address;

    cr_assert(address_parse(&fallback, "::"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(serve_listen_parse(&address, bad[i], &fallback), "'%s'", bad[i]);
}

/* Each must end the program. */
#define BAD_USAGE(name, ...)                                         \
    Test(serve_options, refuses_##name, .exit_code = EXIT_BAD_USAGE) \
    {                                                                \
        PARSE(__VA_ARGS__);                                          \
    }

BAD_USAGE(an_image_and_a_catalogue, "--image=a", "--catalog=b")
BAD_USAGE(neither_image_nor_catalogue, "--listen=8000")
BAD_USAGE(a_certificate_without_key, "--image=a", "--tls-cert=c")
BAD_USAGE(a_key_without_certificate, "--image=a", "--tls-key=c")
BAD_USAGE(json_without_report, "--image=a", "--json")
BAD_USAGE(to_report_what_is_in_another_programs_memory, "--report", "--state=:memory:")
BAD_USAGE(what_is_no_number_of_attempts, "--image=a", "--attempts=x")
BAD_USAGE(what_is_no_address, "--image=a", "--listen=localhost:80")
BAD_USAGE(what_is_no_address_of_the_page, "--image=a", "--status=localhost")
BAD_USAGE(no_time_at_all, "--image=a", "--timeout=0")
BAD_USAGE(a_drain_that_is_no_time, "--image=a", "--drain=soon")
BAD_USAGE(an_argument_without_option, "firmware.bin")
