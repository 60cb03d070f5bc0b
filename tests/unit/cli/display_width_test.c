#include "cli/display_width.h"

#include <criterion/criterion.h>

Test(display_width, counts_plain_text)
{
    cr_expect_eq(display_width(""), 0);
    cr_expect_eq(display_width("kitchen \\x1b"), 12);
    cr_expect_eq(display_width("k\u00fcche \u20ac \u03b1"), 9);
}

Test(display_width, counts_wide_characters_twice)
{
    cr_expect_eq(display_width("\u53f0\u6240"), 4);   /* a kitchen in Japan */
    cr_expect_eq(display_width("\ubd80\uc5cc"), 4);   /* in Korea */
    cr_expect_eq(display_width("\uff21\uff22"), 4);   /* fullwidth Latin */
    cr_expect_eq(display_width("\uff71"), 1);         /* a halfwidth kana */
    cr_expect_eq(display_width("\U0001F525lamp"), 6); /* fire */
    cr_expect_eq(display_width("\u2705\u2714"), 3);   /* two check marks: an emoji and a text */
    cr_expect_eq(display_width("\U00020000\U0003FFFD"), 4);
}

Test(display_width, counts_no_combining_marks)
{
    cr_expect_eq(display_width("ku\u0308che"), 5);
    cr_expect_eq(display_width("\u0e17\u0e35\u0e48"), 1); /* Thai, two marks */
    cr_expect_eq(display_width("\u1112\u1161\u11ab"), 2); /* one syllable of Hangul */
    cr_expect_eq(display_width("\u304b\u3099"), 2);       /* kana and a voicing mark */
    cr_expect_eq(display_width("\u0300\ufe2f"), 0);       /* the first and the last */
}

Test(display_width, counts_the_ends_of_ranges)
{
    cr_expect_eq(display_width("\u10ff\u1100\u115e"), 5);
    cr_expect_eq(display_width("\uabff\uac00\ud7a3\ud7b0"), 6);
    cr_expect_eq(display_width("\u02ff\u0300\u036f\u0370"), 2);
}

Test(display_width, takes_any_bytes)
{
    cr_expect_eq(display_width("\xff\x80"), 2);
    cr_expect_eq(display_width("\xe5\x8f"), 2); /* cut short */
    cr_expect_eq(display_width("\xe5"
                               "a"),
                 2);
    cr_expect_eq(display_width("\xf0"), 1);
}

static void expect_cut(const char *text, size_t columns, size_t size, const char *expected)
{
    char out[64];

    size_t width = display_cut(out, size, text, columns);
    cr_expect_str_eq(out, expected, "\"%s\" is cut to \"%s\"", text, out);
    cr_expect_eq(width, display_width(out));
}

Test(display_width, cuts_whole_characters)
{
    expect_cut("garage", 6, 64, "garage");
    expect_cut("garage", 5, 64, "garag");
    expect_cut("garage", 0, 64, "");
    expect_cut("garage door", 10, 64, "garage ...");
    expect_cut("\u53f0\u6240", 3, 64, "\u53f0");
    expect_cut("\u53f0\u6240\u53f0\u6240\u53f0", 8, 64, "\u53f0\u6240...");
    expect_cut("ku\u0308che", 2, 64, "ku\u0308");
    expect_cut("\u53f0\u6240", 8, 6, "\u53f0");
    expect_cut("garage", 8, 1, "");
}
