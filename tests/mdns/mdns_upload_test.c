/*
 * What -i may be: every kind of name, the port and the password that devices announce, and what
 * becomes of those that a daemon knows from the past.
 */
#include "mdns_rows.h"
#include "mdns_upload.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

WORLD_SUITE(mdns_upload);

/* ---- names ---- */

/* The daemon has it in its cache. */
static void have_daemon_know(const struct world_host *here, const char *name)
{
    world_daemon(here);
    expect_exit(world_run(here, E2E_UPLOADER, ARGS("discover", "--match", name)), 0);
}

static void expect_names_work(bool daemon)
{
    struct upload_lan lan = upload_lan(NULL);
    static const char *const names[] = { "My Kitchen", "my-kitchen", "my-kitchen.local",
                                         "MY KITCHEN", "My-Kitchen.Local." };

    if (daemon)
        world_daemon(lan.here);
    struct process *device = peer_device(lan.attic, "My Kitchen", ARGS("--port", "8270"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct process *upload = upload_run(ARGS("-i", names[i]));
        expect_exit(upload, 0);
        expect_err(upload, "updated: ");
        device_is_updated(device);
    }
    expect_device_said(device, "updated ", sizeof names / sizeof *names);
}

Test(mdns_upload, by_any_of_a_devices_names)
{
    expect_names_work(false);
}

Test(mdns_upload, by_any_of_a_devices_names_with_a_daemon)
{
    expect_names_work(true);
}

/* A name with dots is the system's first. */
Test(mdns_upload, by_a_name_with_dots)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen.v2", ARGS("--port", "8270"));

    expect_exit(upload_run(ARGS("-i", "kitchen.v2")), 0);
    device_is_updated(device);
}

/* Its address is known, and no more: the image says which port. */
Test(mdns_upload, to_a_host_without_a_service)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = silent_device(lan.attic, "oven.flash", NULL);

    peer_publish(lan.attic, ARGS("lan"), ARGS("oven", "--service", "_http._tcp.local."));
    expect_exit(upload_run(ARGS("-i", "oven.local")), 0);
    device_says(device, "updated ");
}

Test(mdns_upload, to_a_host_without_a_service_with_a_daemon)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = silent_device(lan.attic, "oven.flash", NULL);

    world_daemon(lan.here);
    peer_publish(lan.attic, ARGS("lan"), ARGS("oven", "--service", "_http._tcp.local."));
    expect_exit(upload_run(ARGS("-i", "oven.local")), 0);
    device_says(device, "updated ");
}

Test(mdns_upload, by_a_name_of_the_systems)
{
    /* The world numbers its hosts: "here", the switch, "attic". */
    struct upload_lan lan = upload_lan("10.1.0.3 oven stove.example\n");
    struct process *device = silent_device(lan.attic, "oven.flash", NULL);

    cr_assert_str_eq(LAN_ADDRESS(lan.attic), "10.1.0.3");
    expect_exit(upload_run(ARGS("-i", "oven")), 0);
    expect_exit(upload_run(ARGS("-i", "stove.example", "--mdns=off")), 0);
    expect_device_said(device, "updated ", 2);
}

Test(mdns_upload, over_ipv6_alone)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(&(struct world_link){ .name = "six", .ipv6 = true }, HOSTS(here, attic));
    e2e_sketch(8192);
    struct process *device = peer_device(attic, "kitchen", ARGS("--bind", "::"));
    struct process *upload = upload_run(ARGS("-i", "kitchen", "-d"));
    expect_exit(upload, 0);
    expect_err(upload, "%six");
    device_is_updated(device);
}

/* A device of that name is meant rather than anything else. */
Test(mdns_upload, by_a_devices_name_rather_than_the_systems)
{
    struct upload_lan lan = upload_lan("10.1.0.4 kitchen\n");
    struct process *device = peer_device(lan.attic, "kitchen", NULL);
    struct process *other = silent_device(lan.cellar, "other.flash", NULL);

    cr_assert_str_eq(LAN_ADDRESS(lan.cellar), "10.1.0.4");
    have_daemon_know(lan.here, "kitchen"); /* it answers before the system's name counts */
    expect_exit(upload_run(ARGS("-i", "kitchen")), 0);
    expect_exit(upload_run(ARGS("-i", "kitchen", "--mdns=off")), 0);
    expect_device_said(device, "updated ", 1);
    expect_device_said(other, "updated ", 1);
}

/* ---- patterns ---- */

Test(mdns_upload, by_a_pattern_to_all_that_match)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *a = peer_device(lan.attic, "kitchen-a", NULL);
    struct process *b = peer_device(lan.cellar, "Kitchen-b", NULL);
    struct process *c = peer_device(lan.cellar, "kitchen-c", ARGS("--port", "8270"));
    struct process *zoo = peer_device(lan.cellar, "zoo", ARGS("--port", "8271"));
    struct process *upload = upload_run(ARGS("-i", "kitchen-*"));

    expect_exit(upload, 0);
    expect_err_times(upload, "updated: ", 3);
    expect_err(upload, "kitchen-c: updated: ");
    expect_device_said(a, "updated ", 1);
    expect_device_said(b, "updated ", 1);
    expect_device_said(c, "updated ", 1);
    expect_device_said(zoo, "invited ", 0);
}

Test(mdns_upload, by_a_pattern_that_matches_nothing)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);
    struct process *upload = upload_run(ARGS("-i", "bath-*"));

    expect_exit(upload, 4);
    expect_err(upload, "no device matches \"bath-*\"");
    expect_device_said(device, "invited ", 0);
}

/* Of two ways to name one, one is enough. */
Test(mdns_upload, named_twice_is_updated_once)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);
    struct process *upload = upload_run(ARGS("-i", "kitchen", "-i", "kit*", "-i", "kitchen.local"));

    expect_exit(upload, 0);
    expect_err(upload, " is the same device as kitchen");
    expect_no_err(upload, "kitchen is the same device as kitchen:");
    expect_device_said(device, "updated ", 1);
}

static void expect_shown_safely(const char *kind)
{
    struct upload_lan lan = upload_lan(NULL);

    peer_hostile(lan.attic, "lan", kind);
    struct process *upload = upload_run(NULL);
    expect_exit(upload, 2);
    expect_err(upload, "Devices found:");
    expect_printable(&upload->err);
    upload = upload_run(ARGS("-i", "*", "-t", "1", "--json"));
    /* None answers; of those at one address, one alone is asked. */
    cr_assert(upload->exit_code == 5 || upload->exit_code == 1, "%s", upload->err.text);
    expect_printable(&upload->err);
    json_decref(rows_of(upload));
}

Test(mdns_upload, to_those_with_odd_names)
{
    expect_shown_safely("odd-names");
}

Test(mdns_upload, to_those_with_binary_records)
{
    expect_shown_safely("binary-txt");
}

Test(mdns_upload, to_those_at_odd_ports)
{
    expect_shown_safely("odd-numbers");
}

/* ---- several ---- */

Test(mdns_upload, to_several_of_which_one_is_missing)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);
    struct process *upload = upload_run(ARGS("-i", "kitchen", "-i", "nobody", "-i", "no.local"));

    expect_exit(upload, 4);
    expect_err(upload, "no device called \"nobody\"");
    expect_err(upload, "no device called \"no.local\"");
    expect_device_said(device, "updated ", 1);
}

Test(mdns_upload, to_several_that_fail_differently)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);
    struct process *upload =
        upload_run(ARGS("-i", "kitchen", "-i", "nobody", "-i", LAN_ADDRESS(lan.cellar), "-t", "3"));

    expect_exit(upload, 1);
    expect_device_said(device, "updated ", 1);
}

Test(mdns_upload, interrupted_while_names_are_looked_for)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);
    struct process *upload =
        upload_start(ARGS("-i", "kitchen", "-i", "nobody", "--wait", "100", "--json"));

    device_is_updated(device);
    cr_assert(process_expect(upload, &upload->out, "\"result\"", E2E_PATIENCE_MS));
    process_signal(upload, SIGINT);
    program_finish(upload);
    expect_exit(upload, 128 + SIGINT);
    expect_err_times(upload, "interrupted", 1);
    expect_err(upload, "nobody: interrupted before it was asked: nothing has changed on it");
    expect_out(upload, "\"device\":\"nobody\"");
}

/* ---- where names are looked for ---- */

Test(mdns_upload, in_dot_local_never_asks_a_name_service)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *service = name_service("oven.example", LAN_ADDRESS(lan.cellar));
    struct process *oven = silent_device(lan.cellar, "oven.flash", NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);

    /* It is there, and asked for other names. */
    expect_exit(upload_run(ARGS("-i", "oven.example")), 0);
    device_says(oven, "updated ");
    expect_exit(upload_run(ARGS("-i", "nobody")), 4);
    cr_assert(process_expect(service, &service->out, "asked for oven.example", E2E_PATIENCE_MS));
    cr_assert(process_expect(service, &service->out, "asked for nobody", E2E_PATIENCE_MS));

    expect_exit(upload_run(ARGS("-i", "kitchen.local")), 0);
    expect_exit(upload_run(ARGS("-i", "absent.local")), 4);
    expect_exit(upload_run(ARGS("-i", "absent.LOCAL.", "--wait", "1")), 4);
    expect_exit(upload_run(ARGS("-i", "absent.local", "--mdns=off")), 4);
    expect_exit(upload_run(ARGS("-i", "last.example")), 4);
    cr_assert(process_expect(service, &service->out, "asked for last.example", E2E_PATIENCE_MS));
    cr_assert_not(strcasestr(service->out.text, ".local"), "%s", service->out.text);
    expect_device_said(device, "updated ", 1);
}

Test(mdns_upload, without_mdns_finds_no_device)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);

    struct process *upload = upload_run(ARGS("-i", "kitchen.local", "--mdns=off"));
    expect_exit(upload, 4);
    expect_err(upload, "mDNS is off");
    expect_exit(upload_run(ARGS("-i", "kitchen", "--mdns=off")), 4);
    expect_exit(upload_run(ARGS("-i", "kitchen*", "--mdns=off")), 4);
    expect_device_said(device, "invited ", 0);
}

/* ---- what devices announce ---- */

Test(mdns_upload, at_a_given_port_rather_than_the_announced_one)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = silent_device(lan.attic, "a.flash", ARGS("--port", "8270"));

    peer_publish(lan.attic, ARGS("lan"), ARGS("kitchen", "--port", "8271"));
    struct process *upload = upload_run(ARGS("-i", "kitchen", "-t", "2"));
    expect_exit(upload, 5);
    expect_err(upload, "8271");
    expect_exit(upload_run(ARGS("-i", "kitchen", "-p", "8270")), 0);
    expect_device_said(device, "updated ", 1);
}

Test(mdns_upload, to_a_locked_device_needs_a_password)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "vault", ARGS("--password", "swordfish"));

    struct process *upload = upload_run(ARGS("-i", "vault", "--json"));
    expect_exit(upload, 6);
    expect_err(upload, "none was given");
    expect_out(upload, "\"event\":\"found\"");
    expect_out(upload, "\"auth\":true");
    expect_out(upload, "\"status\":\"password-rejected\"");
    expect_no_out(upload, "\"event\":\"invited\"");
    expect_exit(upload_run(ARGS("-i", "vault", "-a", "swordfish")), 0);
    device_is_updated(device);
    expect_device_said(device, "invited ", 1);
}

/* ---- known from the past ---- */

/* From now on "here" hears nothing by mDNS, or hears it again. */
static void make_deaf(const struct world_host *here, bool deaf)
{
    world_needs(ARGS("iptables"));
    world_shell(here, deaf ? "iptables -A INPUT -p udp --dport 5353 -j DROP" : "iptables -F INPUT");
}

Test(mdns_upload, to_one_that_has_moved_since_the_daemon_met_it)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);

    have_daemon_know(lan.here, "kitchen");
    make_deaf(lan.here, true);
    world_kill(device);
    device = peer_device(lan.cellar, "kitchen", ARGS("--port", "8270"));
    make_deaf(lan.here, false);
    struct process *upload = upload_run(ARGS("-i", "kitchen", "-t", "3"));
    expect_exit(upload, 0);
    expect_err(upload, "It is at ");
    expect_device_said(device, "updated ", 1);
}

/* Here the daemon was told; only the outcome is the same. */
Test(mdns_upload, to_one_that_has_moved_before_the_daemons_ears)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);

    have_daemon_know(lan.here, "kitchen");
    world_kill(device);
    device = peer_device(lan.cellar, "kitchen", ARGS("--port", "8270"));
    expect_exit(upload_run(ARGS("-i", "kitchen", "-t", "3")), 0);
    expect_device_said(device, "updated ", 1);
}

Test(mdns_upload, to_one_that_has_died_since_the_daemon_met_it)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);

    have_daemon_know(lan.here, "kitchen");
    world_kill(device);
    struct process *upload = upload_run(ARGS("-i", "kitchen", "-t", "2"));
    expect_exit(upload, 5);
    expect_err(upload, "where mDNS knew it from the past; it is not there now");
}

/* The same with a host that announces no service. */
Test(mdns_upload, to_a_host_that_has_moved_since_the_daemon_met_it)
{
    struct upload_lan lan = upload_lan(NULL);
    const char *const http[] = { "oven", "--service", "_http._tcp.local.", NULL };
    struct process *device = silent_device(lan.attic, "oven.flash", NULL);
    struct process *publisher = peer_publish(lan.attic, ARGS("lan"), http);

    world_daemon(lan.here);
    expect_exit(upload_run(ARGS("-i", "oven.local")), 0);
    make_deaf(lan.here, true);
    world_kill(publisher);
    world_kill(device);
    device = silent_device(lan.cellar, "moved.flash", NULL);
    publisher = peer_publish(lan.cellar, ARGS("lan"), http);
    make_deaf(lan.here, false);
    struct process *upload = upload_run(ARGS("-i", "oven.local", "-t", "3"));
    expect_exit(upload, 0);
    expect_err(upload, "It is at ");
    expect_device_said(device, "updated ", 1);

    world_kill(publisher);
    upload = upload_run(ARGS("-i", "oven.local", "-t", "2"));
    expect_exit(upload, 5);
    expect_err(upload, "where mDNS knew it from the past; it is not there now");
}
