#include "cli/push/password.h"

#include "cli/push/ask_password.h"
#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct temp temp;
static struct temp_path path;
static struct password password;
static struct failure failure;

static void enter(void)
{
    cr_assert(temp_create(&temp));
    path = temp_path(&temp, "secret");
}

static void leave(void)
{
    temp_remove(&temp);
}

TestSuite(password, .init = enter, .fini = leave);

static bool from_file(const void *bytes, size_t len)
{
    password = (struct password){ .given = false };
    cr_assert(file_write(path.text, bytes, len));
    return password_from_file(&password, path.text, &failure);
}

static void expect_password(const void *bytes, size_t len)
{
    cr_assert(password.given);
    cr_assert_eq(password.len, len);
    cr_assert_eq(memcmp(password.bytes, bytes, len), 0);
}

static bool is_wiped(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\0')
            return false;
    }
    return true;
}

/* --- Argument --------------------------------------------------------------------------------- */

Test(password, an_argument_is_taken_and_wiped)
{
    char argument[] = "hunter2";

    cr_assert(password_from_argument(&password, argument));
    expect_password("hunter2", 7);
    cr_assert(is_wiped(argument, sizeof argument));
}

Test(password, an_empty_argument_counts_as_none)
{
    char argument[] = "";

    cr_assert(password_from_argument(&password, argument));
    cr_assert_not(password.given);
}

Test(password, an_argument_that_is_too_long_is_refused_and_wiped)
{
    static char argument[PASSWORD_MAX + 2];

    memset(argument, 'x', sizeof argument - 1);
    cr_assert_not(password_from_argument(&password, argument));
    cr_assert_not(password.given);
    cr_assert(is_wiped(argument, sizeof argument));
}

Test(password, the_last_argument_holds)
{
    char first[] = "a-long-first-one";
    char second[] = "short";

    password_from_argument(&password, first);
    password_from_argument(&password, second);
    expect_password("short", 5);
}

/* --- Environment ------------------------------------------------------------------------------ */

/* The environment's own memory, so that it can be looked at afterwards. */
static char variable[64];

static char *set_variable(const char *value)
{
    snprintf(variable, sizeof variable, "%s=%s", PASSWORD_VARIABLE, value);
    cr_assert_eq(putenv(variable), 0);
    return variable + strlen(PASSWORD_VARIABLE "=");
}

Test(password, the_environment_is_taken_wiped_and_removed)
{
    const char *value = set_variable("hunter2");

    cr_assert(password_from_environment(&password, &failure));
    expect_password("hunter2", 7);
    cr_assert_null(getenv(PASSWORD_VARIABLE));
    cr_assert(is_wiped(value, 7));
}

Test(password, the_environment_is_wiped_also_when_it_is_not_needed)
{
    char argument[] = "argument";
    const char *value = set_variable("hunter2");

    password_from_argument(&password, argument);
    cr_assert(password_from_environment(&password, &failure));
    expect_password("argument", 8);
    cr_assert_null(getenv(PASSWORD_VARIABLE));
    cr_assert(is_wiped(value, 7));
}

Test(password, an_empty_environment_counts_as_none)
{
    set_variable("");
    cr_assert(password_from_environment(&password, &failure));
    cr_assert_not(password.given);
    cr_assert_null(getenv(PASSWORD_VARIABLE));
}

Test(password, an_environment_that_is_too_long_is_told)
{
    static char longest[PASSWORD_MAX + 32];
    size_t used = (size_t)snprintf(longest, sizeof longest, "%s=", PASSWORD_VARIABLE);

    memset(longest + used, 'x', PASSWORD_MAX + 1);
    cr_assert_eq(putenv(longest), 0);
    cr_assert_not(password_from_environment(&password, &failure));
    cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_assert_not_null(strstr(failure.text, PASSWORD_VARIABLE));
    cr_assert_null(getenv(PASSWORD_VARIABLE));
}

Test(password, no_environment_does_no_harm)
{
    unsetenv(PASSWORD_VARIABLE);
    cr_assert(password_from_environment(&password, &failure));
    cr_assert_not(password.given);
}

/* --- File ------------------------------------------------------------------------------------- */

Test(password, the_first_line_of_a_file)
{
    cr_assert(from_file("hunter2\nnot this\n", 17));
    expect_password("hunter2", 7);
}

Test(password, a_line_without_its_end)
{
    cr_assert(from_file("hunter2", 7));
    expect_password("hunter2", 7);
}

Test(password, a_line_that_ends_with_cr_lf)
{
    cr_assert(from_file("hunter2\r\nx", 10));
    expect_password("hunter2", 7);
}

Test(password, a_cr_elsewhere_belongs_to_it)
{
    cr_assert(from_file("a\rb\r\r\n", 6));
    expect_password("a\rb\r", 4);
    cr_assert(from_file("a\r", 2));
    expect_password("a\r", 2);
}

Test(password, spaces_belong_to_it)
{
    cr_assert(from_file(" a b \t\n", 7));
    expect_password(" a b \t", 6);
}

Test(password, any_other_byte_belongs_to_it)
{
    char bytes[255];
    size_t len = 0;

    for (int byte = 0; byte < 256; byte++) {
        if (byte != '\n')
            bytes[len++] = (char)byte;
    }
    cr_assert(from_file(bytes, len));
    expect_password(bytes, len);
}

Test(password, a_file_without_a_first_line_is_refused)
{
    static const char *const empty[] = { "", "\n", "\r\n", "\nhunter2\n" };

    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        cr_assert_not(from_file(empty[i], strlen(empty[i])));
        cr_assert_not(password.given);
        cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
        cr_assert_not_null(strstr(failure.text, path.text), "it names the file");
    }
}

Test(password, the_longest_line)
{
    char bytes[PASSWORD_MAX + 2];

    memset(bytes, 'x', PASSWORD_MAX);
    memcpy(bytes + PASSWORD_MAX, "\r\n", 2);
    for (size_t end = 0; end <= 2; end += 2) {
        cr_assert(from_file(bytes, PASSWORD_MAX + end));
        expect_password(bytes, PASSWORD_MAX);
    }
}

Test(password, a_line_that_is_too_long_is_refused)
{
    static char bytes[3 * PASSWORD_MAX];

    memset(bytes, 'x', sizeof bytes);
    for (size_t len = PASSWORD_MAX + 1; len < PASSWORD_MAX + 4; len++) {
        cr_assert_not(from_file(bytes, len));
        cr_assert_not(password.given);
        cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
    }
    cr_assert_not(from_file(bytes, sizeof bytes));
    cr_assert_null(strstr(failure.text, "xxx"), "the message does not show it");
}

Test(password, a_long_file_with_a_short_first_line)
{
    static char bytes[10 * PASSWORD_MAX];

    memset(bytes, 'x', sizeof bytes);
    bytes[5] = '\n';
    cr_assert(from_file(bytes, sizeof bytes));
    expect_password("xxxxx", 5);
}

Test(password, a_file_that_is_missing_is_named)
{
    struct temp_path missing = temp_path(&temp, "missing");

    cr_assert_not(password_from_file(&password, missing.text, &failure));
    cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_assert_not_null(strstr(failure.text, missing.text));
    cr_assert_not_null(strstr(failure.text, strerror(ENOENT)));
}

Test(password, a_folder_is_no_file)
{
    cr_assert_not(password_from_file(&password, temp.path, &failure));
    cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
}

/* --- Digests ---------------------------------------------------------------------------------- */

Test(password, both_digests_are_made_and_the_password_is_wiped)
{
    struct push_password digests;

    /* printf secret | openssl md5, openssl sha256 */
    cr_assert(from_file("secret", 6));
    password_digest_and_wipe(&password, &digests);
    cr_assert_str_eq(digests.md5.text, "5ebe2294ecd0e0f08eab7690d2a6ee69");
    cr_assert_str_eq(digests.sha256.text,
                     "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b");
    cr_assert_not(password.given);
    cr_assert_eq(password.len, 0u);
    cr_assert(is_wiped(password.bytes, sizeof password.bytes));
}

Test(password, is_asked_for_by_the_names_of_those_that_want_it)
{
    struct asked_names names = { .count = 0 };

    asked_names_add(&names, "vault");
    cr_assert_str_eq(asked_names_text(&names), "vault");
    asked_names_add(&names, "a\033[2J");
    asked_names_add(&names, "attic");
    cr_assert_str_eq(asked_names_text(&names), "vault, a\\x1b[2J, attic");
    asked_names_add(&names, "hall");
    asked_names_add(&names, "porch");
    cr_assert_str_eq(asked_names_text(&names), "vault, a\\x1b[2J, attic, and 2 more");
}

Test(password, is_asked_for_by_names_of_any_length)
{
    struct asked_names names = { .count = 0 };
    static char name[2000];

    memset(name, '\a', sizeof name - 1);
    for (int i = 0; i < 5; i++)
        asked_names_add(&names, name);
    const char *text = asked_names_text(&names);
    cr_assert_str_eq(text + strlen(text) - strlen(", and 2 more"), ", and 2 more");
}
