/*
 * Links: several at once, IPv6 with and without IPv4, packets that get lost, plugs that are pulled.
 */
#include "mdns_daemon.h"
#include "mdns_peers.h"
#include "mdns_rows.h"

#include <stdio.h>
#include <string.h>

WORLD_SUITE(mdns_links);

#define LAN                                       \
    &(struct world_link)                          \
    {                                             \
        .name = "lan", .ipv4 = true, .ipv6 = true \
    }

static void expect_two_interfaces(bool daemons)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(LAN, HOSTS(here, attic));
    world_link(&(struct world_link){ .name = "wlan", .ipv4 = true, .ipv6 = true },
               HOSTS(here, attic));
    if (daemons) {
        world_daemon(here);
        world_daemon(attic);
    }
    peer_device(attic, "kitchen", NULL);
    struct process *discover = discover_run(here, NULL);
    expect_exit(discover, 0);
    json_t *row = row_of(rows_of(discover), "kitchen");
    cr_assert(row_lists(row, "interfaces", "lan"), "%s", discover->out.text);
    cr_assert(row_lists(row, "interfaces", "wlan"), "%s", discover->out.text);
    cr_assert_eq(json_array_size(json_object_get(row, "interfaces")), 2);
    cr_assert(strncmp(row_text(row, "address"), "10.", 3) == 0);
    discover = discover_run(here, ARGS("--mdns-interface", "wlan", "--mdns", "embedded"));
    row = row_of(rows_of(discover), "kitchen");
    cr_assert_eq(json_array_size(json_object_get(row, "interfaces")), 1, "%s", discover->out.text);
    expect_text(row, "address", world_address(attic, "wlan", WORLD_IPV4).text);
}

Test(mdns_links, two_interfaces_are_one_row)
{
    expect_two_interfaces(false);
}

Test(mdns_links, two_interfaces_are_one_row_with_daemons)
{
    expect_two_interfaces(true);
}

/* What is left when one of two interfaces loses the device: the other. */
Test(mdns_links, one_of_two_plugs_is_pulled)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(LAN, HOSTS(here, attic));
    world_link(&(struct world_link){ .name = "wlan", .ipv4 = true }, HOSTS(here, attic));
    peer_publish(attic, ARGS("lan", "wlan"), ARGS("kitchen", "--ttl", "4"));
    struct process *watch = discover_watch(here, NULL);
    json_t *row = expect_event(watch, "add", "kitchen");
    while (!row_lists(row, "interfaces", "lan") || !row_lists(row, "interfaces", "wlan"))
        row = expect_event(watch, "change", "kitchen");
    world_unplug(attic, "lan");
    while (row_lists(row, "interfaces", "lan"))
        row = expect_event(watch, "change", "kitchen");
    cr_assert(row_lists(row, "interfaces", "wlan"));
}

static void expect_ipv6_alone(bool daemons)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");
    char scoped[80];

    world_link(&(struct world_link){ .name = "lan", .ipv6 = true }, HOSTS(here, attic));
    if (daemons) {
        world_daemon(here);
        world_daemon(attic);
    }
    peer_device(attic, "kitchen", ARGS("--bind", "::"));
    struct process *discover = discover_run(here, NULL);
    expect_exit(discover, 0);
    snprintf(scoped, sizeof scoped, "%s%%lan", world_address(attic, "lan", WORLD_IPV6).text);
    expect_text(row_of(rows_of(discover), "kitchen"), "address", scoped);
    discover = discover_run(here, ARGS("-4"));
    expect_exit(discover, 4);
}

Test(mdns_links, ipv6_of_the_link_alone_has_its_scope)
{
    expect_ipv6_alone(false);
}

Test(mdns_links, ipv6_of_the_link_alone_has_its_scope_with_daemons)
{
    expect_ipv6_alone(true);
}

Test(mdns_links, ipv6_of_the_link_is_the_last_resort)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(&(struct world_link){ .name = "lan", .ipv6 = true, .ula = true },
               HOSTS(here, attic));
    peer_publish(attic, ARGS("lan"),
                 ARGS("kitchen", "--record", world_address(attic, "lan", WORLD_IPV6).text,
                      "--record", world_address(attic, "lan", WORLD_ULA).text));
    struct process *discover = discover_run(here, NULL);
    expect_text(row_of(rows_of(discover), "kitchen"), "address",
                world_address(attic, "lan", WORLD_ULA).text);
}

Test(mdns_links, ipv4_is_preferred_unless_told_otherwise)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");
    struct world_text ula;

    world_link(&(struct world_link){ .name = "lan", .ipv4 = true, .ipv6 = true, .ula = true },
               HOSTS(here, attic));
    ula = world_address(attic, "lan", WORLD_ULA);
    peer_publish(attic, ARGS("lan"),
                 ARGS("kitchen", "--record", ula.text, "--record",
                      world_address(attic, "lan", WORLD_IPV4).text));
    struct process *discover = discover_run(here, NULL);
    expect_text(row_of(rows_of(discover), "kitchen"), "address",
                world_address(attic, "lan", WORLD_IPV4).text);
    discover = discover_run(here, ARGS("-6"));
    expect_text(row_of(rows_of(discover), "kitchen"), "address", ula.text);
}

/* A fifth of all datagrams is lost, either way, and yet all are found. */
static void expect_all_in_spite_of_loss(bool daemon)
{
    static const char *const names[] = { "a", "b", "c", "d", "e" };
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(&(struct world_link){ .name = "lan", .ipv4 = true }, HOSTS(here, attic));
    world_loss(here, 20);
    world_loss(attic, 20);
    if (daemon)
        world_daemon(here);
    for (size_t i = 0; i < 5; i++) {
        struct port_text port = port_text(8270 + (unsigned)i);
        peer_device(attic, names[i], ARGS("--port", port.text));
    }
    struct process *discover = discover_run(here, ARGS("--timeout", "12"));
    expect_exit(discover, 0);
    json_t *rows = rows_of(discover);
    for (size_t i = 0; i < 5; i++)
        row_of(rows, names[i]);
    cr_assert_eq(count_rows(rows, NULL), 5);
}

Test(mdns_links, loss_hides_nobody)
{
    expect_all_in_spite_of_loss(false);
}

Test(mdns_links, loss_hides_nobody_from_a_daemon)
{
    expect_all_in_spite_of_loss(true);
}
