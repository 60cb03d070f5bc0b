#include "cli/push/fleet_screen.h"

#include "cli/display_width.h"
#include "cli/push/fleet_view.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 400000u

static struct fleet_view view;
static struct fleet_line lines[512];
static size_t line_count;

static void tear_down(void)
{
    fleet_view_close(&view);
}

TestSuite(fleet_screen, .fini = tear_down);

static struct fleet_row *add(const char *name)
{
    struct fleet_row *row = fleet_view_add(&view, name);

    cr_assert(row);
    return row;
}

static struct fleet_row *add_sending(const char *name, uint64_t done)
{
    struct fleet_row *row = add(name);

    fleet_view_set(row, FLEET_SENDING, "");
    row->done = done;
    row->since_ms = 1000;
    return row;
}

static void add_over(const char *name, enum exit_code code, const char *text)
{
    fleet_view_end(add(name), code, text);
}

static struct fleet_screen screen_of(size_t rows, size_t columns)
{
    return (struct fleet_screen){
        .rows = rows, .columns = columns, .size = SIZE, .now_ms = 3000, .since_ms = 1000
    };
}

static void draw(size_t rows, size_t columns)
{
    struct fleet_screen screen = screen_of(rows, columns);

    line_count = fleet_screen_draw(&screen, view.rows, view.count, lines);
}

static void add_usual(void)
{
    add_sending("kitchen", 256000);
    add_over("garage", EXIT_UPDATED, "updated in 4.1 s");
    view.rows[1]->done = SIZE;
    add_over("porch", EXIT_NO_ANSWER, "no answer from 192.168.1.30 within 20 s");
    add("barn");
    fleet_view_set(add("shed"), FLEET_UNDER_WAY, "invited");
}

static void expect_lines(const char *const *expected)
{
    size_t i = 0;

    for (; expected[i]; i++) {
        cr_assert_lt(i, line_count);
        cr_expect_str_eq(lines[i].text, expected[i]);
    }
    cr_expect_eq(line_count, i);
}

#define LINES(...) ((const char *const[]){ __VA_ARGS__, NULL })

Test(fleet_screen, has_a_line_for_each_and_a_total)
{
    static const char total[] = "5 devices: 1 updated, 1 failed, 2 under way, 1 waiting  52%  "
                                "320.3 KiB/s  0:03 left";

    add_usual();
    draw(24, 100);
    expect_lines(LINES("kitchen   64% [============>       ]  125.0 KiB/s",
                       "garage   updated in 4.1 s",
                       "porch    no answer from 192.168.1.30 within 20 s", "barn     waiting",
                       "shed     invited", total));
}

Test(fleet_screen, is_not_at_its_end_before_everybody_is)
{
    add_over("garage", EXIT_UPDATED, "updated in 4.1 s");
    add_sending("kitchen", SIZE);
    fleet_view_set(view.rows[1], FLEET_UNDER_WAY, "100%  waiting for its verdict");
    view.rows[0]->done = SIZE;
    draw(24, 60);
    cr_expect_str_eq(lines[2].text, "2 devices: 1 updated, 1 under way  99%");
    fleet_view_end(view.rows[1], EXIT_UPDATED, "updated in 4.2 s");
    draw(24, 60);
    cr_expect_str_eq(lines[2].text, "2 devices: 2 updated  100%");
}

Test(fleet_screen, gives_up_the_bar_first_then_columns_of_names)
{
    add_usual();
    draw(24, 40);
    expect_lines(LINES("kitchen   64%  125.0 KiB/s", "garage   updated in 4.1 s",
                       "porch    no answer from 192.168.1.3...", "barn     waiting",
                       "shed     invited", "2 of 5 over, 1 failed  52%"));
    draw(24, 24);
    expect_lines(LINES("kitchen   64%", "garage   updated in...", "porch    no answer ...",
                       "barn     waiting", "shed     invited", "2/5  52%"));
    draw(24, 12);
    expect_lines(
        LINES("kitc   64%", "gara  upda", "porc  no a", "barn  wait", "shed  invi", "2/5  52%"));
}

Test(fleet_screen, those_under_way_have_room_first)
{
    add_usual();
    draw(5, 80);
    expect_lines(LINES("kitchen   64% [============>       ]  125.0 KiB/s",
                       "garage   updated in 4.1 s", "shed     invited",
                       "and 2 more; 5 devices: 1 updated, 1 failed, 2 under way, 1 waiting  52%"));
    draw(2, 80);
    cr_expect_eq(line_count, 1);
}

Test(fleet_screen, tells_how_many_must_go_up)
{
    struct fleet_screen screen = screen_of(5, 80);

    add_usual();
    cr_expect_eq(fleet_screen_surplus(&screen, view.rows, view.count), 2);
    view.rows[1]->is_gone = true;
    view.rows[2]->is_gone = true;
    cr_expect_eq(fleet_screen_surplus(&screen, view.rows, view.count), 0);
    draw(5, 80);
    cr_expect_eq(line_count, 4);
    cr_expect_str_eq(lines[2].text, "shed     invited");
    cr_expect(strstr(lines[3].text, "5 devices: 1 updated, 1 failed"), "%s", lines[3].text);
}

Test(fleet_screen, colours_ends_alone)
{
    struct fleet_screen screen = screen_of(24, 100);

    add_usual();
    add_over("attic", EXIT_NO_VERDICT, "nobody knows");
    add_over("roof", EXIT_SKIPPED, "not tried");
    screen.has_colour = true;
    line_count = fleet_screen_draw(&screen, view.rows, view.count, lines);
    cr_expect_str_eq(lines[1].text, "garage   \033[32mupdated in 4.1 s\033[0m");
    cr_expect_str_eq(lines[2].text,
                     "porch    \033[31mno answer from 192.168.1.30 within 20 s\033[0m");
    cr_expect_str_eq(lines[5].text, "attic    \033[33mnobody knows\033[0m");
    cr_expect_str_eq(lines[6].text, "roof     not tried");
    cr_expect_null(strchr(lines[0].text, '\033'));
    cr_expect_eq(lines[1].width, 25);
}

/* Names that are long, wide and hostile, on terminals of all sizes. */
Test(fleet_screen, fits_every_terminal)
{
    static const char *const names[] = { "a",
                                         "\u53f0\u6240\u53f0\u6240\u53f0\u6240\u53f0\u6240",
                                         "\033[2J\r\n\xFF\xC3(",
                                         "a-name-that-goes-on-and-on-and-on-and-on-and-on-and-on",
                                         "u\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308",
                                         "" };

    for (size_t i = 0; i < 36; i++) {
        struct fleet_row *row = add(names[i % 6]);
        if (i % 4 == 0)
            fleet_view_end(row, EXIT_DEVICE_ERROR, names[i / 6]);
        else
            fleet_view_set(row, (enum fleet_state)(i % 3), names[i / 6]);
        row->done = i * 100000000;
    }
    for (size_t columns = 1; columns < 250; columns++) {
        for (size_t rows = 1; rows < 45; rows++) {
            draw(rows, columns);
            cr_assert(line_count < rows || line_count == 1);
            for (size_t i = 0; i < line_count; i++) {
                cr_assert_eq(display_width(lines[i].text), lines[i].width);
                cr_assert(lines[i].width == 0 || lines[i].width + 2 <= columns);
                cr_assert_null(strpbrk(lines[i].text, "\r\n\033"));
            }
        }
    }
}

static const char *last_line(const struct fleet_row *row, size_t columns, char out[512])
{
    struct fleet_screen screen = screen_of(24, columns);
    FILE *file = fmemopen(out, 512, "w");

    cr_assert(file);
    fleet_screen_last_line(file, &screen, row, 7);
    fclose(file);
    return out;
}

Test(fleet_screen, a_last_line_is_not_cut)
{
    char out[512];

    add_usual();
    cr_expect_str_eq(last_line(view.rows[2], 100, out),
                     "porch    no answer from 192.168.1.30 within 20 s\n");
    cr_expect_str_eq(last_line(view.rows[2], 30, out),
                     "porch    no answer from\n    192.168.1.30 within 20 s\n");
    add_over("a-name-longer-than-its-column", EXIT_UPDATED, "updated");
    cr_expect_str_eq(last_line(view.rows[5], 100, out), "a-name-longer-than-its-column  updated\n");
}
