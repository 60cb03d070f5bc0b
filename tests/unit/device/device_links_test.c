/*
 * Which addresses a device announces on which interfaces, of a machine that the test makes up.
 */
#include "device/simulator/device_links.h"

#include "device/port/posix/posix_address.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define ENTRIES_MAX 80
#define TEXT_MAX    512

#define UP  (IFF_UP | IFF_MULTICAST)
#define LO  (IFF_UP | IFF_LOOPBACK)
#define PTP (IFF_UP | IFF_POINTOPOINT)

/* As getifaddrs() returns it. */
struct entry {
    struct ifaddrs ifaddrs;
    struct sockaddr_storage address;
    struct sockaddr_storage mask;
    char name[IF_NAMESIZE];
};

static struct entry entries[ENTRIES_MAX];
static size_t count;

static void has(const char *name, unsigned flags, const char *address, unsigned scope)
{
    struct entry *entry = &entries[count];
    struct sockaddr_in mask = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0xFF000000) };
    struct ota_address read;

    cr_assert_lt(count, ENTRIES_MAX);
    snprintf(entry->name, sizeof entry->name, "%s", name);
    memcpy(&entry->mask, &mask, sizeof mask);
    entry->ifaddrs = (struct ifaddrs){ .ifa_name = entry->name,
                                       .ifa_flags = flags,
                                       .ifa_netmask = (struct sockaddr *)&entry->mask };
    if (address) {
        cr_assert(posix_address_parse(&read, address), "%s", address);
        read.scope = scope;
        posix_address_to_socket(&read, &entry->address);
        entry->ifaddrs.ifa_addr = (struct sockaddr *)&entry->address;
    }
    if (count > 0)
        entries[count - 1].ifaddrs.ifa_next = &entry->ifaddrs;
    count++;
}

static void usual_machine(void)
{
    has("lo", LO, "127.0.0.1", 0);
    has("eth0", UP, "192.0.2.5", 0);
    has("eth0:1", UP, "192.0.2.6", 0);
    has("wlan0", UP, "198.51.100.7", 0);
    has("wlan1", IFF_MULTICAST, "203.0.113.9", 0);
    has("tun0", PTP, "203.0.113.10", 0);
    has("lo", LO, "::1", 0);
    has("eth0", UP, "2001:db8::5", 0);
    has("eth0", UP, "fe80::5", 2);
    has("wlan0", UP, "fe80::5", 3);
    has("eth0", UP, NULL, 0);
}

/* "lo 127.0.0.1, eth0 192.0.2.5" */
static void expect_links(const char *bound_to, unsigned scope, const char *expected)
{
    struct device_links links;
    struct ota_address bound;
    char text[TEXT_MAX] = "";

    cr_assert(posix_address_parse(&bound, bound_to));
    bound.port = 8266;
    bound.scope = scope;
    device_links_select(&links, count > 0 ? &entries[0].ifaddrs : NULL, &bound);
    for (size_t i = 0; i < links.count; i++) {
        const struct device_link *link = &links.link[i];
        char address[INET6_ADDRSTRLEN];
        inet_ntop(link->address.length == 4 ? AF_INET : AF_INET6, link->address.bytes, address,
                  sizeof address);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s %s", i > 0 ? ", " : "",
                 link->interface_name, address);
        cr_expect_eq(link->is_loopback, strcmp(link->interface_name, "lo") == 0);
        cr_expect_eq(link->address.port, 0);
    }
    cr_assert_str_eq(text, expected);
}

Test(device_links, an_address_is_announced_on_its_interface_alone)
{
    usual_machine();
    expect_links("127.0.0.1", 0, "lo 127.0.0.1");
    expect_links("192.0.2.5", 0, "eth0 192.0.2.5");
    expect_links("192.0.2.6", 0, "eth0 192.0.2.6");
    expect_links("::1", 0, "lo ::1");
    expect_links("2001:db8::5", 0, "eth0 2001:db8::5");
}

Test(device_links, a_link_local_address_belongs_to_the_interface_of_its_scope)
{
    usual_machine();
    expect_links("fe80::5", 2, "eth0 fe80::5");
    expect_links("fe80::5", 3, "wlan0 fe80::5");
    expect_links("fe80::5", 4, "");
}

Test(device_links, every_address_of_the_loopback_net_is_on_the_loopback_interface)
{
    usual_machine();
    expect_links("127.0.0.2", 0, "lo 127.0.0.2");
    expect_links("127.9.9.9", 0, "lo 127.9.9.9");
    /* Not so of another: the address itself must be there. */
    expect_links("192.0.2.7", 0, "");
}

Test(device_links, an_exact_address_comes_before_a_net_it_is_in)
{
    has("lo", LO, "127.0.0.1", 0);
    has("dummy0", UP, "127.0.0.2", 0);
    expect_links("127.0.0.2", 0, "dummy0 127.0.0.2");
}

Test(device_links, every_ipv4_address_of_interfaces_that_can_do_mdns)
{
    usual_machine();
    expect_links("0.0.0.0", 0, "lo 127.0.0.1, eth0 192.0.2.5, eth0 192.0.2.6, wlan0 198.51.100.7");
}

Test(device_links, every_address_of_either_kind)
{
    usual_machine();
    expect_links("::", 0,
                 "lo 127.0.0.1, eth0 192.0.2.5, eth0 192.0.2.6, wlan0 198.51.100.7, lo ::1, "
                 "eth0 2001:db8::5, eth0 fe80::5, wlan0 fe80::5");
}

Test(device_links, an_ipv4_address_as_a_socket_of_ipv6_shows_it)
{
    usual_machine();
    expect_links("::ffff:192.0.2.5", 0, "eth0 192.0.2.5");
}

Test(device_links, an_address_that_is_down_or_nowhere)
{
    expect_links("0.0.0.0", 0, "");
    usual_machine();
    expect_links("203.0.113.9", 0, "");
    expect_links("203.0.113.10", 0, "");
    expect_links("2001:db8::6", 0, "");
}

Test(device_links, more_addresses_than_are_announced)
{
    struct device_links links;
    struct ota_address bound;

    for (int i = 0; i < ENTRIES_MAX; i++)
        has("eth0", UP, "192.0.2.5", 0);
    cr_assert(posix_address_parse(&bound, "0.0.0.0"));
    device_links_select(&links, &entries[0].ifaddrs, &bound);
    cr_assert_eq(links.count, DEVICE_LINKS_MAX);
}

Test(device_links, the_first_link_on_each_interface)
{
    static const bool first[] = { true, true, false, true, false, false, false, false };
    struct device_links links;
    struct ota_address bound;

    usual_machine();
    cr_assert(posix_address_parse(&bound, "::"));
    device_links_select(&links, &entries[0].ifaddrs, &bound);
    cr_assert_eq(links.count, sizeof first / sizeof *first);
    for (size_t i = 0; i < links.count; i++)
        cr_expect_eq(device_links_is_first(&links, i), first[i], "link %zu", i);
}

/* Those of the machine as it is, as a device sees them that is bound to 0.0.0.0. */
static struct device_links links_now(void)
{
    struct device_links links;
    struct ota_address bound;

    cr_assert(posix_address_parse(&bound, "0.0.0.0"));
    device_links_select(&links, &entries[0].ifaddrs, &bound);
    return links;
}

Test(device_links, the_same_as_before_or_others)
{
    struct device_links before;
    struct device_links now;

    usual_machine();
    before = links_now();
    now = links_now();
    cr_assert(device_links_equal(&before, &now));
    now.link[1].address.bytes[3]++;
    cr_assert_not(device_links_equal(&before, &now), "another address");
    now = before;
    now.link[1].interface_name[0]++;
    cr_assert_not(device_links_equal(&before, &now), "another interface");
    now = before;
    now.link[1].interface++;
    cr_assert_not(device_links_equal(&before, &now), "a new interface of the old name");
    now = before;
    now.count--;
    cr_assert_not(device_links_equal(&before, &now), "one less");
    cr_assert_not(device_links_equal(&now, &before), "one more");
}

/* Every machine has a loopback interface. */
Test(device_links, the_machines_own)
{
    struct device_links links;
    struct ota_address bound;

    cr_assert(posix_address_parse(&bound, "127.0.0.1"));
    cr_assert(device_links_find(&links, &bound));
    cr_assert_eq(links.count, 1);
    cr_assert(links.link[0].is_loopback);
    cr_assert_eq(links.link[0].interface, (int)if_nametoindex(links.link[0].interface_name));
}
