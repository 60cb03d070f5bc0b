#include "cli/address.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>

static struct address parsed(const char *text)
{
    struct address address;

    cr_assert(address_parse(&address, text), "\"%s\"", text);
    return address;
}

static void expect_text(const char *in, uint16_t port, const char *host, const char *whole)
{
    struct address address = parsed(in);
    char text[ADDRESS_TEXT_MAX];

    cr_assert_eq(address_port(&address), 0);
    address_set_port(&address, port);
    cr_assert_eq(address_port(&address), port);
    cr_assert_str_eq(address_host_text(&address, text), host);
    cr_assert_str_eq(address_text(&address, text), whole);
}

Test(address, ipv4)
{
    expect_text("192.168.1.40", 8266, "192.168.1.40", "192.168.1.40:8266");
    cr_assert_eq(parsed("192.168.1.40").u.any.sa_family, AF_INET);
    cr_assert_eq(parsed("192.168.1.40").len, sizeof(struct sockaddr_in));
}

Test(address, ipv6_bare_and_in_brackets)
{
    expect_text("2001:db8::1", 3232, "2001:db8::1", "[2001:db8::1]:3232");
    expect_text("[2001:db8::1]", 65535, "2001:db8::1", "[2001:db8::1]:65535");
    cr_assert_eq(parsed("::1").u.any.sa_family, AF_INET6);
    cr_assert_eq(parsed("::1").len, sizeof(struct sockaddr_in6));
}

Test(address, ipv6_with_a_scope)
{
    struct address address = parsed("fe80::1%lo");
    char text[ADDRESS_TEXT_MAX];

    cr_assert_gt(address.u.v6.sin6_scope_id, 0u);
    cr_assert_str_eq(address_host_text(&address, text), "fe80::1%lo");
    cr_assert_eq(parsed("[fe80::1%lo]").u.v6.sin6_scope_id, address.u.v6.sin6_scope_id);
}

Test(address, refuses_what_is_none)
{
    static const char *const bad[] = { "",
                                       "[]",
                                       "[",
                                       "]",
                                       "[192.168.1.40]",
                                       "[::1",
                                       "::1]",
                                       "esp8266.local",
                                       "192.168.1.256",
                                       "192.168.1.40 ",
                                       "192.168.1.40:8266",
                                       "[::1]:8266",
                                       "1:2:3:4:5:6:7:8:9",
                                       "fe80::1%no-such-interface" };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct address address;
        cr_assert_not(address_parse(&address, bad[i]), "\"%s\"", bad[i]);
        cr_assert_eq(address.len, 0u, "\"%s\"", bad[i]);
    }
}

Test(address, refuses_a_text_of_any_length)
{
    char text[4096];
    struct address address;

    memset(text, '1', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    cr_assert_not(address_parse(&address, text));
}

Test(address, the_longest_text_fits)
{
    char text[ADDRESS_TEXT_MAX];
    struct address address = parsed("1111:2222:3333:4444:5555:6666:7777:8888");

    address_set_port(&address, 65535);
    cr_assert_str_eq(address_text(&address, text),
                     "[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
}

Test(address, none_has_a_text_too)
{
    const struct address none = { .len = 0 };
    char text[ADDRESS_TEXT_MAX];

    cr_assert_str_eq(address_host_text(&none, text), "?");
}

Test(address, copies_either_family_and_no_other)
{
    struct address address;
    struct sockaddr_storage other = { .ss_family = AF_UNIX };
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(7) };

    cr_assert(address_from(&address, (struct sockaddr *)&v4, sizeof v4));
    cr_assert_eq(address_port(&address), 7);
    cr_assert_not(address_from(&address, (struct sockaddr *)&v4, sizeof v4 - 1), "too short");
    cr_assert_eq(address.len, 0u);
    cr_assert_not(address_from(&address, (struct sockaddr *)&other, sizeof other));
}

Test(address, the_same_host_whatever_the_port)
{
    struct address a = parsed("10.0.0.7");
    struct address b = parsed("10.0.0.7");

    address_set_port(&a, 1);
    address_set_port(&b, 2);
    cr_assert(address_same_host(&a, &b));
    b = parsed("10.0.0.8");
    cr_assert_not(address_same_host(&a, &b));
}

Test(address, an_ipv4_host_is_the_same_in_its_mapped_form)
{
    struct address v4 = parsed("10.0.0.7");
    struct address mapped = parsed("::ffff:10.0.0.7");
    struct address other = parsed("::10.0.0.7");

    cr_assert(address_same_host(&v4, &mapped));
    cr_assert(address_same_host(&mapped, &v4));
    cr_assert_not(address_same_host(&v4, &other));
}

Test(address, a_machine_reaches_itself_alone_at_some)
{
    static const struct {
        const char *text;
        bool is_loopback;
    } rows[] = {
        { "127.0.0.1", true },    { "127.255.0.9", true },
        { "::1", true },          { "::ffff:127.0.0.1", true },
        { "128.0.0.1", false },   { "0.0.0.0", false },
        { "::", false },          { "::2", false },
        { "192.168.1.1", false },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct address address;
        cr_assert(address_parse(&address, rows[i].text));
        cr_expect_eq(address_is_loopback(&address), rows[i].is_loopback, "%s", rows[i].text);
    }
}
