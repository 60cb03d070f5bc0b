#include "cli/serve/http_guard.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define H "Host: x\r\n"

struct row {
    const char *text;
    unsigned status; /* 0: all right */
    unsigned requests;
};

static void expect(const struct row *row, const struct http_guard *guard)
{
    cr_expect_eq(guard->status, row->status, "%s: status %u", row->text, guard->status);
    cr_expect_eq(guard->requests, row->requests, "%s: %u requests", row->text, guard->requests);
    cr_expect_eq(guard->why == NULL, guard->status == 0);
}

/* The same answer in one piece and byte by byte. */
static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct http_guard guard;
        size_t len = strlen(rows[i].text);

        http_guard_init(&guard);
        cr_expect_eq(http_guard_take(&guard, rows[i].text, len), rows[i].status == 0);
        expect(&rows[i], &guard);

        http_guard_init(&guard);
        for (size_t at = 0; at < len; at++)
            http_guard_take(&guard, rows[i].text + at, 1);
        expect(&rows[i], &guard);
    }
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows))

Test(http_guard, plain_requests_pass)
{
    static const struct row rows[] = {
        { "GET / HTTP/1.0\r\n\r\n", 0, 1 },
        { "GET / HTTP/1.1\r\n" H "\r\n", 0, 1 },
        { "HEAD /a/../%2e%2e/%00?b#c HTTP/1.1\r\nhOST:\r\n\r\n", 0, 1 },
        { "GET http://elsewhere/a HTTP/1.1\r\n" H "\r\n", 0, 1 },
        { "GET / HTTP/1.0\r\nA:\r\nB: \t \r\nC:\xE4\xFF\r\n\r\n", 0, 1 },
        { "GET / HTTP/1.0\r\nContent-Length: 0\r\n\r\n", 0, 1 },
        { "GET / HTTP/1.0\r\ncontent-length:\t000 \t\r\n\r\n", 0, 1 },
        { "GET / HTTP/1.0\r\n\r\nHEAD / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n", 0, 3 },
        { "GET / HTTP/1.0\r\nContent-Length: 0\r\n\r\nGET / HTTP/1.0\r\nContent-Length: 0\r\n\r\n",
          0, 2 },
        { "GET / HT", 0, 0 },
        { "GET / HTTP/1.0\r\n\r", 0, 0 },
        { "", 0, 0 },
    };

    CHECK(rows);
}

Test(http_guard, whatever_others_may_read_in_another_way_is_refused)
{
    static const struct row rows[] = {
        { "GET / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "transfer-encoding: identity\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "Transfer-Encoding:\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "Transfer-Encoding: x\r\nContent-Length: 0\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "Content-Length: 0\r\nContent-Length: 5\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "Content-Length: 0, 0\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "Content-Length: +0\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "Content-Length: -0\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "Content-Length: 0x0\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "Content-Length: 0000000000000000000000005\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "Content-Length : 0\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H " folded\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "\tfolded\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n folded: x\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "no colon\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H ": no name\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "na\xE4me: x\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H H "\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\n" H "\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\nHost: x\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "\n", 400, 0 },
        { "GET / HTTP/1.1\r\nHost: x\rA: y\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\r\n" H "\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\n" H "\r\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\nHost: x\x01\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.1\r\nHost: x\x7F\r\n\r\n", 400, 0 },
        { "\r\nGET / HTTP/1.0\r\n\r\n", 400, 0 },
        { " GET / HTTP/1.0\r\n\r\n", 400, 0 },
        { "GET  / HTTP/1.0\r\n\r\n", 400, 0 },
        { "GET /  HTTP/1.0\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.0 \r\n\r\n", 400, 0 },
        { "GET / x HTTP/1.0\r\n\r\n", 400, 0 },
        { "GET\t/ HTTP/1.0\r\n\r\n", 400, 0 },
        { "GET /\x80 HTTP/1.0\r\n\r\n", 400, 0 },
        { "GET /\r\n", 400, 0 },
        { "GET / http/1.0\r\n\r\n", 400, 0 },
        { "GET / HTTP/1.0x-and-so-on-and-on-and-on\r\n\r\n", 400, 0 },
        { "\x16\x03\x01\x02", 400, 0 },
        { "GET / HTTP/1.0\r\n\r\nGET /\r\n", 400, 1 },
        { "GET / HTTP/1.0\r\n\r\nhello", 0, 1 },
        { "GET / HTTP/1.0\r\n\r\nhello\r\n", 400, 1 },
    };

    CHECK(rows);
}

Test(http_guard, other_methods_and_versions_are_told_apart)
{
    static const struct row rows[] = {
        { "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello", 405, 0 },
        { "PUT / HTTP/1.0\r\n\r\n", 405, 0 },
        { "OPTIONS * HTTP/1.0\r\n\r\n", 405, 0 },
        { "CONNECT a:1 HTTP/1.1\r\n" H "\r\n", 405, 0 },
        { "get / HTTP/1.0\r\n\r\n", 501, 0 },
        { "GETS / HTTP/1.0\r\n\r\n", 501, 0 },
        { "GE / HTTP/1.0\r\n\r\n", 501, 0 },
        { "A-METHOD-THAT-IS-LONGER-THAN-THE-WORD / HTTP/1.0\r\n\r\n", 501, 0 },
        { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, 0 },
        { "GET / HTTP/1.2\r\n\r\n", 505, 0 },
        { "GET / HTTP/0.9\r\n\r\n", 505, 0 },
        { "GET / HTTP/11\r\n\r\n", 505, 0 },
    };

    CHECK(rows);
}

/* Every byte, in a name, a target and a value. */
Test(http_guard, each_place_has_its_characters)
{
    for (unsigned c = 1; c < 256; c++) {
        const char *token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        bool is_token = strchr(token, (int)c) != NULL;
        bool is_visible = c > ' ' && c < 0x7F;
        bool is_value = c >= ' ' ? c != 0x7F : c == '\t';
        char text[64];
        struct http_guard guard;

        snprintf(text, sizeof text, "GET / HTTP/1.0\r\na%cb: x\r\n\r\n", (char)c);
        http_guard_init(&guard);
        /* A colon ends the name. */
        cr_expect_eq(http_guard_take(&guard, text, strlen(text)), is_token || c == ':', "%u", c);

        snprintf(text, sizeof text, "GET /%c HTTP/1.0\r\n\r\n", (char)c);
        http_guard_init(&guard);
        cr_expect_eq(http_guard_take(&guard, text, strlen(text)), is_visible, "%u", c);

        snprintf(text, sizeof text, "GET / HTTP/1.0\r\na:%c\r\n\r\n", (char)c);
        http_guard_init(&guard);
        cr_expect_eq(http_guard_take(&guard, text, strlen(text)), is_value, "%u", c);
    }
}

Test(http_guard, a_nul_is_refused_wherever_it_is)
{
    static const char text[] = "GET /x HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n";
    size_t len = sizeof text - 1;

    for (size_t at = 0; at < len; at++) {
        struct http_guard guard;
        char bytes[sizeof text];

        memcpy(bytes, text, sizeof text);
        bytes[at] = '\0';
        http_guard_init(&guard);
        http_guard_take(&guard, bytes, len);
        cr_expect_eq(guard.status, 400, "at %zu: %u", at, guard.status);
        cr_expect_eq(guard.requests, 0);
    }
}

/* `count` bytes of `c` behind `head`. */
static unsigned status_of(const char *head, char c, size_t count)
{
    struct http_guard guard;

    http_guard_init(&guard);
    http_guard_take(&guard, head, strlen(head));
    for (size_t i = 0; i < count; i++)
        http_guard_take(&guard, &c, 1);
    return guard.status;
}

Test(http_guard, what_is_too_long_is_refused_as_soon_as_it_is)
{
    cr_expect_eq(status_of("GET /", 'a', HTTP_GUARD_TARGET_MAX - 1), 0);
    cr_expect_eq(status_of("GET /", 'a', HTTP_GUARD_TARGET_MAX), 414);
    cr_expect_eq(status_of("GET / HTTP/1.1\r\nA: ", 'a', HTTP_GUARD_HEAD_MAX - 19), 0);
    cr_expect_eq(status_of("GET / HTTP/1.1\r\nA: ", 'a', HTTP_GUARD_HEAD_MAX - 18), 431);
    cr_expect_eq(status_of("", 'a', HTTP_GUARD_HEAD_MAX + 1), 431);
}

Test(http_guard, too_many_headers_are_refused)
{
    struct http_guard guard;
    char line[32];

    http_guard_init(&guard);
    http_guard_take(&guard, "GET / HTTP/1.0\r\n", 16);
    for (unsigned i = 0; i < HTTP_GUARD_HEADERS_MAX; i++) {
        int len = snprintf(line, sizeof line, "A%u: b\r\n", i);
        cr_assert(http_guard_take(&guard, line, (size_t)len));
    }
    http_guard_take(&guard, "B: c\r\n", 6);
    cr_expect_eq(guard.status, 431);
}

Test(http_guard, limits_are_those_of_each_request)
{
    struct http_guard guard;
    static const char text[] = "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";

    http_guard_init(&guard);
    for (unsigned i = 1; i <= HTTP_GUARD_HEAD_MAX; i++) {
        cr_assert(http_guard_take(&guard, text, strlen(text)));
        cr_assert_eq(guard.requests, i);
        cr_assert_eq(guard.size, 0);
    }
}
