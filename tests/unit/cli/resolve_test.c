/*
 * Only names of this machine are looked up, and one in a domain that by definition holds none (RFC
 * 6761).
 */
#include "cli/discover/resolve.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <string.h>

#define PATIENCE_S 30

static struct event_base *base;

static void setup(void)
{
    base = event_base_new();
    cr_assert_not_null(base);
}

static void teardown(void)
{
    event_base_free(base);
}

TestSuite(resolve, .init = setup, .fini = teardown, .timeout = 60);

struct answer {
    unsigned count;
    bool found;
    struct address address;
    char why[256];
};

static void on_answer(void *ctx, const struct address *address, const char *why)
{
    struct answer *answer = ctx;

    answer->count++;
    answer->found = address;
    if (address)
        answer->address = *address;
    else
        snprintf(answer->why, sizeof answer->why, "%s", why);
    event_base_loopbreak(base);
}

static struct answer resolved(const char *name, int family)
{
    const struct timeval patience = { .tv_sec = PATIENCE_S };
    struct answer answer = { 0 };

    cr_assert_not_null(resolve_start(base, name, family, on_answer, &answer));
    event_base_loopexit(base, &patience);
    event_base_dispatch(base);
    cr_assert_eq(answer.count, 1, "%u answers", answer.count);
    return answer;
}

Test(resolve, prefers_ipv4)
{
    struct answer answer = resolved("localhost", AF_UNSPEC);
    char text[ADDRESS_TEXT_MAX];

    cr_assert(answer.found, "%s", answer.why);
    cr_assert_str_eq(address_host_text(&answer.address, text), "127.0.0.1");
    cr_assert_eq(address_port(&answer.address), 0);
}

Test(resolve, a_family_excludes_the_other)
{
    struct answer answer = resolved("localhost", AF_INET6);

    if (answer.found)
        cr_assert_eq(answer.address.u.any.sa_family, AF_INET6);
    else
        cr_assert_neq(answer.why[0], '\0');
}

Test(resolve, says_why_a_name_has_no_address)
{
    struct answer answer = resolved("no-such-device.invalid", AF_UNSPEC);

    cr_assert_not(answer.found);
    cr_assert_neq(answer.why[0], '\0');
}

Test(resolve, a_name_of_any_length_is_no_problem)
{
    char name[4000];

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    cr_assert_not(resolved(name, AF_UNSPEC).found);
}

/* The name may be gone by the time the resolver's thread reads it. */
Test(resolve, what_is_cancelled_does_not_answer)
{
    const struct timeval while_ago = { .tv_usec = 200000 };
    struct answer answer = { 0 };

    for (int i = 0; i < 20; i++) {
        char name[64];
        snprintf(name, sizeof name, "no-such-device-%d.invalid", i);
        struct resolve *resolve = resolve_start(base, name, AF_UNSPEC, on_answer, &answer);
        cr_assert_not_null(resolve);
        resolve_cancel(resolve);
    }
    resolve_cancel(NULL);
    event_base_loopexit(base, &while_ago);
    event_base_dispatch(base);
    cr_assert_eq(answer.count, 0);
}
