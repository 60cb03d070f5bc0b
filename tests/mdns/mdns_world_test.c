/*
 * The world itself, with programs that are none of ours: what tests build on is tested first.
 */
#include "mdns_daemon.h"
#include "mdns_peers.h"
#include "mdns_world.h"

#include <stdio.h>
#include <string.h>

WORLD_SUITE(mdns_world);

#define LAN                         \
    &(struct world_link)            \
    {                               \
        .name = "lan", .ipv4 = true \
    }

/* The next event of a browser is this one of this device. */
static void expect_event(struct process *browser, const char *event, const char *name)
{
    char line[1024];
    char start[256];

    snprintf(start, sizeof start, "{\"event\": \"%s\", \"name\": \"%s\"", event, name);
    bool came = process_read_line(browser, &browser->out, line, sizeof line, E2E_PATIENCE_MS);
    cr_assert(came, "nothing is %s; %s", event, browser->err.text);
    cr_assert_eq(strncmp(line, start, strlen(start)), 0, "%s", line);
}

Test(mdns_world, holds_nothing_of_the_machines_network)
{
    struct process *ip = world_run(world_here(), "ip", ARGS("-brief", "link"));

    expect_exit(ip, 0);
    cr_assert_eq(strncmp(ip->out.text, "lo ", 3), 0, "%s", ip->out.text);
    cr_assert_eq(strchr(ip->out.text, '\n'), ip->out.text + ip->out.len - 1, "%s", ip->out.text);
    struct process *name = world_run(world_host("attic"), "hostname", NULL);
    cr_assert_str_eq(name->out.text, "attic\n");
}

static void expect_passes(const struct world_link *link)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(link, HOSTS(here, attic));
    struct process *device = peer_publish(attic, ARGS(link->name), ARGS("kitchen"));
    struct process *browser = peer_browse(here, ARGS(link->name));
    expect_event(browser, "added", "kitchen");
    cr_assert(strstr(browser->out.text, world_address(attic, link->name, WORLD_BEST).text), "%s",
              browser->out.text);
    peer_leave(device);
    expect_event(browser, "removed", "kitchen");
    peer_leave(browser);
}

Test(mdns_world, passes_ipv4)
{
    expect_passes(LAN);
}

Test(mdns_world, passes_ipv6_alone)
{
    expect_passes(&(struct world_link){ .name = "lan", .ipv6 = true });
}

Test(mdns_world, loses_some)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(LAN, HOSTS(here, attic));
    world_loss(here, 20);
    world_loss(attic, 20);
    peer_publish(attic, ARGS("lan"), ARGS("kitchen"));
    expect_event(peer_browse(here, ARGS("lan")), "added", "kitchen");
}

/* With nothing lost it comes; the other way round it would with none of what was sent. */
Test(mdns_world, loses_nearly_all)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");
    char line[1024];

    world_link(LAN, HOSTS(here, attic));
    peer_publish(attic, ARGS("lan"), ARGS("kitchen"));
    world_shell(here, "iptables -A INPUT -p udp --dport 5353 -j DROP");
    struct process *browser = peer_browse(here, ARGS("lan"));
    cr_assert_not(process_read_line(browser, &browser->out, line, sizeof line, 3000), "%s", line);
    world_loss(here, 0);
    expect_event(browser, "added", "kitchen");
}

Test(mdns_world, pulls_plugs)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");
    char line[1024];

    world_link(LAN, HOSTS(here, attic));
    peer_publish(attic, ARGS("lan"), ARGS("kitchen"));
    world_unplug(attic, "lan");
    struct process *browser = peer_browse(here, ARGS("lan"));
    cr_assert_not(process_read_line(browser, &browser->out, line, sizeof line, 3000), "%s", line);
    world_plug(attic, "lan");
    expect_event(browser, "added", "kitchen");
}

Test(mdns_world, connects_three_hosts)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");
    struct world_host *cellar = world_host("cellar");

    world_link(LAN, HOSTS(here, attic, cellar));
    peer_publish(attic, ARGS("lan"), ARGS("kitchen"));
    peer_publish(cellar, ARGS("lan"), ARGS("boiler", "--txt", "0a"));
    struct process *browser = peer_browse(here, ARGS("lan"));
    cr_assert(process_expect(browser, &browser->out, "\"kitchen\"", E2E_PATIENCE_MS));
    cr_assert(process_expect(browser, &browser->out, "\"boiler\"", E2E_PATIENCE_MS));
}

/* What a daemon of this host makes of a device of another one. */
static void expect_resolves(const struct world_host *host)
{
    static const char resolve[] = "ResolveHostName";
    struct process *dbus =
        world_run(host, "dbus-send",
                  ARGS("--system", "--print-reply", "--dest=org.freedesktop.Avahi", "/",
                       "org.freedesktop.Avahi.Server.ResolveHostName", "int32:-1", "int32:-1",
                       "string:kitchen.local", "int32:-1", "uint32:0"));

    cr_assert(dbus->exit_code == 0 && strstr(dbus->out.text, "string \"10.1.0."), "%s: %s%s",
              resolve, dbus->out.text, dbus->err.text);
}

Test(mdns_world, has_daemons_that_answer)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(LAN, HOSTS(here, attic));
    peer_publish(attic, ARGS("lan"), ARGS("kitchen"));
    world_daemon(here);
    struct world_daemon daemon = world_daemon(attic);
    expect_resolves(here);
    expect_resolves(attic);
    world_kill(daemon.avahi);
    cr_assert_eq(daemon.avahi->exit_code, 128 + 9);
}

Test(mdns_world, has_crowds)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(LAN, HOSTS(here, attic));
    peer_many(attic, 20);
    struct process *browser = peer_browse(here, ARGS("lan"));
    cr_assert(process_expect(browser, &browser->out, "\"device-000\"", E2E_PATIENCE_MS));
    cr_assert(process_expect(browser, &browser->out, "\"device-019\"", E2E_PATIENCE_MS));
}

/* Its records are records, too: what is wrong with them is what is meant to be. */
Test(mdns_world, has_somebody_hostile)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(LAN, HOSTS(here, attic));
    peer_hostile(attic, "lan", "odd-numbers");
    struct process *browser = peer_browse(here, ARGS("lan"));
    cr_assert(process_expect(browser, &browser->out, "\"port-zero\"", E2E_PATIENCE_MS));
    peer_hostile(attic, "lan", "wrong-txt");
    cr_assert(process_expect(browser, &browser->out, "\"cut-short\"", E2E_PATIENCE_MS));
}
