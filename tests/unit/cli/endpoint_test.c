#include "cli/push/endpoint.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Descriptors of a test, closed also when it fails. */
static int fds[16];
static size_t fd_count;
static struct failure failure;

static void leave(void)
{
    while (fd_count > 0)
        close(fds[--fd_count]);
}

TestSuite(endpoint, .fini = leave);

static int keep(int fd)
{
    if (fd >= 0)
        fds[fd_count++] = fd;
    return fd;
}

static const struct address nowhere = { .len = 0 };

static struct address at(const char *text, uint16_t port)
{
    struct address address;

    cr_assert(address_parse(&address, text));
    address_set_port(&address, port);
    return address;
}

static int open_udp(const char *device, const struct address *bind_to, struct address *local)
{
    struct address address = at(device, 8266);

    return keep(endpoint_open_udp(&address, bind_to, local, &failure));
}

static int listen_at(struct address *local, uint16_t first, uint16_t last)
{
    return keep(endpoint_listen(local, (struct port_range){ first, last }, &failure));
}

/* `count` ports in a row of which all but the last are taken; returns the first. */
static uint16_t take_ports(uint16_t count)
{
    for (int try = 0; try < 100; try++) {
        struct address local = at("127.0.0.1", 0);
        size_t before = fd_count;
        cr_assert_geq(listen_at(&local, 0, 0), 0, "%s", failure.text);
        uint16_t first = address_port(&local);
        bool ok = first <= UINT16_MAX - count;
        for (uint16_t i = 1; ok && i < count; i++) {
            struct address next = at("127.0.0.1", 0);
            ok = listen_at(&next, (uint16_t)(first + i), (uint16_t)(first + i)) >= 0;
        }
        if (ok) {
            close(fds[--fd_count]);
            return first;
        }
        while (fd_count > before)
            close(fds[--fd_count]);
    }
    cr_assert_fail("there are no free ports in a row");
    return 0;
}

static bool ipv6_works(void)
{
    struct address local = at("::1", 0);

    return listen_at(&local, 0, 0) >= 0;
}

/* --- UDP -------------------------------------------------------------------------------------- */

Test(endpoint, finds_the_local_address_that_leads_to_the_device)
{
    struct address local;
    char text[ADDRESS_TEXT_MAX];
    int fd = open_udp("127.0.0.1", &nowhere, &local);

    cr_assert_geq(fd, 0, "%s", failure.text);
    cr_assert_str_eq(address_host_text(&local, text), "127.0.0.1");
}

Test(endpoint, is_connected_to_the_device_non_blocking_and_closed_on_exec)
{
    struct address local;
    struct address peer;
    struct sockaddr_storage name;
    socklen_t len = sizeof name;
    int fd = open_udp("127.0.0.1", &nowhere, &local);

    cr_assert_geq(fd, 0, "%s", failure.text);
    cr_assert_eq(getpeername(fd, (struct sockaddr *)&name, &len), 0);
    cr_assert(address_from(&peer, (struct sockaddr *)&name, len));
    cr_assert_eq(address_port(&peer), 8266);
    cr_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
    cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

Test(endpoint, invites_from_the_address_that_was_asked_for)
{
    struct address bind_to = at("127.0.0.9", 0);
    struct address local;
    struct address source;
    struct sockaddr_storage name;
    socklen_t len = sizeof name;
    int fd = open_udp("127.0.0.1", &bind_to, &local);

    cr_assert_geq(fd, 0, "%s", failure.text);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&name, &len), 0);
    cr_assert(address_from(&source, (struct sockaddr *)&name, len));
    cr_assert(address_same_host(&source, &bind_to));
    cr_assert(address_same_host(&local, &bind_to));
}

Test(endpoint, an_address_of_the_wrong_family_is_refused)
{
    struct address v4 = at("127.0.0.1", 0);
    struct address v6 = at("::1", 0);
    struct address local;

    cr_assert_eq(open_udp("::1", &v4, &local), -1);
    cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_assert_not_null(strstr(failure.text, "-I"), "%s", failure.text);
    cr_assert_eq(open_udp("127.0.0.1", &v6, &local), -1);
}

Test(endpoint, an_address_of_another_machine_is_refused)
{
    struct address other = at("192.0.2.1", 0); /* a documentation network */
    struct address local;

    cr_assert_eq(open_udp("127.0.0.1", &other, &local), -1);
    cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_assert_not_null(strstr(failure.text, "192.0.2.1"), "%s", failure.text);
    cr_assert_not_null(strstr(failure.text, strerror(EADDRNOTAVAIL)), "%s", failure.text);
}

Test(endpoint, ipv6)
{
    struct address local;
    char text[ADDRESS_TEXT_MAX];

    if (!ipv6_works())
        cr_skip_test("there is no IPv6 on this machine");
    cr_assert_geq(open_udp("::1", &nowhere, &local), 0, "%s", failure.text);
    cr_assert_str_eq(address_host_text(&local, text), "::1");
    cr_assert_geq(listen_at(&local, 0, 0), 0, "%s", failure.text);
    cr_assert_neq(address_port(&local), 0);
}

/* --- TCP -------------------------------------------------------------------------------------- */

Test(endpoint, listens_at_a_port_that_the_system_chooses)
{
    struct address local = at("127.0.0.1", 0);
    int fd = listen_at(&local, 0, 0);

    cr_assert_geq(fd, 0, "%s", failure.text);
    cr_assert_neq(address_port(&local), 0);
    cr_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
    cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

Test(endpoint, takes_the_first_free_port_of_a_range)
{
    uint16_t first = take_ports(3);
    uint16_t last = (uint16_t)(first + 2);
    struct address local = at("127.0.0.1", 0);

    cr_assert_geq(listen_at(&local, first, last), 0, "%s", failure.text);
    cr_assert_eq(address_port(&local), last);
}

Test(endpoint, tells_when_all_ports_of_a_range_are_taken)
{
    uint16_t first = take_ports(3);
    struct address local = at("127.0.0.1", 0);
    char range[32];

    snprintf(range, sizeof range, "from %u to %u", (unsigned)first, first + 1u);
    cr_assert_eq(listen_at(&local, first, (uint16_t)(first + 1)), -1);
    cr_assert_eq(errno, EADDRINUSE);
    cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_assert_not_null(strstr(failure.text, range), "%s", failure.text);
    cr_assert_not_null(strstr(failure.text, strerror(EADDRINUSE)), "%s", failure.text);
}

Test(endpoint, names_the_one_port_that_is_taken)
{
    uint16_t first = take_ports(2);
    struct address local = at("127.0.0.1", 0);
    char text[ADDRESS_TEXT_MAX];

    cr_assert_eq(listen_at(&local, first, first), -1);
    snprintf(text, sizeof text, "127.0.0.1:%u", (unsigned)first);
    cr_assert_not_null(strstr(failure.text, text), "%s", failure.text);
}

Test(endpoint, cannot_listen_at_an_address_of_another_machine)
{
    struct address local = at("192.0.2.1", 0);

    cr_assert_eq(listen_at(&local, 0, 0), -1);
    cr_assert_eq(errno, EADDRNOTAVAIL);
}

Test(endpoint, the_last_port_of_all_ends_the_search)
{
    struct address local = at("192.0.2.1", 0);

    cr_assert_eq(listen_at(&local, UINT16_MAX - 1, UINT16_MAX), -1);
}
