#include "cli/parse.h"

#include <criterion/criterion.h>

Test(parse, reads_a_port)
{
    uint16_t port;

    cr_assert(parse_port(&port, "8266"));
    cr_assert_eq(port, 8266);
    cr_assert(parse_port(&port, "0"));
    cr_assert_eq(port, 0);
    cr_assert(parse_port(&port, "65535"));
    cr_assert_eq(port, 65535);
}

Test(parse, refuses_what_is_no_port_completely)
{
    static const char *const bad[] = { "",
                                       " ",
                                       "65536",
                                       "-1",
                                       "+1",
                                       "8266 ",
                                       " 8266",
                                       "8266x",
                                       "0x10",
                                       "8266\n",
                                       "82 66",
                                       "1.5",
                                       "18446744073709551617" };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint16_t port = 7;
        cr_assert_not(parse_port(&port, bad[i]), "\"%s\"", bad[i]);
        cr_assert_eq(port, 7, "\"%s\" changed it", bad[i]);
    }
}

Test(parse, reads_a_number_up_to_its_limit)
{
    unsigned number;

    cr_assert(parse_unsigned(&number, "100", 100));
    cr_assert_eq(number, 100u);
    cr_assert_not(parse_unsigned(&number, "101", 100));
    cr_assert(parse_unsigned(&number, "007", 100));
    cr_assert_eq(number, 7u);
}

static void expect_range(const char *text, uint16_t first, uint16_t last)
{
    struct port_range range;

    cr_assert(parse_port_range(&range, text), "\"%s\"", text);
    cr_assert_eq(range.first, first, "\"%s\"", text);
    cr_assert_eq(range.last, last, "\"%s\"", text);
}

Test(parse, reads_a_port_as_a_range_of_one)
{
    expect_range("5000", 5000, 5000);
    expect_range("0", 0, 0);
}

Test(parse, reads_a_range_of_ports)
{
    expect_range("5000-5010", 5000, 5010);
    expect_range("1-65535", 1, 65535);
    expect_range("7-7", 7, 7);
}

Test(parse, refuses_what_is_no_range_of_ports)
{
    static const char *const bad[] = { "",     "-",       "5000-", "-5000", "5010-5000",
                                       "0-10", "1-65536", "1--2",  "1-2-3", "1 - 2",
                                       "1-2 ", "65536-1", "a-b",   "5000,1" };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct port_range range;
        cr_assert_not(parse_port_range(&range, bad[i]), "\"%s\"", bad[i]);
    }
}

static void expect_ms(const char *text, uint32_t expected)
{
    uint32_t ms = 0;

    cr_assert(parse_seconds(&ms, text), "\"%s\"", text);
    cr_assert_eq(ms, expected, "\"%s\" is %u ms", text, ms);
}

Test(parse, reads_seconds)
{
    expect_ms("20", 20000);
    expect_ms("1", 1000);
    expect_ms("604800", 604800000);
}

Test(parse, reads_decimals_of_a_second)
{
    expect_ms("0.5", 500);
    expect_ms("0.05", 50);
    expect_ms("0.005", 5);
    expect_ms("1.25", 1250);
    expect_ms("10.000", 10000);
}

Test(parse, refuses_what_is_no_time)
{
    static const char *const bad[] = { "",       "0",        "0.0", "0.000", "-1",  ".5",
                                       "1.",     "1.2.3",    "1s",  "1 ",    "1e3", "0.0005",
                                       "604801", "604800.5", "nan", "inf",   "1,5" };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint32_t ms = 7;
        cr_assert_not(parse_seconds(&ms, bad[i]), "\"%s\"", bad[i]);
        cr_assert_eq(ms, 7u, "\"%s\" changed it", bad[i]);
    }
}
