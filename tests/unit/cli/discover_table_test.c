#include "cli/discover/discover_screen.h"
#include "cli/discover/discover_table.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADING "NAME                ADDRESS          PORT   BOARD      PASSWORD  SEEN ON\n"
#define BATH    "bath                192.168.1.40     8266   -          ?         lo\n"
#define KITCHEN "kitchen             192.168.1.40     8266   nodemcuv2  yes       lo\n"

static struct device device_called(const char *name)
{
    struct device device = { .interfaces = { 1 }, .interface_count = 1 };

    snprintf(device.name, sizeof device.name, "%s", name);
    snprintf(device.host, sizeof device.host, "%s.local", name);
    cr_assert(address_parse(&device.address, "192.168.1.40"));
    address_set_port(&device.address, 8266);
    return device;
}

static struct device kitchen(void)
{
    static const char txt[] = "\x0f"
                              "board=nodemcuv2"
                              "\x0f"
                              "auth_upload=yes";
    struct device device = device_called("kitchen");

    device.txt = (const uint8_t *)txt;
    device.txt_len = sizeof txt - 1;
    return device;
}

/* --- Table ------------------------------------------------------------------------------------ */

/* The table, to be freed. */
static char *table_of(const struct device *const *devices, size_t count, size_t *widest)
{
    char *table = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&table, &len);

    *widest = discover_screen_table(out, devices, count);
    cr_assert_eq(fclose(out), 0);
    return table;
}

Test(discover_table, has_a_row_for_each_device)
{
    struct device a = device_called("bath");
    struct device b = kitchen();
    const struct device *devices[] = { &a, &b };
    size_t widest;
    char *table = table_of(devices, 2, &widest);

    cr_expect_str_eq(table, HEADING BATH KITCHEN);
    cr_expect_eq(widest, strlen(HEADING) - 1);
    free(table);
}

Test(discover_table, is_empty_without_devices)
{
    size_t widest;
    char *table = table_of(NULL, 0, &widest);

    cr_expect_str_eq(table, "");
    cr_expect_eq(widest, 0);
    free(table);
}

Test(discover_table, makes_room_for_long_names_and_counts_characters)
{
    struct device a = device_called("k\xC3\xBC"
                                    "che");
    struct device b = device_called("a-name-of-thirty-characters-or");
    const struct device *devices[] = { &b, &a };
    size_t widest;
    char *table = table_of(devices, 2, &widest);
    const char *row = strstr(table, "che");

    cr_assert_not_null(row);
    cr_expect_eq(strncmp(row, "che                           192.168.1.40 ", 43), 0, "%s", table);
    cr_expect_not_null(strstr(table, "a-name-of-thirty-characters-or  192.168.1.40 "));
    free(table);
}

/* Eight kitchens of Japan: 16 characters, 32 columns. */
#define KITCHENS_8                                     \
    "\u53f0\u6240\u53f0\u6240\u53f0\u6240\u53f0\u6240" \
    "\u53f0\u6240\u53f0\u6240\u53f0\u6240\u53f0\u6240"

Test(discover_table, counts_the_columns_of_wide_characters)
{
    struct device a = device_called("bath");
    struct device b = device_called(KITCHENS_8);
    const struct device *devices[] = { &a, &b };
    size_t widest;
    char *table = table_of(devices, 2, &widest);

    cr_expect_not_null(strstr(table, KITCHENS_8 "  192.168.1.40 "), "%s", table);
    cr_expect_not_null(strstr(table, "bath                              192.168.1.40 "), "%s",
                       table);
    cr_expect_eq(widest, strlen(HEADING) - 1 - 18 + 32);
    free(table);
}

Test(discover_table, lists_all_interfaces)
{
    struct device device = device_called("bath");
    struct discover_row row;

    device.interface_count = DEVICE_INTERFACES_MAX;
    for (unsigned i = 1; i < DEVICE_INTERFACES_MAX; i++)
        device.interfaces[i] = 0xFFFFFFF0 + i;
    discover_row_fill(&row, &device);
    cr_expect_eq(strncmp(row.seen_on, "lo,4294967281,", 14), 0, "%s", row.seen_on);
    cr_expect_str_eq(row.seen_on + strlen(row.seen_on) - 11, ",4294967295");
    device.interface_count = 0;
    discover_row_fill(&row, &device);
    cr_expect_str_eq(row.seen_on, "");
}

Test(discover_table, shows_nothing_raw)
{
    static const char txt[] = "\x0d"
                              "board=\x1b[2J\r\n\xff";
    struct device device = device_called("a\x1b[31m\n.\"\\");
    struct discover_row row;

    device.txt = (const uint8_t *)txt;
    device.txt_len = sizeof txt - 1;
    discover_row_fill(&row, &device);
    cr_expect_str_eq(row.name, "a\\x1b[31m\\x0a.\"\\\\");
    cr_expect_str_eq(row.board, "\\x1b[2J\\x0d\\x0a\\xff");
}

/* --- Screen ----------------------------------------------------------------------------------- */

static struct discover_screen screen;
static char *shown;
static size_t shown_len;

static void open_screen(bool redraw, size_t rows)
{
    FILE *out = open_memstream(&shown, &shown_len);

    cr_assert_not_null(out);
    cr_assert(discover_screen_open(&screen, out, redraw, rows));
}

static void expect_screen(const char *expected)
{
    fflush(screen.out);
    cr_expect_str_eq(shown, expected);
}

static void finish_screen(const struct device *const *devices, size_t count, size_t rows,
                          size_t columns)
{
    cr_assert(discover_screen_finish(&screen, devices, count, rows, columns));
}

static void leave(void)
{
    discover_screen_close(&screen);
    fclose(screen.out);
    free(shown);
}

TestSuite(discover_screen, .fini = leave);

/* Kitchen and bath are found in this order. */
static void show_both(bool redraw, size_t rows, size_t columns)
{
    struct device a = device_called("bath");
    struct device b = kitchen();
    const struct device *devices[] = { &a, &b };

    open_screen(redraw, rows);
    discover_screen_add(&screen, &b);
    expect_screen(HEADING KITCHEN);
    discover_screen_add(&screen, &a);
    expect_screen(HEADING KITCHEN BATH);
    finish_screen(devices, 2, rows, columns);
}

Test(discover_screen, sorts_in_place)
{
    show_both(true, 24, 80);
    expect_screen(HEADING KITCHEN BATH "\033[3A\r\033[J" HEADING BATH KITCHEN);
}

Test(discover_screen, fits_a_terminal_with_a_line_to_spare)
{
    show_both(true, 4, strlen(HEADING));
    expect_screen(HEADING KITCHEN BATH "\033[3A\r\033[J" HEADING BATH KITCHEN);
}

Test(discover_screen, sorts_below_when_lines_have_scrolled_away)
{
    show_both(true, 3, 80);
    expect_screen(HEADING KITCHEN BATH "\n" HEADING BATH KITCHEN);
}

Test(discover_screen, sorts_below_when_lines_are_wrapped)
{
    show_both(true, 24, strlen(HEADING) - 1);
    expect_screen(HEADING KITCHEN BATH "\n" HEADING BATH KITCHEN);
}

Test(discover_screen, sorts_below_where_the_cursor_cannot_move)
{
    show_both(false, 24, 80);
    expect_screen(HEADING KITCHEN BATH "\n" HEADING BATH KITCHEN);
}

Test(discover_screen, leaves_what_is_right_as_it_is)
{
    struct device a = device_called("bath");
    struct device b = kitchen();
    const struct device *devices[] = { &a, &b };

    open_screen(true, 24);
    discover_screen_add(&screen, &a);
    discover_screen_add(&screen, &b);
    finish_screen(devices, 2, 24, 80);
    expect_screen(HEADING BATH KITCHEN);
}

Test(discover_screen, shows_what_has_changed_and_gone)
{
    struct device a = device_called("bath");
    struct device b = kitchen();
    const struct device *devices[] = { &b };

    open_screen(true, 24);
    discover_screen_add(&screen, &a);
    discover_screen_add(&screen, &b);
    finish_screen(devices, 1, 24, 80);
    expect_screen(HEADING BATH KITCHEN "\033[3A\r\033[J" HEADING KITCHEN);
}

Test(discover_screen, is_empty_without_devices)
{
    open_screen(true, 24);
    finish_screen(NULL, 0, 24, 80);
    expect_screen("");
}

/* A line of more columns than the terminal has takes two lines of it. */
Test(discover_screen, sorts_below_when_wide_characters_are_wrapped)
{
    struct device a = device_called("bath");
    struct device b = device_called(KITCHENS_8);
    const struct device *devices[] = { &a, &b };

    open_screen(true, 24);
    discover_screen_add(&screen, &b);
    discover_screen_add(&screen, &a);
    finish_screen(devices, 2, 24, 78);
    cr_expect_null(strchr(shown, '\033'), "%s", shown);
    cr_expect_not_null(strstr(shown, "\n\nNAME "), "%s", shown);
}

Test(discover_screen, draws_over_wide_characters_that_fit)
{
    struct device a = device_called("bath");
    struct device b = device_called(KITCHENS_8);
    const struct device *devices[] = { &a, &b };

    open_screen(true, 24);
    discover_screen_add(&screen, &b);
    discover_screen_add(&screen, &a);
    finish_screen(devices, 2, 24, strlen(HEADING) - 18 + 32);
    cr_expect_not_null(strstr(shown, "\033[3A\r\033[J"), "%s", shown);
}

Test(discover_screen, prints_a_device_that_comes_and_goes_once)
{
    struct device a = device_called("bath");
    struct device b = kitchen();
    struct device shouting = device_called("BATH");
    const struct device *devices[] = { &a, &b };

    open_screen(true, 24);
    for (int i = 0; i < 100; i++) {
        discover_screen_add(&screen, &a);
        discover_screen_add(&screen, &b);
        discover_screen_add(&screen, &shouting);
    }
    cr_expect_eq(screen.lines, 3);
    finish_screen(devices, 2, 24, 80);
    expect_screen(HEADING BATH KITCHEN);
}

/* The table shows what has changed meanwhile. */
Test(discover_screen, shows_a_device_as_it_is_at_the_end)
{
    struct device before = device_called("kitchen");
    struct device after = kitchen();
    const struct device *devices[] = { &after };

    open_screen(true, 24);
    discover_screen_add(&screen, &before);
    discover_screen_add(&screen, &after);
    finish_screen(devices, 1, 24, 80);
    cr_expect_not_null(strstr(shown, "\033[2A\r\033[J" HEADING KITCHEN), "%s", shown);
}

static void add_many(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "device-%u", i);
        struct device device = device_called(name);
        discover_screen_add(&screen, &device);
    }
}

Test(discover_screen, keeps_no_more_lines_than_the_terminal_has)
{
    open_screen(true, 10);
    add_many(8);
    cr_expect_not_null(screen.copy);
    add_many(9);
    cr_expect_eq(screen.lines, 10);
    cr_expect_null(screen.copy);
    cr_expect_null(screen.text);
    add_many(2000);
    cr_expect_eq(screen.lines, 1 + DISCOVER_NAMES_MAX);
    finish_screen(NULL, 0, 10, 80);
}
