#include "device/core/puller_url.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static bool parse(struct ota_pull_url *url, const char *text)
{
    return ota_puller_url_parse(url, (struct text_cursor){ text, strlen(text) });
}

static bool follow(struct ota_pull_url *url, const char *text)
{
    return ota_puller_url_follow(url, (struct text_cursor){ text, strlen(text) });
}

/* The address as one text again, with its port. */
static const char *whole(const struct ota_pull_url *url)
{
    static char text[2 * OTA_PULL_URL_SIZE];

    snprintf(text, sizeof text, "%s://%s:%u%s", url->tls ? "https" : "http", url->text,
             (unsigned)url->port, url->text + url->path);
    return text;
}

Test(puller_url, is_taken_apart)
{
    static const struct {
        const char *text, *whole;
        bool is_literal;
    } good[] = {
        { "http://a/", "http://a:80/", false },
        { "http://a", "http://a:80/", false },
        { "http://a?q=1", "http://a:80/?q=1", false },
        { "HTTPS://a.example/b/c?d=e/f", "https://a.example:443/b/c?d=e/f", false },
        { "http://192.168.1.2:8080/firmware.bin", "http://192.168.1.2:8080/firmware.bin", false },
        { "http://a:/b", "http://a:80/b", false },
        { "http://a:65535/b", "http://a:65535/b", false },
        { "http://a:00080/b", "http://a:80/b", false },
        { "http://a-b_c.D/x#y", "http://a-b_c.D:80/x", false },
        { "http://a#/b", "http://a:80/", false },
        { "http://[::1]:8266/x", "http://::1:8266/x", true },
        { "http://[fe80::1:aBcD]", "http://fe80::1:aBcD:80/", true },
        { "http://[::ffff:192.0.2.1]/", "http://::ffff:192.0.2.1:80/", true },
        /* Nothing is mended: what is asked for is what was written. */
        { "http://a/b/../c", "http://a:80/b/../c", false },
        { "http://a/%20:@[]", "http://a:80/%20:@[]", false },
    };

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct ota_pull_url url;
        cr_assert(parse(&url, good[i].text), "%s", good[i].text);
        cr_expect_str_eq(whole(&url), good[i].whole);
        cr_expect_eq(url.is_literal, good[i].is_literal, "%s", good[i].text);
    }
}

Test(puller_url, anything_else_is_refused_and_changes_nothing)
{
    static const char *const bad[] = {
        "",
        "a",
        "/a",
        "//a/b",
        "http",
        "http:",
        "http:/a",
        "http:a",
        "http://",
        "http:///a",
        "http://?a",
        "http://:80/",
        "ftp://a/",
        "httpss://a/",
        "http://a:b/",
        "http://a:0/",
        "http://a:65536/",
        "http://a:-1/",
        "http://a:80 /",
        "http://a:8a/",
        "http://u@a/",
        "http://u:p@a/",
        "http://a b/",
        "http://a/b c",
        "http://a/b\r\nX: y",
        "http://a/b\tc",
        "http://a/\xC3\xA4",
        "http://\xC3\xA4/",
        "http://a%41/",
        "http://[::1/",
        "http://[::1]8080/",
        "http://[1:2]/",
        "http://[]/",
        "http://[::g]/",
        "http://[fe80::1%25eth0]/",
        "http://::1/",
        "http://a\\b/",
        " http://a/",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ota_pull_url url = { .port = 4711 };
        cr_expect_not(parse(&url, bad[i]), "%s", bad[i]);
        cr_expect_eq(url.port, 4711, "%s", bad[i]);
    }
}

Test(puller_url, a_zero_byte_is_no_character)
{
    static const char text[] = "http://a/b\0c";
    struct ota_pull_url url;

    cr_assert_not(ota_puller_url_parse(&url, (struct text_cursor){ text, sizeof text - 1 }));
}

/* `n` characters, with the scheme. */
static const char *long_url(size_t n)
{
    static char text[2 * OTA_PULL_URL_SIZE];

    memset(text, 'x', n);
    memcpy(text, "http://a/", 9);
    text[n] = '\0';
    return text;
}

Test(puller_url, as_long_as_promised_is_taken)
{
    struct ota_pull_url url;

    cr_assert(parse(&url, long_url(OTA_PULL_URL_SIZE - 1)));
    cr_assert_eq(strlen(url.text + url.path), OTA_PULL_URL_SIZE - 1 - 8);
    cr_assert_not(parse(&url, long_url(OTA_PULL_URL_SIZE + 6)));
    cr_assert_not(parse(&url, long_url(2 * OTA_PULL_URL_SIZE - 1)));
}

/* RFC 3986, section 5.4, but for schemes that are not HTTP. */
/* "http://a", then `n` characters, of which the first is this one. */
static const char *long_url_with(char first, size_t n)
{
    static char text[2 * OTA_PULL_URL_SIZE];

    memset(text, 'x', 8 + n);
    memcpy(text, "http://a", 8);
    text[8] = first;
    text[8 + n] = '\0';
    return text;
}

/* Nothing is ever cut off, the slash before a query not forgotten. */
Test(puller_url, that_is_too_long_is_refused_and_not_cut)
{
    struct ota_pull_url url;
    size_t room = sizeof url.text - sizeof "a" - sizeof "/";

    cr_assert(parse(&url, long_url_with('?', room)));
    cr_assert_eq(strlen(url.text + url.path), 1 + room);
    cr_assert_not(parse(&url, long_url_with('?', room + 1)));
    cr_assert(parse(&url, long_url_with('/', room)));
    cr_assert_eq(strlen(url.text + url.path), room);
}

Test(puller_url, a_relative_reference_is_resolved_as_specified)
{
    static const struct {
        const char *reference, *whole;
    } good[] = {
        { "http://b/x", "http://b:80/x" },
        { "https://b/x", "https://b:443/x" },
        { "http://b/x/../y", "http://b:80/y" },
        { "g", "http://a:80/b/c/g" },
        { "./g", "http://a:80/b/c/g" },
        { "g/", "http://a:80/b/c/g/" },
        { "/g", "http://a:80/g" },
        { "//g", "http://g:80/" },
        { "//g:81/h", "http://g:81/h" },
        { "?y", "http://a:80/b/c/d;p?y" },
        { "g?y", "http://a:80/b/c/g?y" },
        { "#s", "http://a:80/b/c/d;p?q" },
        { "g#s", "http://a:80/b/c/g" },
        { "g?y#s", "http://a:80/b/c/g?y" },
        { ";x", "http://a:80/b/c/;x" },
        { "g;x?y#s", "http://a:80/b/c/g;x?y" },
        { "", "http://a:80/b/c/d;p?q" },
        { ".", "http://a:80/b/c/" },
        { "./", "http://a:80/b/c/" },
        { "..", "http://a:80/b/" },
        { "../", "http://a:80/b/" },
        { "../g", "http://a:80/b/g" },
        { "../..", "http://a:80/" },
        { "../../g", "http://a:80/g" },
        { "../../../g", "http://a:80/g" },
        { "../../../../g", "http://a:80/g" },
        { "/./g", "http://a:80/g" },
        { "/../g", "http://a:80/g" },
        { "g.", "http://a:80/b/c/g." },
        { ".g", "http://a:80/b/c/.g" },
        { "g..", "http://a:80/b/c/g.." },
        { "..g", "http://a:80/b/c/..g" },
        { "./../g", "http://a:80/b/g" },
        { "./g/.", "http://a:80/b/c/g/" },
        { "g/./h", "http://a:80/b/c/g/h" },
        { "g/../h", "http://a:80/b/c/h" },
        { "g;x=1/./y", "http://a:80/b/c/g;x=1/y" },
        { "g;x=1/../y", "http://a:80/b/c/y" },
        { "g?y/./x", "http://a:80/b/c/g?y/./x" },
        { "g?y/../x", "http://a:80/b/c/g?y/../x" },
        { "?http://x", "http://a:80/b/c/d;p?http://x" },
    };

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct ota_pull_url url;
        cr_assert(parse(&url, "http://a/b/c/d;p?q"));
        cr_assert(follow(&url, good[i].reference), "%s", good[i].reference);
        cr_expect_str_eq(whole(&url), good[i].whole, "%s: %s", good[i].reference, whole(&url));
    }
}

Test(puller_url, a_reference_to_nowhere_is_refused)
{
    static const char *const bad[] = {
        "ftp://b/", "mailto:x", "g:h",  "http:g",      "http://",     "//",
        "//u:p@b/", "a b",      "a\tb", "http://u@b/", "http://b:0/", "javascript:alert(1)",
        "//[::1/x", "\x80",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ota_pull_url url;
        cr_assert(parse(&url, "http://a/b"));
        cr_expect_not(follow(&url, bad[i]), "%s", bad[i]);
    }
}

Test(puller_url, a_reference_that_makes_it_too_long_is_refused)
{
    char text[OTA_PULL_URL_SIZE + 1];

    for (size_t n = OTA_PULL_URL_SIZE - 20; n < sizeof text; n++) {
        struct ota_pull_url url;
        memset(text, 'x', n);
        text[n] = '\0';
        cr_assert(parse(&url, "http://a/b/c"));
        /* "a", NUL, "/b/", the reference and NUL */
        cr_assert_eq(follow(&url, text), n + 6 <= OTA_PULL_URL_SIZE, "%zu", n);
    }
}

Test(puller_url, https_is_not_left_for_http)
{
    struct ota_pull_url url;

    cr_assert(parse(&url, "https://a/b"));
    cr_assert(follow(&url, "c"));
    cr_assert(follow(&url, "//d/e"));
    cr_assert(follow(&url, "https://f:444/g"));
    cr_assert_str_eq(whole(&url), "https://f:444/g");
    cr_assert_not(follow(&url, "http://f:444/g"));
}

Test(puller_url, a_server_is_its_scheme_host_and_port)
{
    struct ota_pull_url a, b;

    cr_assert(parse(&a, "http://Host/b"));
    cr_assert(parse(&b, "http://hoST:80/c"));
    cr_assert(ota_puller_url_same_server(&a, &b));
    cr_assert(parse(&b, "http://host:81/b"));
    cr_assert_not(ota_puller_url_same_server(&a, &b));
    cr_assert(parse(&b, "http://hosts/b"));
    cr_assert_not(ota_puller_url_same_server(&a, &b));
    cr_assert(parse(&b, "https://host:80/b"));
    cr_assert_not(ota_puller_url_same_server(&a, &b));
}
