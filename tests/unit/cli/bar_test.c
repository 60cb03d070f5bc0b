#include "cli/push/bar.h"

#include <criterion/criterion.h>
#include <string.h>

#define MIB (UINT64_C(1024) * 1024)

static void check_bar(size_t columns, uint64_t done, uint64_t total, uint64_t ms)
{
    char bar[BAR_TEXT_MAX];
    size_t len = bar_format(bar, columns, done, total, ms);

    cr_assert_eq(len, strlen(bar));
    cr_assert(len == 0 || len < columns, "%zu characters in %zu columns: \"%s\"", len, columns,
              bar);
    cr_assert_null(strpbrk(bar, "\r\n"));
}

Test(bar, never_wraps)
{
    static const uint64_t totals[] = { 1, 999, 300000, 16 * MIB, UINT64_C(1) << 40, UINT64_MAX };
    static const uint64_t times[] = { 0, 1, 499, 500, 12345, 100000000 };

    for (size_t columns = 0; columns <= 200; columns++) {
        for (size_t t = 0; t < sizeof totals / sizeof *totals; t++) {
            for (size_t m = 0; m < sizeof times / sizeof *times; m++) {
                for (uint64_t tenth = 0; tenth <= 10; tenth++)
                    check_bar(columns, totals[t] / 10 * tenth, totals[t], times[m]);
            }
        }
    }
}

Test(bar, a_terminal_wider_than_its_buffer_is_no_problem)
{
    check_bar(BAR_TEXT_MAX, 50, 100, 1000);
    check_bar(10000, 50, 100, 1000);
    check_bar(SIZE_MAX, 50, 100, 1000);
}

Test(bar, tells_the_percentage_wherever_it_fits)
{
    for (size_t columns = 5; columns <= 200; columns++) {
        char bar[BAR_TEXT_MAX];
        bar_format(bar, columns, 425, 1000, 10000);
        cr_assert_eq(strncmp(bar, " 42%", 4), 0, "%zu columns: \"%s\"", columns, bar);
    }
}

Test(bar, tells_rate_and_time_left_on_a_usual_terminal)
{
    char bar[BAR_TEXT_MAX];

    bar_format(bar, 80, 100 * 1024, 1000 * 1024, 10000);
    cr_assert_str_eq(bar, " 10% [====>                                   ]  10.0 KiB/s  1:30 left");
}

Test(bar, is_full_at_the_end)
{
    char bar[BAR_TEXT_MAX];

    bar_format(bar, 80, 1000 * 1024, 1000 * 1024, 10000);
    cr_assert_str_eq(bar, "100% [========================================]  100.0 KiB/s");
}

Test(bar, tells_no_rate_before_anything_was_acknowledged)
{
    char bar[BAR_TEXT_MAX];

    bar_format(bar, 80, 0, 1000, 10000);
    cr_assert_str_eq(bar, "  0% [>                                       ]");
}

Test(bar, does_not_guess_the_time_left_at_once)
{
    char bar[BAR_TEXT_MAX];

    bar_format(bar, 80, 10, 1000, 100);
    cr_assert_null(strstr(bar, "left"));
}

Test(bar, keeps_its_width_while_the_rate_changes)
{
    char slow[BAR_TEXT_MAX];
    char fast[BAR_TEXT_MAX];

    bar_format(slow, 60, 500 * 1024, 1000 * 1024, 999000);
    bar_format(fast, 60, 500 * 1024, 1000 * 1024, 900);
    cr_assert_eq(strchr(slow, ']') - slow, strchr(fast, ']') - fast);
}

Test(bar, never_claims_more_than_a_hundred_percent_is_missing_or_done)
{
    char bar[BAR_TEXT_MAX];

    bar_format(bar, 80, MIB - 1, MIB, 1000);
    cr_assert_eq(strncmp(bar, " 99%", 4), 0, "not yet all: \"%s\"", bar);
}

Test(bar, sizes_come_in_the_unit_that_suits_them)
{
    char text[32];

    cr_assert_str_eq(bar_size_text(0, text), "0 B");
    cr_assert_str_eq(bar_size_text(1023, text), "1023 B");
    cr_assert_str_eq(bar_size_text(1024, text), "1.0 KiB");
    cr_assert_str_eq(bar_size_text(12595, text), "12.3 KiB");
    cr_assert_str_eq(bar_size_text(MIB, text), "1.0 MiB");
    cr_assert_str_eq(bar_size_text(3 * MIB / 2, text), "1.5 MiB");
    cr_assert_leq(strlen(bar_size_text(UINT64_MAX, text)), 31u);
}

Test(bar, no_size_is_told_as_a_thousand_of_a_unit_that_has_a_next)
{
    char text[32];

    cr_assert_str_eq(bar_size_text(MIB - 1, text), "1.0 MiB", "\"%s\"", text);
}
