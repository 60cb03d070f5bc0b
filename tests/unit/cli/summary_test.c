#include "cli/push/summary.h"

#include "cli/display_width.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct results results;
static char *text;

static void tear_down(void)
{
    results_free(&results);
    free(text);
    text = NULL;
}

TestSuite(summary, .fini = tear_down);

static void add(const char *name, enum exit_code code, const char *detail, const char *hint)
{
    cr_assert(results_add(
        &results, &(struct result){ .name = name, .detail = detail, .hint = hint, .code = code }));
}

static const char *summary(size_t columns, bool has_colour)
{
    const struct summary_options options = { columns, has_colour, 41.23 };
    size_t len;

    free(text);
    FILE *out = open_memstream(&text, &len);
    cr_assert(out);
    summary_print(out, &results, &options);
    fclose(out);
    return text;
}

static void add_usual(void)
{
    add("garage", EXIT_UPDATED, "updated", "");
    add("porch", EXIT_NO_ANSWER, "no answer", "Is it on?");
    add("attic", EXIT_NO_VERDICT, "nobody knows", "Look at its version.");
    add("shed", EXIT_NO_ANSWER, "no answer", "Is it on?");
    add("barn", EXIT_SKIPPED, "not tried, as porch failed", "");
    add("roof", EXIT_NOT_ONLINE, "updated, but not back", "Look at its output.");
    add("cellar", EXIT_SKIPPED, "not tried, as porch failed", "");
}

Test(summary, groups_what_failed_alike)
{
    add_usual();
    cr_expect_str_eq(summary(0, false), "1 updated, 3 failed, 1 unknown, 2 skipped in 41.2 s\n"
                                        "failed   no-answer          porch, shed\n"
                                        "    Is it on?\n"
                                        "failed   not-online         roof\n"
                                        "    Look at its output.\n"
                                        "unknown  no-verdict         attic\n"
                                        "    Look at its version.\n"
                                        "skipped                     barn, cellar\n"
                                        "    not tried, as porch failed\n");
}

Test(summary, colours_the_kinds_alone)
{
    add_usual();
    cr_expect(strstr(summary(0, true), "\n\033[31mfailed\033[0m   no-answer          porch"));
    cr_expect(strstr(text, "\n\033[33munknown\033[0m  no-verdict         attic"));
    cr_expect(strstr(text, "\nskipped                     barn"));
}

Test(summary, is_one_line_where_all_is_well)
{
    add("a", EXIT_UPDATED, "", "");
    add("b", EXIT_UPDATED, "", "");
    cr_expect_str_eq(summary(80, false), "2 updated in 41.2 s\n");
}

Test(summary, tells_each_hint_below_those_it_is_about)
{
    add("porch", EXIT_NO_ANSWER, "", "Is it on?");
    add("shed", EXIT_NO_ANSWER, "", "");
    add("attic", EXIT_NO_ANSWER, "", "Is 8266 its port?");
    add("barn", EXIT_NO_ANSWER, "", "Is it on?");
    cr_expect_str_eq(summary(0, false), "4 failed in 41.2 s\n"
                                        "failed   no-answer          porch, barn\n"
                                        "    Is it on?\n"
                                        "failed   no-answer          attic\n"
                                        "    Is 8266 its port?\n"
                                        "failed   no-answer          shed\n");
}

Test(summary, tells_three_hints_of_a_kind)
{
    for (int i = 0; i < 10; i++) {
        char hint[] = "Hint 0.";
        char name[] = "lamp-0";
        hint[5] = (char)('0' + i % 5);
        name[5] = (char)('0' + i);
        add(name, EXIT_DEVICE_ERROR, "", hint);
    }
    summary(80, false);
    cr_expect(strstr(text, "device-error       lamp-2, lamp-7\n    Hint 2.\n"), "%s", text);
    cr_expect(strstr(text, "device-error       lamp-3, lamp-4, lamp-8, lamp-9\n"), "%s", text);
    cr_expect_null(strstr(text, "Hint 3."));
}

Test(summary, cuts_long_lists)
{
    char name[16];

    for (int i = 0; i < 173; i++) {
        snprintf(name, sizeof name, "lamp-%d", i);
        add(name, EXIT_NO_ANSWER, "", "");
    }
    summary(0, false);
    cr_expect(strstr(text, " lamp-48, lamp-49, and 123 more\n"), "%s", text);
    cr_expect_null(strstr(text, "lamp-50"));
}

/* Names that are long, wide and hostile, on terminals of all sizes. */
Test(summary, fits_the_terminal)
{
    char *line;
    char *rest;

    for (int i = 0; i < 60; i++) {
        add("\u53f0\u6240\u53f0\u6240\u53f0\u6240", EXIT_NO_ANSWER, "", "Is it on, in this net?");
        add("a-name-that-goes-on-and-on-and-on-and-on-and-on-and-on", EXIT_PASSWORD_REJECTED, "",
            "");
        add("\033[2J\r\n", EXIT_NO_ANSWER, "", "");
    }
    for (size_t columns = 20; columns < 130; columns++) {
        summary(columns, false);
        cr_expect_null(strpbrk(text, "\033\r"));
        rest = text;
        for (line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
            bool is_count = strstr(line, " failed in ") != NULL;
            bool is_kind = strncmp(line, "failed ", 7) == 0 && columns < 28;
            cr_expect(is_count || is_kind || display_width(line) <= columns, "%zu: \"%s\"", columns,
                      line);
        }
    }
}
