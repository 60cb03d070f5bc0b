/*
 * Devices that come, go, change, die without a word, or are called like another one.
 */
#include "mdns_daemon.h"
#include "mdns_peers.h"
#include "mdns_rows.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

WORLD_SUITE(mdns_leaving);

#define LAN                         \
    &(struct world_link)            \
    {                               \
        .name = "lan", .ipv4 = true \
    }

static void expect_death_noticed(bool daemon)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(LAN, HOSTS(here, attic));
    if (daemon)
        world_daemon(here);
    struct process *device = peer_publish(attic, ARGS("lan"), ARGS("kitchen", "--ttl", "4"));
    struct process *watch = discover_watch(here, NULL);
    expect_event(watch, "add", "kitchen");
    world_kill(device);
    expect_event(watch, "remove", "kitchen");
    peer_publish(attic, ARGS("lan"), ARGS("kitchen", "--ttl", "120", "--board", "d1"));
    expect_text(expect_event(watch, "add", "kitchen"), "board", "d1");
}

Test(mdns_leaving, a_death_without_goodbye_is_noticed)
{
    expect_death_noticed(false);
}

Test(mdns_leaving, a_death_without_goodbye_is_noticed_with_a_daemon)
{
    expect_death_noticed(true);
}

/* Of two with one name the second takes another one; both are found. */
static void expect_clash_solved(bool daemons)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");
    struct world_host *cellar = world_host("cellar");

    world_link(LAN, HOSTS(here, attic, cellar));
    if (daemons) {
        world_daemon(attic);
        world_daemon(cellar);
    }
    peer_device(attic, "kitchen", NULL);
    struct process *second = peer_device(cellar, "kitchen", NULL);
    cr_assert(process_expect(second, &second->out, "renamed ", E2E_PATIENCE_MS), "%s",
              second->out.text);
    struct process *discover = discover_run(here, NULL);
    expect_exit(discover, 0);
    json_t *rows = rows_of(discover);
    cr_assert_eq(count_rows(rows, NULL), 2, "%s", discover->out.text);
    expect_text(row_of(rows, "kitchen"), "address", world_address(attic, "lan", WORLD_IPV4).text);
    json_t *other = json_array_get(rows, json_array_get(rows, 0) == row_of(rows, "kitchen"));
    cr_assert_eq(strncmp(row_text(other, "name"), "kitchen", 7), 0, "%s", discover->out.text);
    expect_text(other, "address", world_address(cellar, "lan", WORLD_IPV4).text);
    cr_assert_str_neq(row_text(other, "hostname"), "kitchen.local");
}

Test(mdns_leaving, a_name_clash_is_solved)
{
    expect_clash_solved(false);
}

Test(mdns_leaving, a_name_clash_is_solved_by_daemons)
{
    expect_clash_solved(true);
}

/* Forty that are hardly real, and three that are. */
static void expect_forty(bool daemon)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");
    struct world_host *cellar = world_host("cellar");
    char name[32];

    world_link(LAN, HOSTS(here, attic, cellar));
    if (daemon)
        world_daemon(here);
    peer_publish(attic, ARGS("lan"), ARGS("crowd", "--count", "40"));
    peer_device(cellar, "Kitchen", NULL);
    peer_device(cellar, "boiler", ARGS("--port", "8267"));
    peer_device(cellar, "zoo", ARGS("--port", "8268", "--password", "secret"));
    struct process *discover = discover_run(here, ARGS("--timeout", "6"));
    expect_exit(discover, 0);
    json_t *rows = rows_of(discover);
    for (unsigned i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "crowd-%03u", i);
        row_of(rows, name);
    }
    row_of(rows, "Kitchen");
    row_of(rows, "boiler");
    cr_assert(json_is_true(json_object_get(row_of(rows, "zoo"), "auth")));
    cr_assert_eq(count_rows(rows, NULL), 43);
    expect_sorted(rows);
    discover = discover_run(here, ARGS("--match", "crowd-00*"));
    cr_assert_eq(count_rows(rows_of(discover), NULL), 10);
}

Test(mdns_leaving, forty_at_once)
{
    expect_forty(false);
}

Test(mdns_leaving, forty_at_once_with_a_daemon)
{
    expect_forty(true);
}

/* ---- python3-zeroconf ---- */

Test(mdns_leaving, zeroconf_comes_and_goes)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(LAN, HOSTS(here, attic));
    struct process *watch = discover_watch(here, NULL);
    struct process *peer = peer_publish(
        attic, ARGS("lan"), ARGS("kitchen", "--port", "3232", "--board", "esp32", "--auth", "yes"));
    json_t *row = expect_event(watch, "add", "kitchen");
    expect_text(row, "hostname", "kitchen.local");
    expect_text(row, "board", "esp32");
    expect_text(row, "address", world_address(attic, "lan", WORLD_IPV4).text);
    cr_assert_eq(json_integer_value(json_object_get(row, "port")), 3232);
    cr_assert(json_is_true(json_object_get(row, "auth")));
    peer_leave(peer);
    expect_event(watch, "remove", "kitchen");
}

static void expect_heard(struct process *browser, const char *text)
{
    cr_assert(process_expect(browser, &browser->out, text, E2E_PATIENCE_MS), "no %s in %s%s", text,
              browser->out.text, browser->err.text);
}

static void expect_zeroconf_sees_us(bool daemon)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");
    char address[96];

    world_link(LAN, HOSTS(here, attic));
    if (daemon)
        world_daemon(attic);
    struct process *browser = peer_browse(here, ARGS("lan"));
    struct process *device =
        peer_device(attic, "my kitchen", ARGS("--board", "nodemcuv2", "--password", "secret"));
    expect_heard(browser, "\"added\", \"name\": \"my kitchen\"");
    snprintf(address, sizeof address, "\"addresses\": [\"%s\"]",
             world_address(attic, "lan", WORLD_IPV4).text);
    expect_heard(browser, address);
    expect_heard(browser, "\"host\": \"my-kitchen.local.\", \"port\": 8266");
    expect_heard(browser, "{\"tcp_check\": \"no\", \"ssh_upload\": \"no\", \"board\": "
                          "\"nodemcuv2\", \"auth_upload\": \"yes\"}");
    process_signal(device, SIGTERM);
    expect_heard(browser, "\"removed\", \"name\": \"my kitchen\"");
}

Test(mdns_leaving, zeroconf_sees_our_device)
{
    expect_zeroconf_sees_us(false);
}

Test(mdns_leaving, zeroconf_sees_our_device_through_a_daemon)
{
    expect_zeroconf_sees_us(true);
}
