#include "cli/push/report_row.h"

#include "cli/push/report.h"

#include <criterion/criterion.h>
#include <string.h>

static struct report report;

static void set_up(void)
{
    report = (struct report){ .several = true, .moves_cursor = true, .view.size = 1000 };
}

static void tear_down(void)
{
    fleet_view_close(&report.view);
}

TestSuite(report_row, .init = set_up, .fini = tear_down);

static struct push_upload upload_of(const char *name)
{
    return (struct push_upload){ .name = name };
}

/* The rows' names and texts, and the total. */
static void expect_lines(const char *const *expected)
{
    const struct fleet_screen screen = {
        .rows = 24, .columns = 100, .size = report.view.size, .searches = report.view.searches
    };
    struct fleet_line lines[24];
    size_t count = fleet_screen_draw(&screen, report.view.rows, report.view.count, lines);
    size_t i = 0;

    for (; expected[i]; i++) {
        cr_assert_lt(i, count);
        cr_expect_str_eq(lines[i].text, expected[i]);
    }
    cr_expect_eq(count, i);
}

#define LINES(...) ((const char *const[]){ __VA_ARGS__, NULL })

Test(report_row, what_is_looked_for_has_a_line_at_once)
{
    struct push_upload attic = upload_of("attic");

    report_sought(&report, "hall");
    report_sought(&report, "attic");
    expect_lines(
        LINES("hall   looking for it", "attic  looking for it", "2 devices: 2 waiting  0%"));
    fleet_view_end(report_row(&report, &attic), EXIT_UPDATED, "updated");
    attic.row->done = 1000;
    expect_lines(
        LINES("hall   looking for it", "attic  updated", "2 devices: 1 updated, 1 waiting  50%"));
    fleet_view_end(report_row_of(&report, "hall"), EXIT_NOT_FOUND, "no device");
    expect_lines(
        LINES("hall   no device", "attic  updated", "2 devices: 1 updated, 1 failed  100%"));
}

Test(report_row, one_that_is_found_under_another_name_has_one_line)
{
    struct push_upload hall = upload_of("hall");

    report_sought(&report, "hall");
    report_sought(&report, "hall.local");
    report_sought(&report, "attic");
    cr_assert(report_row(&report, &hall));
    report_sought_no_more(&report, "hall.local");
    report_sought_no_more(&report, "hall");
    expect_lines(
        LINES("hall   looking for it", "attic  looking for it", "2 devices: 2 waiting  0%"));
    cr_assert_eq(report_row_of(&report, "attic"), report.view.rows[1]);
}

Test(report_row, two_of_one_name_have_a_line_each)
{
    struct push_upload first = upload_of("hall");
    struct push_upload second = upload_of("hall");

    report_sought(&report, "hall");
    cr_assert_neq(report_row(&report, &first), report_row(&report, &second));
    cr_assert_eq(report.view.count, 2);
}

Test(report_row, searches_are_counted)
{
    report_search_begun(&report);
    expect_lines(LINES("0 devices: 1 search  0%"));
    report_search_begun(&report);
    report_sought(&report, "hall");
    expect_lines(LINES("hall  looking for it", "1 device: 1 waiting, 2 searches  0%"));
    report_search_ended(&report);
    report_search_ended(&report);
    expect_lines(LINES("hall  looking for it", "1 device: 1 waiting  0%"));
}

Test(report_row, one_that_wants_a_password_says_so)
{
    struct push_upload hall = upload_of("hall");

    report_sought(&report, "hall");
    report_locked(&report, &hall);
    expect_lines(LINES("hall  wants a password", "1 device: 1 waiting  0%"));
}

Test(report_row, there_is_none_where_nothing_is_drawn)
{
    struct push_upload hall = upload_of("hall");

    report.moves_cursor = false;
    report_sought(&report, "hall");
    report_locked(&report, &hall);
    report_sought_no_more(&report, "hall");
    cr_assert_null(report_row(&report, &hall));
    cr_assert_null(report_row_of(&report, "hall"));
}
