#include "common/verdict.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

/* What a device wrote before it closed, and what that means. */
struct verdict_case {
    const char *stream;
    enum verdict_state state;
    const char *text;
};

static const struct verdict_case cases[] = {
    { "", VERDICT_PENDING, "" },
    { "1460", VERDICT_PENDING, "" },
    { "OK", VERDICT_SUCCESS, NULL },
    { "O", VERDICT_SUCCESS, NULL }, /* no error begins with it */
    /* Quirk 5: counts glued to each other and to the verdict. */
    { "1460536OK", VERDICT_SUCCESS, NULL },
    { "1460OK", VERDICT_SUCCESS, NULL },
    { "1460 536\r\n12OK", VERDICT_SUCCESS, NULL },
    { "99999999999999999999999999999999999999OK", VERDICT_SUCCESS, NULL },
    { "OK\n", VERDICT_SUCCESS, NULL },
    { "OKERROR[1]: late", VERDICT_SUCCESS, NULL },
    /* Quirk 13: an error right behind the last count. */
    { "600ERROR[7]: MD5 verification failed\n", VERDICT_ERROR,
      "ERROR[7]: MD5 verification failed" },
    { "600ERROR[7]: MD5 verifi", VERDICT_ERROR, "ERROR[7]: MD5 verifi" },
    { "ERROR[4]: Not Enough Space\r\n", VERDICT_ERROR, "ERROR[4]: Not Enough Space" },
    { "E", VERDICT_ERROR, "E" },
    { "ERROR[1]: a\nERROR[2]: b\n", VERDICT_ERROR, "ERROR[1]: a" },
    { "ERROR[1]: a\nOK", VERDICT_ERROR, "ERROR[1]: a" },
    /* Older ESP32 cores: bare text, then they close. */
    { "1024512MD5 Check Failed", VERDICT_ERROR, "MD5 Check Failed" },
    { "No Error", VERDICT_ERROR, "No Error" },
    /* What begins like "OK" and is not. */
    { "12Out of memory", VERDICT_ERROR, "Out of memory" },
    { "ok", VERDICT_ERROR, "ok" },
};

static void feed_in_two(struct verdict *verdict, const char *stream, size_t at)
{
    size_t len = strlen(stream);
    char *exact = malloc(len + 1);

    cr_assert_not_null(exact);
    memcpy(exact, stream, len);
    verdict_init(verdict);
    verdict_feed(verdict, exact, at);
    char *rest = malloc(len - at > 0 ? len - at : 1);
    cr_assert_not_null(rest);
    memcpy(rest, stream + at, len - at);
    verdict_feed(verdict, rest, len - at);
    free(rest);
    free(exact);
}

static void assert_outcome(const struct verdict *verdict, const struct verdict_case *expected)
{
    cr_assert_eq(verdict->state, expected->state, "\"%s\"", expected->stream);
    if (expected->text) {
        cr_assert_str_eq(verdict->text, expected->text, "\"%s\"", expected->stream);
        cr_assert_eq(verdict->len, strlen(expected->text));
    }
}

/* Quirk 5: split arbitrarily. */
Test(verdict, quirk_split_at_every_byte)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t at = 0; at <= strlen(cases[i].stream); at++) {
            struct verdict verdict;
            feed_in_two(&verdict, cases[i].stream, at);
            cr_assert_eq(verdict_close(&verdict, true), verdict.state);
            assert_outcome(&verdict, &cases[i]);
        }
    }
}

Test(verdict, quirk_byte_by_byte)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct verdict verdict;
        verdict_init(&verdict);
        for (const char *at = cases[i].stream; *at; at++)
            cr_assert_eq(verdict_feed(&verdict, at, 1), verdict.state);
        verdict_close(&verdict, true);
        assert_outcome(&verdict, &cases[i]);
    }
}

Test(verdict, success_needs_no_close)
{
    struct verdict verdict;

    verdict_init(&verdict);
    cr_assert_eq(verdict_feed(&verdict, "1460", 4), VERDICT_PENDING);
    cr_assert_eq(verdict_feed(&verdict, "O", 1), VERDICT_HALF_OK);
    cr_assert_eq(verdict_feed(&verdict, "K", 1), VERDICT_SUCCESS);
}

/* Quirk 13: the error text is read until its line end, or until the device closes. */
Test(verdict, error_text_is_whole_at_its_line_end_or_the_close)
{
    struct verdict verdict;

    verdict_init(&verdict);
    cr_assert_eq(verdict_feed(&verdict, "600ERROR[7]: MD5 verifi", 23), VERDICT_READING);
    cr_assert_eq(verdict_feed(&verdict, "cation failed", 13), VERDICT_READING);
    cr_assert_eq(verdict_feed(&verdict, "\n", 1), VERDICT_ERROR);
    cr_assert_str_eq(verdict.text, "ERROR[7]: MD5 verification failed");

    verdict_init(&verdict);
    cr_assert_eq(verdict_feed(&verdict, "MD5 Check Failed", 16), VERDICT_READING);
    cr_assert_eq(verdict_close(&verdict, true), VERDICT_ERROR);
    cr_assert_str_eq(verdict.text, "MD5 Check Failed");
}

/* Quirk 8: a device that closes without a verdict has not said "success". */
Test(verdict, quirk_close_without_a_verdict_stays_unknown)
{
    struct verdict verdict;

    verdict_init(&verdict);
    cr_assert_eq(verdict_close(&verdict, true), VERDICT_PENDING);
    verdict_feed(&verdict, "14601460", 8);
    cr_assert_eq(verdict_close(&verdict, true), VERDICT_PENDING);
}

Test(verdict, what_follows_it_changes_nothing)
{
    struct verdict verdict;

    verdict_init(&verdict);
    verdict_feed(&verdict, "OK", 2);
    cr_assert_eq(verdict_feed(&verdict, "ERROR[1]: x\n", 12), VERDICT_SUCCESS);
    cr_assert_eq(verdict_close(&verdict, true), VERDICT_SUCCESS);
    verdict_init(&verdict);
    verdict_feed(&verdict, "ERROR[1]: x\n", 12);
    cr_assert_eq(verdict_feed(&verdict, "OK", 2), VERDICT_ERROR);
    cr_assert_eq(verdict_close(&verdict, true), VERDICT_ERROR);
    cr_assert_str_eq(verdict.text, "ERROR[1]: x");
}

Test(verdict, nul_bytes_between_counts_say_nothing)
{
    struct verdict verdict;

    verdict_init(&verdict);
    cr_assert_eq(verdict_feed(&verdict, "1460\0\0OK", 8), VERDICT_SUCCESS);
}

Test(verdict, long_error_text_is_cut_and_ends_with_nul)
{
    struct verdict verdict;
    char text[3 * VERDICT_TEXT_MAX];

    memset(text, 'E', sizeof text);
    verdict_init(&verdict);
    cr_assert_eq(verdict_feed(&verdict, text, sizeof text), VERDICT_READING);
    cr_assert_eq(verdict_close(&verdict, true), VERDICT_ERROR);
    cr_assert_eq(verdict.len, VERDICT_TEXT_MAX - 1);
    cr_assert_eq(strlen(verdict.text), VERDICT_TEXT_MAX - 1);
}

Test(verdict, takes_no_bytes_at_all)
{
    struct verdict verdict;

    verdict_init(&verdict);
    cr_assert_eq(verdict_feed(&verdict, NULL, 0), VERDICT_PENDING);
}

Test(verdict, error_numbers)
{
    cr_assert_eq(verdict_error_number("ERROR[7]: MD5 Failed"), 7);
    cr_assert_eq(verdict_error_number("ERROR[0]: No Error"), 0);
    cr_assert_eq(verdict_error_number("ERROR[11]"), 11);
    cr_assert_eq(verdict_error_number("ERROR[2147483647]"), 2147483647);
    cr_assert_eq(verdict_error_number("ERROR[2147483648]"), -1);
    cr_assert_eq(verdict_error_number("ERROR[18446744073709551616]"), -1);
    cr_assert_eq(verdict_error_number("ERROR[]"), -1);
    cr_assert_eq(verdict_error_number("ERROR[-1]"), -1);
    cr_assert_eq(verdict_error_number("ERROR[7"), -1);
    cr_assert_eq(verdict_error_number("ERROR"), -1);
    cr_assert_eq(verdict_error_number(" ERROR[7]"), -1);
    cr_assert_eq(verdict_error_number("MD5 Check Failed"), -1);
    cr_assert_eq(verdict_error_number(""), -1);
}
