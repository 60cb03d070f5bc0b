/*
 * The options of espota-device that are about asking a web server: what they take, and what is said
 * of what they do not take.
 */
#include "e2e_board.h"

#include <stdio.h>
#include <string.h>

E2E_SUITE(pull_options);

static struct process *expect_refused(const char *const *args, const char *said)
{
    const char *argv[ARGUMENTS_MAX];

    join_arguments(argv, ARGS("--flash", "f", "--no-mdns"), args);
    struct process *device = program_run(E2E_DEVICE, argv);
    expect_exit(device, 2);
    expect_err(device, said);
    expect_silent(device->out);
    return device;
}

#define PULL "--pull", "http://127.0.0.1:1/"

Test(pull_options, names_what_is_no_url)
{
    char longest[600] = "http://127.0.0.1/";

    memset(longest + strlen(longest), 'x', sizeof longest - 1 - strlen(longest));
    expect_refused(ARGS("--pull", longest), "--pull takes a URL of at most 511 characters");
    expect_refused(ARGS("--pull", "http://127.0.0.1/a b"), "of visible characters of ASCII alone");
    expect_refused(ARGS("--pull", "http://127.0.0.1/\u00FC"), "of visible characters of ASCII");
    expect_refused(ARGS("--pull", "https://127.0.0.1/x"), "begins with http://: there is no TLS");
    expect_refused(ARGS("--pull", "ftp://127.0.0.1/x"), "begins with http://\n");
    expect_refused(ARGS("--pull", "127.0.0.1/x"), "begins with http://\n");
    expect_refused(ARGS("--pull", ""), "begins with http://\n");
}

Test(pull_options, names_what_is_wrong_behind_http)
{
    static const char *const ports[] = {
        "http://127.0.0.1:99999/", "http://127.0.0.1:0/", "http://127.0.0.1:x?:80",
        "http://[::1]:65536",      "http://a.test:-1",    "http://a.test:99999999999999999999/",
    };

    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        expect_refused(ARGS("--pull", ports[i]), "--pull takes a URL with a port from 1 to 65535");
    expect_refused(ARGS("--pull", "http://"), "--pull takes a URL such as http://");
    expect_refused(ARGS("--pull", "http://:80/"), "--pull takes a URL such as http://");
    expect_refused(ARGS("--pull", "http://[::1/"), "--pull takes a URL such as http://");
    expect_refused(ARGS("--pull", "http://[::1/:0"), "--pull takes a URL such as http://");
}

Test(pull_options, does_not_take_or_show_a_password_in_a_url)
{
    struct process *device =
        expect_refused(ARGS("--pull", "http://door:sesame@127.0.0.1/x"), "--pull-auth-file");

    expect_no_err(device, "sesame");
    device = expect_refused(ARGS("--pull", "door:sesame@127.0.0.1/x"), "begins with http://\n");
    expect_no_err(device, "sesame");
}

Test(pull_options, names_wrong_numbers)
{
    expect_refused(ARGS(PULL, "--every", "0"), "--every takes seconds, from 0.1 to a week");
    expect_refused(ARGS(PULL, "--every", "0.099"), "--every takes");
    expect_refused(ARGS(PULL, "--every", "1.2345"), "--every takes");
    expect_refused(ARGS(PULL, "--every", "700000"), "--every takes");
    expect_refused(ARGS(PULL, "--every", "-1"), "--every takes");
    expect_refused(ARGS(PULL, "--every", "1m"), "--every takes");
    expect_refused(ARGS(PULL, "--pull-retries", "256"), "--pull-retries takes");
    expect_refused(ARGS(PULL, "--pull-retries", "x"), "--pull-retries takes");
}

Test(pull_options, names_what_is_no_address)
{
    static const char *const wrong[] = {
        "",
        "18:FE:34:0A:0B",
        "18:FE:34:0A:0B:0C:0D",
        "18-FE-34-0A-0B-0C",
        "18:FE:34:0A:0B:0G",
        "FF:FF:FF:FF:FF:FF",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_refused(ARGS(PULL, "--mac", wrong[i]), "--mac takes");
}

Test(pull_options, names_a_version_that_is_none)
{
    char longest[140] = "--version=";

    memset(longest + strlen(longest), 'x', sizeof longest - 1 - strlen(longest));
    expect_refused(ARGS(PULL, "--version="), "--version takes");
    expect_refused(ARGS(PULL, "--version=a\tb"), "--version takes");
    expect_refused(ARGS(PULL, longest), "--version takes");
}

Test(pull_options, names_a_file_without_credentials)
{
    char longest[200] = "user:";
    static const char *const wrong[] = { "", "\n", "no colon\n", "a\tb:c\n" };

    memset(longest + strlen(longest), 'x', sizeof longest - 1 - strlen(longest));
    expect_refused(ARGS(PULL, "--pull-auth-file", "no-such"), "no-such: No such file");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_assert(file_write(temp_path(&e2e_folder, "pw").text, wrong[i], strlen(wrong[i])));
        expect_refused(ARGS(PULL, "--pull-auth-file", "pw"), "pw: the first line is not user:pass");
    }
    cr_assert(file_write(temp_path(&e2e_folder, "pw").text, longest, strlen(longest)));
    struct process *device =
        expect_refused(ARGS(PULL, "--pull-auth-file", "pw"), "pw: the first line is not user:pass");
    expect_no_err(device, "xxx");
}

Test(pull_options, names_options_that_are_nothing_without_a_server)
{
    expect_refused(ARGS("--every", "5"), "go with --pull");
    expect_refused(ARGS("--mac", "18:FE:34:0A:0B:0C"), "go with --pull");
    expect_refused(ARGS("--version", "1.0"), "go with --pull");
    expect_refused(ARGS("--pull-retries", "2"), "go with --pull");
}

Test(pull_options, version_without_a_name_is_the_programs)
{
    const char *const *const asked[] = {
        ARGS("--version"),
        ARGS("-V"),
        ARGS("--version", "--once"),
    };

    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct process *device = program_run(E2E_DEVICE, asked[i]);
        expect_exit(device, 0);
        expect_out(device, "espota-device ");
        expect_silent(device->err);
    }
}
