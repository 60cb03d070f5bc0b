/*
 * The names a device announces: which are valid, the host's label made from one, and what comes
 * next when one is taken.
 */
#include "device/simulator/device_name.h"

#include <criterion/criterion.h>
#include <string.h>

#define BYTES_60 "123456789 123456789 123456789 123456789 123456789 123456789 "

static void expect_label(const char *name, const char *label)
{
    char out[DEVICE_HOST_LABEL_SIZE];

    cr_assert(device_name_is_valid(name), "%s", name);
    device_name_host_label(out, name);
    cr_assert_str_eq(out, label);
}

static void expect_alternative(const char *name, unsigned number, const char *expected)
{
    char out[DEVICE_NAME_SIZE];

    device_name_alternative(out, name, number);
    cr_assert_str_eq(out, expected);
    cr_assert(device_name_is_valid(out));
}

Test(device_name, any_text_of_1_to_63_bytes_is_valid)
{
    cr_assert(device_name_is_valid("a"));
    cr_assert(device_name_is_valid("Kitchen lamp \"left\" (2.0)"));
    cr_assert(device_name_is_valid("\u00FCber \u20AC \U0001F600"));
    cr_assert(device_name_is_valid(BYTES_60 "123"));
    cr_assert_not(device_name_is_valid(""));
    cr_assert_not(device_name_is_valid(BYTES_60 "1234"));
    cr_assert_not(device_name_is_valid(BYTES_60 "12\u00FC"));
}

Test(device_name, what_is_no_utf_8_is_not_valid)
{
    static const char *const bad[] = {
        "\x80",             /* a continuation of nothing */
        "a\xFF",            /* never in UTF-8 */
        "\xC3",             /* cut short */
        "\xE2\x82",         /* cut short */
        "\xC3z",            /* no continuation */
        "\xC1\x81",         /* "A", longer than need be */
        "\xE0\x82\x80",     /* longer than need be */
        "\xF0\x80\x82\x80", /* longer than need be */
        "\xED\xA0\x80",     /* a surrogate */
        "\xF4\x90\x80\x80", /* beyond the last character */
        "\xF8\x88\x80\x80\x80",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(device_name_is_valid(bad[i]), "number %zu", i);
}

Test(device_name, control_characters_are_not_valid)
{
    cr_assert_not(device_name_is_valid("a\nb"));
    cr_assert_not(device_name_is_valid("\x1B[31m"));
    cr_assert_not(device_name_is_valid("a\x7F"));
    cr_assert_not(device_name_is_valid("a\xC2\x85"));
    cr_assert(device_name_is_valid("a\xC2\xA0"));
}

Test(device_name, a_host_name_keeps_letters_digits_and_dashes)
{
    expect_label("esp8266-1a2b3c", "esp8266-1a2b3c");
    expect_label("Kitchen", "Kitchen");
    expect_label(BYTES_60 "123", "123456789-123456789-123456789-123456789-123456789-123456789-123");
}

Test(device_name, every_other_character_becomes_one_dash)
{
    expect_label("kitchen.lamp", "kitchen-lamp");
    expect_label("kitchen lamp_2", "kitchen-lamp-2");
    expect_label("K\u00FCche", "K-che");
    expect_label("a\u20ACb\U0001F600c", "a-b-c");
    expect_label("a, b", "a--b");
}

Test(device_name, a_host_name_neither_begins_nor_ends_with_a_dash)
{
    expect_label("-a-", "a");
    expect_label("\"lamp\".", "lamp");
    expect_label("\u00FCber", "ber");
}

Test(device_name, a_name_of_which_nothing_can_be_in_a_host_name)
{
    expect_label("\u706F", DEVICE_NAME_DEFAULT);
    expect_label("---", DEVICE_NAME_DEFAULT);
}

Test(device_name, alternatives_are_numbered)
{
    expect_alternative("lamp", 2, "lamp-2");
    expect_alternative("lamp", 10, "lamp-10");
    /* The number of a chip is none of these. */
    expect_alternative("esp8266-123456", 2, "esp8266-123456-2");
}

Test(device_name, alternatives_of_long_names_are_cut_at_a_character)
{
    expect_alternative(BYTES_60 "1", 2, BYTES_60 "1-2");
    expect_alternative(BYTES_60 "123", 2, BYTES_60 "1-2");
    expect_alternative(BYTES_60 "1\u00FC", 2, BYTES_60 "1-2");
    expect_alternative(BYTES_60 "\u20AC", 2, BYTES_60 "-2");
    expect_alternative(BYTES_60 "123", 1000,
                       "123456789 123456789 123456789 123456789 123456789 "
                       "12345678-1000");
}
