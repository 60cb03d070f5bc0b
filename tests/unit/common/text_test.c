#include "common/text.h"

#include <criterion/criterion.h>

#include <string.h>

static struct text_cursor cursor_of(const char *text)
{
    return (struct text_cursor){ text, strlen(text) };
}

Test(text, takes_a_word_it_begins_with)
{
    struct text_cursor cursor = cursor_of("AUTH 12");

    cr_assert(!text_take(&cursor, "auth"));
    cr_assert(!text_take(&cursor, "AUTH 123"));
    cr_assert_eq(cursor.len, 7);
    cr_assert(text_take(&cursor, "AUTH "));
    cr_assert_eq(cursor.len, 2);
    cr_assert(text_take(&cursor, "12"));
    cr_assert_eq(cursor.len, 0);
    cr_assert(!text_take(&cursor, "1"));
}

Test(text, takes_a_number_and_stops_behind_it)
{
    struct text_cursor cursor = cursor_of("0012 7");
    uint64_t number;

    cr_assert(text_take_number(&cursor, 100, &number));
    cr_assert_eq(number, 12);
    cr_assert_eq(cursor.len, 2);
    cr_assert(!text_take_number(&cursor, 100, &number));
    cr_assert_eq(cursor.len, 2);
}

Test(text, takes_no_sign_and_no_space_for_a_number)
{
    static const char *const texts[] = { "", "-1", "+1", " 1", "x", "/", ":" };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct text_cursor cursor = cursor_of(texts[i]);
        uint64_t number;
        cr_assert(!text_take_number(&cursor, UINT64_MAX, &number), "\"%s\"", texts[i]);
        cr_assert_eq(cursor.at, texts[i]);
    }
}

Test(text, number_overflow_is_refused_with_the_cursor_unmoved)
{
    static const struct {
        const char *text;
        uint64_t max;
        bool fits;
    } cases[] = {
        { "255", 255, true },
        { "256", 255, false },
        { "0", 0, true },
        { "1", 0, false },
        { "65535", UINT16_MAX, true },
        { "65536", UINT16_MAX, false },
        { "4294967295", UINT32_MAX, true },
        { "4294967296", UINT32_MAX, false },
        { "18446744073709551615", UINT64_MAX, true },
        { "18446744073709551616", UINT64_MAX, false },
        { "99999999999999999999", UINT64_MAX, false },
        { "184467440737095516150", UINT64_MAX, false },
        { "00000000000000000000000000000000000000001", 1, true },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text_cursor cursor = cursor_of(cases[i].text);
        uint64_t number;
        bool ok = text_take_number(&cursor, cases[i].max, &number);
        cr_assert_eq(ok, cases[i].fits, "%s", cases[i].text);
        cr_assert_eq(cursor.len, ok ? 0 : strlen(cases[i].text), "%s", cases[i].text);
    }
}

Test(text, takes_words_up_to_a_space_or_the_end)
{
    struct text_cursor cursor = cursor_of("ab c");
    struct text_cursor word;

    cr_assert(text_take_word(&cursor, &word));
    cr_assert_eq(word.len, 2);
    cr_assert(!text_take_word(&cursor, &word), "a space is no word");
    cr_assert(text_take(&cursor, " "));
    cr_assert(text_take_word(&cursor, &word));
    cr_assert_eq(*word.at, 'c');
    cr_assert_eq(word.len, 1);
    cr_assert(!text_take_word(&cursor, &word), "neither is the end");
}

Test(text, trims_white_space_and_nul_at_the_end_alone)
{
    struct text_cursor text = text_trim_end((struct text_cursor){ " a b \t\r\n\0\n", 10 });

    cr_assert_eq(text.len, 4);
    cr_assert_arr_eq(text.at, " a b", 4);
    text = text_trim_end(cursor_of(" \n"));
    cr_assert_eq(text.len, 0);
    text = text_trim_end((struct text_cursor){ NULL, 0 });
    cr_assert_eq(text.len, 0);
}

Test(text, appends_cut_what_does_not_fit_and_end_with_nul)
{
    for (size_t size = 0; size <= 12; size++) {
        char out[16];
        size_t used = 0;

        memset(out, '?', sizeof out);
        text_append_string(out, size, &used, "abc");
        text_append_number(out, size, &used, 4567);
        text_append(out, size, &used, "\0h", 2);
        cr_assert_eq(used, size == 0 ? 0 : size > 9 ? 9 : size - 1, "size %zu", size);
        cr_assert_arr_eq(out, "abc4567\0h", used, "size %zu", size);
        cr_assert_eq(out[used], size > 0 ? '\0' : '?', "size %zu", size);
        cr_assert_eq(out[size], size > 9 && size > used ? out[size] : '?', "size %zu", size);
    }
}

Test(text, appends_the_smallest_and_the_largest_number)
{
    char out[2 * TEXT_NUMBER_MAX];
    size_t used = 0;

    text_append_number(out, sizeof out, &used, 0);
    text_append_string(out, sizeof out, &used, " ");
    text_append_number(out, sizeof out, &used, UINT64_MAX);
    cr_assert_str_eq(out, "0 18446744073709551615");
    cr_assert_eq(used, 2 + TEXT_NUMBER_MAX);
}
