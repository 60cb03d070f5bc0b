#include "cli/printable.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static void assert_bytes(const void *bytes, size_t len, const char *expected)
{
    char out[256];

    cr_assert_eq(printable_bytes(out, sizeof out, bytes, len), out);
    cr_assert_str_eq(out, expected);
}

Test(printable, leaves_plain_text_alone)
{
    char out[64];

    assert_bytes("Firmware v1.2 (\"stable\") ~", 26, "Firmware v1.2 (\"stable\") ~");
    cr_assert_str_eq(printable(out, sizeof out, ""), "");
    cr_assert_str_eq(printable(out, sizeof out, "C:\\sketch.bin"), "C:\\sketch.bin");
}

Test(printable, escapes_backslashes_of_bytes_so_that_nothing_is_ambiguous)
{
    assert_bytes("a\\x1b", 5, "a\\\\x1b");
}

Test(printable, escapes_control_characters)
{
    assert_bytes("\x1b[31mred\a\r\n\t\x7f", 13, "\\x1b[31mred\\x07\\x0d\\x0a\\x09\\x7f");
    assert_bytes("a\0b", 3, "a\\x00b");
    assert_bytes("\xC2\x9B"
                 "31m",
                 5, "\\xc2\\x9b31m"); /* CSI as a C1 control */
}

Test(printable, keeps_well_formed_utf8)
{
    const char *text = "K\xC3\xBC"
                       "che \xE2\x82\xAC \xF0\x9F\x94\xA5";

    assert_bytes(text, strlen(text), text);
}

Test(printable, escapes_what_is_not_well_formed)
{
    assert_bytes("\xFF", 1, "\\xff");
    assert_bytes("\x80", 1, "\\x80");
    assert_bytes("\xC0\xAF", 2, "\\xc0\\xaf");                            /* overlong "/" */
    assert_bytes("\xE0\x80\xAF", 3, "\\xe0\\x80\\xaf");                   /* likewise */
    assert_bytes("\xED\xA0\x80", 3, "\\xed\\xa0\\x80");                   /* a surrogate */
    assert_bytes("\xF4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80");          /* beyond U+10FFFF */
    assert_bytes("\xF8\x88\x80\x80\x80", 5, "\\xf8\\x88\\x80\\x80\\x80"); /* five bytes */
    assert_bytes("\xE2\x82", 2, "\\xe2\\x82");                            /* cut short */
    assert_bytes("\xE2\x82\xAC", 2, "\\xe2\\x82"); /* the length counts, not what follows */
    assert_bytes("\xE2(\xA1", 3, "\\xe2(\\xa1");
}

Test(printable, escapes_marks_that_reorder_text)
{
    assert_bytes("a\xE2\x80\xAE"
                 "b",
                 5, "a\\xe2\\x80\\xaeb");
    assert_bytes("\xE2\x81\xA6", 3, "\\xe2\\x81\\xa6");
}

/* A character as UTF-8. */
static size_t encode(uint32_t value, char out[4])
{
    size_t len = value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x10000 ? 3 : 4;

    if (len == 1) {
        out[0] = (char)value;
        return len;
    }
    for (size_t i = len; i-- > 1; value >>= 6)
        out[i] = (char)(0x80 | (value & 0x3F));
    out[0] = (char)(0xF00 >> len | value);
    return len;
}

static bool is_shown(uint32_t value)
{
    char bytes[4];
    char out[32];
    size_t len = encode(value, bytes);

    printable_bytes(out, sizeof out, bytes, len);
    cr_assert(strlen(out) == len || strlen(out) == 4 * len, "U+%04X: %s", value, out);
    return strlen(out) == len && memcmp(out, bytes, len) == 0;
}

/* Two names that differ in nothing but these would look alike. */
Test(printable, escapes_what_nobody_sees)
{
    static const uint32_t ranges[][2] = {
        { 0x00AD, 0x00AD }, { 0x034F, 0x034F }, { 0x061C, 0x061C },   { 0x115F, 0x1160 },
        { 0x17B4, 0x17B5 }, { 0x180B, 0x180F }, { 0x200B, 0x200F },   { 0x2028, 0x202E },
        { 0x2060, 0x206F }, { 0x3164, 0x3164 }, { 0xFE00, 0xFE0F },   { 0xFEFF, 0xFEFF },
        { 0xFFA0, 0xFFA0 }, { 0xFFF9, 0xFFFB }, { 0x1D173, 0x1D17A }, { 0xE0000, 0xE007F },
    };

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        for (uint32_t value = ranges[i][0]; value <= ranges[i][1]; value++)
            cr_expect_not(is_shown(value), "U+%04X", value);
    }
    assert_bytes("kitchen\xC2\xAD", 9, "kitchen\\xc2\\xad");
    assert_bytes("a\xF3\xA0\x81\xA1", 5, "a\\xf3\\xa0\\x81\\xa1");
}

Test(printable, keeps_what_stands_beside_it)
{
    static const uint32_t values[] = {
        0xA0,   0xAC,   0xAE,   0x34E,  0x350,  0x61B,  0x61D,  0x115E,  0x1161,  0x17B6,
        0x180A, 0x1810, 0x200A, 0x2010, 0x2027, 0x202F, 0x205F, 0x2070,  0x3165,  0xFDFF,
        0xFE10, 0xFEFE, 0xFF00, 0xFF9F, 0xFFA1, 0xFFFC, 0xFFFD, 0x1D172, 0x1D17B, 0xE1000,
    };

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        cr_expect(is_shown(values[i]), "U+%04X", values[i]);
}

Test(printable, every_pair_of_bytes_gives_printable_text)
{
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            unsigned char bytes[2] = { (unsigned char)first, (unsigned char)second };
            char out[9];
            printable_bytes(out, sizeof out, bytes, sizeof bytes);
            for (const unsigned char *at = (const unsigned char *)out; *at != '\0'; at++)
                cr_assert(*at >= 0x20 && *at != 0x7F);
            cr_assert_geq(strlen(out), 2);
        }
    }
}

Test(printable, cuts_at_the_border_of_a_character)
{
    char out[16];

    cr_assert_str_eq(printable_bytes(out, 4, "abcdef", 6), "abc");
    cr_assert_str_eq(printable_bytes(out, 4, "ab\xC3\xBC", 4), "ab");
    cr_assert_str_eq(printable_bytes(out, 5, "ab\xC3\xBC", 4), "ab\xC3\xBC");
    cr_assert_str_eq(printable_bytes(out, 5, "a\n", 2), "a");
    cr_assert_str_eq(printable_bytes(out, 6, "a\n", 2), "a\\x0a");
    cr_assert_str_eq(printable_bytes(out, 1, "abc", 3), "");
    cr_assert_str_eq(printable(out, 4, "ab\xE2\x82\xAC"), "ab");
}
