#include "common/hex.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

Test(hex, encodes_lower_case_and_ends_with_nul)
{
    static const uint8_t bytes[] = { 0x00, 0x01, 0x7F, 0x80, 0xAB, 0xFF };
    char text[HEX_SIZE(sizeof bytes)];

    memset(text, '?', sizeof text);
    hex_encode(text, bytes, sizeof bytes);
    cr_assert_str_eq(text, "00017f80abff");
}

Test(hex, encodes_nothing_as_empty_text)
{
    char text[HEX_SIZE(0)] = { '?' };

    hex_encode(text, (const uint8_t *)"", 0);
    cr_assert_str_eq(text, "");
}

Test(hex, decodes_what_it_encodes)
{
    for (unsigned value = 0; value < 256; value++) {
        uint8_t in = (uint8_t)value;
        uint8_t out = (uint8_t)~in;
        char text[HEX_SIZE(1)];

        hex_encode(text, &in, 1);
        cr_assert(hex_is_text(text, 2));
        cr_assert(hex_decode(&out, 1, text, 2));
        cr_assert_eq(out, in);
    }
}

Test(hex, decodes_either_case)
{
    uint8_t out[4];

    cr_assert(hex_decode(out, sizeof out, "DeAdBeEf", 8));
    cr_assert_arr_eq(out, "\xDE\xAD\xBE\xEF", 4);
}

Test(hex, refuses_another_length)
{
    static const char text[] = "00112233445566778899";
    uint8_t out[4];

    for (size_t len = 0; len < sizeof text; len++)
        cr_assert_eq(hex_decode(out, sizeof out, text, len), len == 8, "%zu digits", len);
}

/* Every byte that is no digit is refused, at either place of a pair: NUL, '/', ':', '@', 'G' ... */
Test(hex, refuses_what_is_no_digit)
{
    for (unsigned value = 0; value < 256; value++) {
        char high[2] = { (char)value, '0' };
        char low[2] = { '0', (char)value };
        bool digit = value != 0 && strchr("0123456789abcdefABCDEF", (int)value) != NULL;
        uint8_t out;

        cr_assert_eq(hex_decode(&out, 1, high, 2), digit, "byte %u", value);
        cr_assert_eq(hex_decode(&out, 1, low, 2), digit, "byte %u", value);
        cr_assert_eq(hex_is_text(high, 2), digit, "byte %u", value);
        cr_assert_eq(hex_is_text(low, 2), digit, "byte %u", value);
    }
}

/* The text need not end with NUL: the sanitizer watches the byte behind it. */
Test(hex, reads_no_further_than_told)
{
    char *text = malloc(4);
    uint8_t out[2];

    cr_assert_not_null(text);
    memcpy(text, "12ab", 4);
    cr_expect(hex_decode(out, sizeof out, text, 4));
    cr_expect(hex_is_text(text, 4));
    cr_expect(hex_is_text(text + 4, 0));
    free(text);
}
