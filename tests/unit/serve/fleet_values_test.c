#include "cli/serve/fleet_values.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

Test(fleet_values, a_share_is_in_millionths)
{
    static const struct {
        const char *text;
        uint32_t share;
    } good[] = {
        { "0%", 0 },           { "10%", 100000 },  { "100%", 1000000 },
        { "0.5%", 5000 },      { "0.0001%", 1 },   { "99.9999%", 999999 },
        { "100.0%", 1000000 }, { "5.25%", 52500 }, { "007%", 70000 },
    };
    static const char *const bad[] = {
        "",     "%",    "10",   "101%", "100.0001%", "-1%",  "+1%",
        "10 %", "10%%", " 10%", "10% ", "1.%",       ".5%",  "0.00001%",
        "1,5%", "0x1%", "1e1%", "ten%", "1.5.5%",    "10%x", "18446744073709551626%",
    };
    uint32_t share;

    for (size_t i = 0; i < COUNT(good); i++) {
        cr_expect(fleet_share_parse(&share, good[i].text), "%s", good[i].text);
        cr_expect_eq(share, good[i].share, "%s: %u", good[i].text, share);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        cr_expect_not(fleet_share_parse(&share, bad[i]), "%s", bad[i]);
}

Test(fleet_values, a_time_has_a_zone)
{
    static const struct {
        const char *text;
        int64_t when; /* as date -d prints them */
    } good[] = {
        { "1970-01-01T00:00Z", 0 },
        { "2026-12-01T08:00Z", 1796112000 },
        { "2026-12-01T08:00:30Z", 1796112030 },
        { "2026-12-01T08:00+02:00", 1796104800 },
        { "2026-12-01T08:00-05:30", 1796131800 },
        { "2028-02-29T23:59:59Z", 1835481599 },
        { "9999-12-31T23:59:59Z", 253402300799 },
        { "1970-01-01T00:00+01:00", -3600 },
    };
    static const char *const bad[] = {
        "",
        "2026-12-01",
        "2026-12-01T08:00",
        "2026-12-01 08:00Z",
        "2026-12-01T08Z",
        "2026-12-01T08:00:00",
        "2026-12-01T08:00z",
        "2026-12-01T08:00Zx",
        "2026-12-01T08:00 Z",
        "2026-12-01T08:00+2:00",
        "2026-12-01T08:00+0200",
        "2026-12-01T08:00+24:00",
        "2026-12-01T08:00+02:60",
        "2026-12-01T08:00.5Z",
        "2026-12-01T24:00Z",
        "2026-12-01T08:60Z",
        "2026-12-01T08:00:60Z",
        "2026-13-01T08:00Z",
        "2026-00-01T08:00Z",
        "2026-12-00T08:00Z",
        "2026-12-32T08:00Z",
        "2026-02-29T08:00Z",
        "2026-04-31T08:00Z",
        "1969-12-31T23:59Z",
        "26-12-01T08:00Z",
        "2026-1-01T08:00Z",
        "+026-12-01T08:00Z",
        "tomorrow",
    };
    int64_t when;

    for (size_t i = 0; i < COUNT(good); i++) {
        cr_expect(fleet_time_parse(&when, good[i].text), "%s", good[i].text);
        cr_expect_eq(when, good[i].when, "%s: %" PRId64, good[i].text, when);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        cr_expect_not(fleet_time_parse(&when, bad[i]), "%s", bad[i]);
}

Test(fleet_values, a_family_has_a_name)
{
    enum image_kind kind;

    cr_assert(fleet_family_parse(&kind, "esp8266") && kind == IMAGE_ESP8266);
    cr_assert(fleet_family_parse(&kind, "ESP32") && kind == IMAGE_ESP32);
    cr_assert(fleet_family_parse(&kind, "pico") && kind == IMAGE_PICO);
    cr_assert(fleet_family_parse(&kind, "rp2040") && kind == IMAGE_PICO);
    cr_assert_not(fleet_family_parse(&kind, "gzip"));
    cr_assert_not(fleet_family_parse(&kind, "unknown"));
    cr_assert_not(fleet_family_parse(&kind, "littlefs"));
    cr_assert_not(fleet_family_parse(&kind, "esp32c3"));
    cr_assert_not(fleet_family_parse(&kind, ""));
}

Test(fleet_values, a_releases_name_can_be_reported_in_a_header)
{
    char name[UPDATE_VERSION_SIZE];
    char text[UPDATE_VERSION_SIZE + 1];

    cr_assert(fleet_name_parse(name, "DOOR-7-g14f53a19"));
    cr_assert_str_eq(name, "DOOR-7-g14f53a19");
    cr_assert(fleet_name_parse(name, "x"));
    cr_assert(fleet_name_parse(name, "Door 7 (beta)"));
    cr_assert_not(fleet_name_parse(name, ""));
    cr_assert_not(fleet_name_parse(name, " x"));
    cr_assert_not(fleet_name_parse(name, "x "));
    cr_assert_not(fleet_name_parse(name, "t\xC3\xBCr"));
    cr_assert_not(fleet_name_parse(name, "a\tb"));
    cr_assert_not(fleet_name_parse(name, "A #2"));
    cr_assert_not(fleet_name_parse(name, "A ;2"));
    cr_assert_not(fleet_name_parse(name, "#2"));
    cr_assert_not(fleet_name_parse(name, ";"));
    cr_assert(fleet_name_parse(name, "A#2;3"));
    memset(text, 'x', sizeof text);
    text[UPDATE_VERSION_SIZE] = '\0';
    cr_assert_not(fleet_name_parse(name, text));
    text[UPDATE_VERSION_SIZE - 1] = '\0';
    cr_assert(fleet_name_parse(name, text));
}

Test(fleet_values, a_pattern_is_as_exact_as_it_has_literal_characters)
{
    static const struct {
        const char *text;
        const char *pattern;
        unsigned literals;
    } good[] = {
        { "18:fe:aa:aa:aa:aa", "18:FE:AA:AA:AA:AA", 17 },
        { "18:FE:*", "18:FE:*", 6 },
        { "*", "*", 0 },
        { "*:0?", "*:0?", 2 },
        { "18:FE:A[0-9a-f]:??:*", "18:FE:A[0-9A-F]:??:*", 9 },
        { "??:??:??:??:??:??", "??:??:??:??:??:??", 5 },
        { "[!018]8:*", "[!018]8:*", 2 },
        { "?????????????????", "?????????????????", 0 },
    };
    struct fleet_rule rule;

    for (size_t i = 0; i < COUNT(good); i++) {
        cr_expect(fleet_pattern_parse(&rule, good[i].text), "%s", good[i].text);
        cr_expect_str_eq(rule.pattern, good[i].pattern);
        cr_expect_eq(rule.literals, good[i].literals, "%s: %u", good[i].text, rule.literals);
        cr_expect_eq(fleet_pattern_is_exact(&rule), i == 0, "%s", good[i].text);
    }
}

Test(fleet_values, what_can_match_no_mac_is_no_pattern)
{
    static const char *const bad[] = {
        "",
        "18:FE:AA:AA:AA",
        "18:FE:AA:AA:AA:AA:AA",
        "18:FE:AA:AA:AA:AA:*",
        "18-FE-*",
        "18FE*",
        "18:FE",
        "18::*",
        "::*",
        "18:FE:GG:*",
        "18:FE:[0-3:*",
        "18:FE:[]*",
        "18:FE:[!]*",
        "18:FE:[3-0]*",
        "18:FE:[0-]*",
        "18:FE:[:]*",
        "18[:]*",
        "18:FE:\\*",
        "18:FE:AA AA",
        "host.local",
        "18:FE:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*:*",
    };
    struct fleet_rule rule;

    for (size_t i = 0; i < COUNT(bad); i++)
        cr_expect_not(fleet_pattern_parse(&rule, bad[i]), "%s", bad[i]);
}
