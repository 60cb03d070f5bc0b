#include "cli/discover/txt.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A record as a literal, exactly as large as it says, so that the sanitizer sees a read past it. */
#define RECORD(literal) copy((literal), sizeof(literal) - 1)

static uint8_t *bytes;
static size_t len;

static struct txt_cursor copy(const char *literal, size_t size)
{
    free(bytes);
    bytes = malloc(size > 0 ? size : 1);
    cr_assert_not_null(bytes);
    memcpy(bytes, literal, size);
    len = size;
    return (struct txt_cursor){ bytes, len };
}

static void leave(void)
{
    free(bytes);
}

TestSuite(txt, .fini = leave);

static void expect_pair(struct txt_cursor *cursor, const char *key, const char *value)
{
    struct txt_pair pair;

    cr_assert(txt_next(cursor, &pair), "no pair \"%s\"", key);
    cr_expect_eq(pair.key_len, strlen(key));
    cr_expect_arr_eq(pair.key, key, strlen(key));
    cr_expect_eq(pair.has_value, value != NULL);
    cr_assert_eq(pair.value_len, value ? strlen(value) : 0);
    cr_expect(!value || memcmp(pair.value, value, pair.value_len) == 0);
}

static void expect_end(struct txt_cursor *cursor)
{
    struct txt_pair pair;

    cr_expect_not(txt_next(cursor, &pair));
    cr_expect_not(txt_next(cursor, &pair));
}

Test(txt, walks_through_a_record)
{
    struct txt_cursor cursor = RECORD("\x0d"
                                      "board=generic"
                                      "\x03"
                                      "a=="
                                      "\x02"
                                      "b="
                                      "\x04"
                                      "flag");

    cr_assert_eq(strlen("board=generic"), 0x0d);
    expect_pair(&cursor, "board", "generic");
    expect_pair(&cursor, "a", "=");
    expect_pair(&cursor, "b", "");
    expect_pair(&cursor, "flag", NULL);
    expect_end(&cursor);
}

Test(txt, has_nothing_in_an_empty_record)
{
    struct txt_cursor empty = RECORD("");
    struct txt_cursor one_empty_string = RECORD("\0");
    struct txt_cursor none = { NULL, 0 };

    expect_end(&empty);
    expect_end(&one_empty_string);
    expect_end(&none);
}

Test(txt, passes_over_what_has_no_key)
{
    struct txt_cursor cursor = RECORD("\x02=x\x00\x01=\x03k=v");

    expect_pair(&cursor, "k", "v");
    expect_end(&cursor);
}

Test(txt, ends_at_a_string_that_is_cut_short)
{
    struct txt_cursor cursor = RECORD("\x03k=v\x05q=v");

    expect_pair(&cursor, "k", "v");
    expect_end(&cursor);
    cursor = RECORD("\xff");
    expect_end(&cursor);
    cursor = RECORD("\x01");
    expect_end(&cursor);
}

Test(txt, finds_the_first_of_a_key_without_regard_to_case)
{
    struct txt_pair pair;

    RECORD("\x09"
           "xboard=no"
           "\x07"
           "Board=1"
           "\x07"
           "board=2");
    cr_assert(txt_find(bytes, len, "BOARD", &pair));
    cr_expect_eq(pair.value_len, 1);
    cr_expect_eq(pair.value[0], '1');
    cr_expect_not(txt_find(bytes, len, "boar", &pair));
    cr_expect_not(txt_find(bytes, len, "boards", &pair));
    cr_expect_not(txt_find(NULL, 0, "board", &pair));
}

Test(txt, compares_values_whole_and_without_regard_to_case)
{
    struct txt_pair pair;

    RECORD("\x05"
           "k=Yes"
           "\x01"
           "f"
           "\x02"
           "e=");
    cr_assert(txt_find(bytes, len, "k", &pair));
    cr_expect(txt_says(&pair, "yes"));
    cr_expect_not(txt_says(&pair, "ye"));
    cr_expect_not(txt_says(&pair, "yes!"));
    cr_assert(txt_find(bytes, len, "f", &pair));
    cr_expect_not(txt_says(&pair, ""), "a key alone has no value, not an empty one");
    cr_assert(txt_find(bytes, len, "e", &pair));
    cr_expect(txt_says(&pair, ""));
}

Test(txt, takes_64_kib_in_its_stride)
{
    size_t size = 65535;
    struct txt_pair pair;
    size_t pairs = 0;

    bytes = malloc(size);
    cr_assert_not_null(bytes);
    memset(bytes, 0xFF, size); /* 255 strings of 255 bytes each, without "=" */
    struct txt_cursor cursor = { bytes, size };
    while (txt_next(&cursor, &pair)) {
        cr_assert_eq(pair.key_len, 255);
        cr_assert_not(pair.has_value);
        pairs++;
    }
    cr_expect_eq(pairs, 255);
    memset(bytes, 0, size);
    cr_expect_not(txt_find(bytes, size, "board", &pair));
}
