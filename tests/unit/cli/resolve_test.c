/*
 * Only addresses and names of this machine are looked up, and one in a domain that by definition
 * holds none (RFC 6761).
 */
#include "cli/push/resolve.h"

#include <criterion/criterion.h>
#include <string.h>

#define PATIENCE_MS 5000

static const volatile sig_atomic_t never;
static const volatile sig_atomic_t at_once = 1;

static struct resolve_request resolved(const char *name, int family)
{
    struct resolve_request request = { .name = name };

    cr_assert(resolve_all(&request, 1, family, PATIENCE_MS, &never));
    return request;
}

static void expect_address(const struct resolve_request *request, const char *expected)
{
    char text[ADDRESS_TEXT_MAX];

    cr_assert(request->found, "%s", request->failure.text);
    cr_assert_str_eq(address_host_text(&request->address, text), expected);
    cr_assert_eq(address_port(&request->address), 0);
}

Test(resolve, takes_addresses_as_they_are)
{
    static const char *const addresses[] = { "192.168.1.40", "2001:db8::1", "::1" };

    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct resolve_request request = resolved(addresses[i], AF_UNSPEC);
        expect_address(&request, addresses[i]);
    }
}

Test(resolve, takes_ipv6_in_brackets)
{
    struct resolve_request request = resolved("[2001:db8::1]", AF_UNSPEC);

    expect_address(&request, "2001:db8::1");
}

Test(resolve, looks_names_up_and_prefers_ipv4)
{
    struct resolve_request request = resolved("localhost", AF_UNSPEC);

    expect_address(&request, "127.0.0.1");
}

Test(resolve, answers_all_at_once_in_their_order)
{
    struct resolve_request requests[] = {
        { .name = "10.0.0.7" }, { .name = "localhost" }, { .name = "" }, { .name = "::1" }
    };

    cr_assert(resolve_all(requests, 4, AF_UNSPEC, PATIENCE_MS, &never));
    expect_address(&requests[0], "10.0.0.7");
    expect_address(&requests[1], "127.0.0.1");
    cr_assert_not(requests[2].found);
    expect_address(&requests[3], "::1");
}

Test(resolve, nothing_to_do_is_done)
{
    cr_assert(resolve_all(NULL, 0, AF_UNSPEC, PATIENCE_MS, &never));
}

/* A network whose resolver is silent makes this one wait for its limit, not longer. */
Test(resolve, tells_when_a_name_does_not_exist, .timeout = 60)
{
    struct resolve_request request = resolved("no-such-device.invalid", AF_UNSPEC);

    cr_assert_not(request.found);
    cr_assert_eq(request.failure.code, EXIT_NOT_FOUND);
    cr_assert_not_null(strstr(request.failure.text, "\"no-such-device.invalid\""));
    cr_assert_not_null(strstr(request.failure.text, "-i"), "the next step");
}

Test(resolve, a_signal_ends_the_wait)
{
    struct resolve_request request = { .name = "no-such-device.invalid" };

    /* The answer may be there before anybody looks. */
    bool finished = resolve_all(&request, 1, AF_UNSPEC, PATIENCE_MS, &at_once);
    cr_assert_not(request.found);
    cr_assert(finished || request.failure.code == EXIT_NOT_FOUND);
}

Test(resolve, does_not_wait_beyond_its_limit)
{
    struct resolve_request request = { .name = "no-such-device.invalid" };

    cr_assert(resolve_all(&request, 1, AF_UNSPEC, 0, &never));
    cr_assert_not(request.found);
    cr_assert_eq(request.failure.code, EXIT_NOT_FOUND);
}

Test(resolve, a_family_excludes_the_other)
{
    struct resolve_request request = resolved("localhost", AF_INET6);

    if (request.found)
        cr_assert_eq(request.address.u.any.sa_family, AF_INET6);
    else
        cr_assert_eq(request.failure.code, EXIT_NOT_FOUND);
}

Test(resolve, a_name_of_any_length_is_no_problem)
{
    static char name[4000];

    memset(name, 'x', sizeof name - 1);
    struct resolve_request request = resolved(name, AF_UNSPEC);
    cr_assert_not(request.found);
    cr_assert_eq(request.failure.code, EXIT_NOT_FOUND);
}
