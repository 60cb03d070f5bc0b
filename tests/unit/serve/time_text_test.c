#include "cli/serve/time_text.h"

#include <criterion/criterion.h>

#define NOW 1795375596

Test(time_text, is_iso_8601_in_utc_for_programs)
{
    char text[TIME_TEXT_SIZE];

    cr_assert_str_eq(time_text_iso(text, NOW), "2026-11-22T19:26:36Z");
    cr_assert_str_eq(time_text_iso(text, 0), "1970-01-01T00:00:00Z");
    cr_assert_str_eq(time_text_iso(text, INT64_C(253402300799)), "9999-12-31T23:59:59Z");
    cr_assert_str_eq(time_text_iso(text, INT64_C(253402300800)), "");
    cr_assert_str_eq(time_text_iso(text, INT64_MAX), "");
    cr_assert_str_eq(time_text_iso(text, -1), "");
}

Test(time_text, says_for_people_how_long_ago_it_was)
{
    static const struct {
        int64_t when;
        const char *text;
    } cases[] = {
        { 0, "-" },
        { -7, "-" },
        { NOW, "just now" },
        { NOW - 4, "just now" },
        { NOW + 4, "just now" },
        { NOW + 5, "2026-11-22T19:26:41Z" },
        { INT64_MAX, "" },
        { NOW - 5, "5 s ago" },
        { NOW - 119, "119 s ago" },
        { NOW - 120, "2 min ago" },
        { NOW - 7199, "119 min ago" },
        { NOW - 7200, "2 h ago" },
        { NOW - 2 * 86400 + 1, "47 h ago" },
        { NOW - 2 * 86400, "2 days ago" },
        { 1, "20779 days ago" },
    };
    char text[TIME_TEXT_SIZE];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_str_eq(time_text_ago(text, cases[i].when, NOW), cases[i].text);
}
