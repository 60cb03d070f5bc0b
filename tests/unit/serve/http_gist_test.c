#include "cli/serve/http_gist.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct http_gist gist_of(const char *head)
{
    struct http_gist gist;

    http_gist_read(&gist, head, strlen(head));
    return gist;
}

static void expect_gist(const char *head, const char *method, const char *target,
                        const char *protocol, const char *agent, const char *referer)
{
    struct http_gist gist = gist_of(head);

    cr_expect_str_eq(gist.method, method, "of %s", head);
    cr_expect_str_eq(gist.target, target, "of %s", head);
    cr_expect_str_eq(gist.protocol, protocol, "of %s", head);
    cr_expect_str_eq(gist.user_agent, agent, "of %s", head);
    cr_expect_str_eq(gist.referer, referer, "of %s", head);
}

Test(http_gist, of_a_head_that_is_whole_everything_is_known)
{
    expect_gist("POST /a?b HTTP/1.1\r\nHost: x\r\nUSER-AGENT: curl/8 (x)\r\nReferer:y \r\n\r\n",
                "POST", "/a?b", "HTTP/1.1", "curl/8 (x)", "y");
}

Test(http_gist, what_is_behind_the_head_is_none_of_it)
{
    expect_gist("GET / HTTP/1.0\r\n\r\nUser-Agent: smuggled\r\n", "GET", "/", "HTTP/1.0", "", "");
}

Test(http_gist, the_first_of_several_headers_holds)
{
    expect_gist("GET / HTTP/1.0\nUser-Agent: a\nUser-Agent: b\n\n", "GET", "/", "HTTP/1.0", "a",
                "");
}

Test(http_gist, of_half_a_head_half_is_known)
{
    expect_gist("", "", "", "", "", "");
    expect_gist("GET", "GET", "", "", "", "");
    expect_gist("GET /abc", "GET", "/abc", "", "", "");
    expect_gist("GET /abc HTTP/", "GET", "/abc HTTP/", "", "", "");
    expect_gist("GET /abc HTTP/9\r\nUser-Age", "GET", "/abc", "HTTP/9", "", "");
    expect_gist("GET /abc HTTP/9\r\nUser-Agent: cu", "GET", "/abc", "HTTP/9", "cu", "");
}

Test(http_gist, spaces_in_a_target_are_part_of_it)
{
    expect_gist("GET /a b  HTTP/1.1\r\n", "GET", "/a b", "HTTP/1.1", "", "");
}

Test(http_gist, what_does_not_begin_with_a_method_has_nothing_behind_it)
{
    expect_gist("\x16\x03\x01 / HTTP/1.1\r\nUser-Agent: a\r\n\r\n", "", "", "", "a", "");
    expect_gist(" GET / HTTP/1.1\r\n", "", "", "", "", "");
    expect_gist("ABCDEFGHIJKLMNOP / HTTP/1.1\r\n", "", "", "", "", "");
}

Test(http_gist, long_texts_are_cut)
{
    static char head[8192];
    struct http_gist gist;

    memset(head, 'a', sizeof head);
    memcpy(head, "GET /", 5);
    http_gist_read(&gist, head, sizeof head);
    cr_expect_eq(strlen(gist.target), sizeof gist.target - 1);
}

/* Each in memory of its own, so that reading one byte too far is seen. */
Test(http_gist, it_may_end_behind_every_byte)
{
    static const char head[] = "GET /x HTTP/1.1\r\nReferer: a\r\nUser-Agent:  b\r\n\r\n";

    for (size_t len = 1; len < sizeof head; len++) {
        struct http_gist gist;
        char *copy = malloc(len);
        cr_assert(copy);
        memcpy(copy, head, len);
        http_gist_read(&gist, copy, len);
        cr_expect_eq(strncmp(gist.method, "GET", len), 0);
        free(copy);
    }
}
