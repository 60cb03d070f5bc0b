/*
 * A device on one host is found from another, and its leaving noticed: with and without an
 * avahi-daemon, on both ends.
 */
#include "mdns_daemon.h"
#include "mdns_peers.h"
#include "mdns_rows.h"

#include <signal.h>
#include <string.h>

WORLD_SUITE(mdns_pairs);

#define LAN                                       \
    &(struct world_link)                          \
    {                                             \
        .name = "lan", .ipv4 = true, .ipv6 = true \
    }

static void expect_row(json_t *row, const struct world_host *attic)
{
    expect_text(row, "hostname", "kitchen.local");
    expect_text(row, "address", world_address(attic, "lan", WORLD_IPV4).text);
    cr_assert_eq(json_integer_value(json_object_get(row, "port")), 8266);
    expect_text(row, "board", "nodemcuv2");
    cr_assert(json_is_false(json_object_get(row, "auth")));
    cr_assert(row_lists(row, "interfaces", "lan"));
    json_t *txt = json_object_get(row, "txt");
    expect_text(txt, "ssh_upload", "no");
    expect_text(txt, "tcp_check", "no");
    expect_text(txt, "auth_upload", "no");
}

/* Nobody is told which way to take: whether there is a daemon decides. */
static void expect_pair(bool here_daemon, bool attic_daemon)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(LAN, HOSTS(here, attic));
    if (here_daemon)
        world_daemon(here);
    if (attic_daemon)
        world_daemon(attic);
    struct process *device = peer_device(attic, "kitchen", ARGS("--board", "nodemcuv2"));
    expect_out(device, attic_daemon ? "through=daemon" : "through=embedded");

    struct process *discover = discover_run(here, ARGS("--debug"));
    expect_exit(discover, 0);
    expect_err(discover, here_daemon ? "through avahi-daemon" : "embedded");
    json_t *rows = rows_of(discover);
    expect_row(row_of(rows, "kitchen"), attic);
    cr_assert_eq(count_rows(rows, NULL), 1);

    struct process *watch = discover_watch(here, NULL);
    expect_row(expect_event(watch, "add", "kitchen"), attic);
    process_signal(device, SIGTERM);
    program_finish(device);
    expect_exit(device, 0);
    expect_row(expect_event(watch, "remove", "kitchen"), attic);
    peer_device(attic, "kitchen", ARGS("--board", "nodemcuv2"));
    expect_row(expect_event(watch, "add", "kitchen"), attic);
}

Test(mdns_pairs, embedded_finds_embedded)
{
    expect_pair(false, false);
}

Test(mdns_pairs, embedded_finds_daemon)
{
    expect_pair(false, true);
}

Test(mdns_pairs, daemon_finds_embedded)
{
    expect_pair(true, false);
}

Test(mdns_pairs, daemon_finds_daemon)
{
    expect_pair(true, true);
}

/* All on one host, and who looks does without the daemon that is there. */
Test(mdns_pairs, embedded_beside_a_daemon)
{
    struct world_host *here = world_here();

    world_link(LAN, HOSTS(here, world_host("attic")));
    world_daemon(here);
    struct process *device = peer_device(here, "kitchen", NULL);
    expect_out(device, "through=daemon");
    struct process *discover = discover_run(here, ARGS("--mdns=embedded", "--debug"));
    expect_exit(discover, 0);
    expect_err(discover, "embedded");
    row_of(rows_of(discover), "kitchen");
}

Test(mdns_pairs, a_daemon_that_dies_is_replaced)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(LAN, HOSTS(here, attic));
    struct world_daemon daemon = world_daemon(here);
    peer_device(attic, "kitchen", NULL);
    struct process *watch = discover_watch(here, ARGS("--debug"));
    expect_event(watch, "add", "kitchen");
    world_kill(daemon.avahi);
    cr_assert(process_expect(watch, &watch->err, "embedded", E2E_PATIENCE_MS), "%s",
              watch->err.text);
    struct process *attic2 = peer_device(attic, "boiler", ARGS("--port", "8267"));
    expect_event(watch, "add", "boiler");
    process_signal(attic2, SIGTERM);
    expect_event(watch, "remove", "boiler");
}

Test(mdns_pairs, a_daemon_that_is_wanted_and_missing_is_a_failure)
{
    struct process *discover = discover_run(world_here(), ARGS("--mdns=daemon"));

    expect_exit(discover, 1);
    expect_err(discover, "daemon");
    expect_silent(discover->out);
}

Test(mdns_pairs, nothing_found_is_explained)
{
    struct process *discover = discover_run(world_here(), ARGS("--timeout", "1"));

    expect_exit(discover, 4);
    expect_err(discover, "5353");
    expect_silent(discover->out);
}
