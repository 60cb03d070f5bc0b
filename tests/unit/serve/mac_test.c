#include "cli/serve/mac.h"

#include <criterion/criterion.h>

Test(mac, is_read_in_either_case_and_written_in_upper_case)
{
    struct mac mac;
    char text[MAC_TEXT_SIZE];

    cr_assert(mac_parse(&mac, "18:fe:AA:00:9b:ff"));
    cr_assert_str_eq(mac_format(text, &mac), "18:FE:AA:00:9B:FF");
}

Test(mac, anything_else_is_refused)
{
    static const char *const bad[] = {
        "",
        "18:FE:AA:AA:AA",
        "18:FE:AA:AA:AA:A",
        "18:FE:AA:AA:AA:AAA",
        "18:FE:AA:AA:AA:AA:",
        "18-FE-AA-AA-AA-AA",
        "18:FE:AA:AA:AA AA",
        "18FEAAAAAAAA",
        "18:FE:AA:AA:AA:AG",
        " 8:FE:AA:AA:AA:AA",
        "18:FE:AA:AA:AA:*",
    };
    struct mac mac;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(mac_parse(&mac, bad[i]), "%s", bad[i]);
}

Test(mac, equal_when_all_bytes_are)
{
    struct mac a, b;

    cr_assert(mac_parse(&a, "18:FE:AA:AA:AA:AA"));
    cr_assert(mac_parse(&b, "18:fe:aa:aa:aa:aa"));
    cr_assert(mac_equal(&a, &b));
    b.bytes[5] ^= 1;
    cr_assert_not(mac_equal(&a, &b));
}
