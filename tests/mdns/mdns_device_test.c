/*
 * espota-device and what happens around it: a daemon that hangs, or is started anew; addresses that
 * come late, or change.
 */
#include "mdns_rows.h"
#include "mdns_upload.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

WORLD_SUITE(mdns_device);

/* An answer of the daemon's is waited for longer by D-Bus: 25 seconds. */
#define ENDS_MS 15000

/* How often to look for something that takes its time. */
#define LOOKS_MAX 5

/* ---- helpers ---- */

static struct process *start_device(const struct world_host *host, const char *way)
{
    return silent_device(host, "flash", ARGS("--name", "kitchen", "--mdns", way));
}

static void expect_announced(struct process *device, const char *name, const char *through)
{
    char line[256];

    snprintf(line, sizeof line, "announced name=\"%s\" host=%s.local port=8266 through=%s", name,
             name, through);
    device_says(device, line);
}

static void expect_update(const struct upload_lan *lan)
{
    struct process *upload = upload_run(ARGS("-i", LAN_ADDRESS(lan->attic), "--mdns", "off"));

    expect_exit(upload, 0);
}

static void expect_end(struct process *device)
{
    process_signal(device, SIGTERM);
    cr_assert(process_wait(device, ENDS_MS), "a signal does not end it");
    expect_exit(device, 0);
}

static void expect_complaint(struct process *device, const char *text)
{
    cr_assert(process_expect(device, &device->err, text, E2E_PATIENCE_MS), "it says: %s",
              device->err.text);
}

/* The device is found at this address, if not at once. */
static void expect_found_at(const struct world_host *host, const char *address)
{
    struct process *discover = NULL;

    for (int i = 0; i < LOOKS_MAX; i++) {
        discover = discover_run(host, NULL);
        json_t *rows = rows_of(discover);
        if (count_rows(rows, "kitchen") == 1 &&
            strcmp(row_text(row_of(rows, "kitchen"), "address"), address) == 0)
            return;
    }
    cr_assert_fail("it is not found at %s: %s", address, discover->out.text);
}

/* ---- a daemon that hangs ---- */

Test(mdns_device, does_without_a_daemon_that_hangs)
{
    struct upload_lan lan = upload_lan(NULL);

    process_signal(world_daemon(lan.attic).avahi, SIGSTOP);
    struct process *device = start_device(lan.attic, "auto");
    expect_announced(device, "kitchen", "embedded");
    expect_found_at(lan.here, LAN_ADDRESS(lan.attic));
    expect_update(&lan);
    expect_end(device);
}

Test(mdns_device, works_unannounced_while_the_only_daemon_hangs)
{
    struct upload_lan lan = upload_lan(NULL);
    struct world_daemon daemon = world_daemon(lan.attic);

    process_signal(daemon.avahi, SIGSTOP);
    struct process *device = start_device(lan.attic, "daemon");
    expect_update(&lan);
    expect_update(&lan);
    expect_complaint(device, "mDNS: Timeout reached\n");
    process_signal(daemon.avahi, SIGCONT);
    expect_announced(device, "kitchen", "daemon");
    process_signal(daemon.avahi, SIGSTOP);
    expect_end(device);
    expect_err_times(device, "warning: ", 1);
}

Test(mdns_device, ends_at_once_when_the_daemon_hangs_from_the_start)
{
    struct world_host *attic = world_host("attic");

    process_signal(world_daemon(attic).avahi, SIGSTOP);
    expect_end(start_device(attic, "daemon"));
}

Test(mdns_device, goes_on_when_the_daemon_begins_to_hang)
{
    struct upload_lan lan = upload_lan(NULL);
    struct world_daemon daemon = world_daemon(lan.attic);
    struct process *device = start_device(lan.attic, "auto");

    expect_announced(device, "kitchen", "daemon");
    process_signal(daemon.avahi, SIGSTOP);
    expect_update(&lan);
    expect_update(&lan);
    device_says(device, "restarted ");
    device_says(device, "restarted ");
    expect_announced(device, "kitchen", "embedded");
    expect_end(device);
    expect_silent(device->err);
}

Test(mdns_device, ends_at_once_when_the_daemon_hangs)
{
    struct world_host *attic = world_host("attic");
    struct world_daemon daemon = world_daemon(attic);
    struct process *device = start_device(attic, "daemon");

    expect_announced(device, "kitchen", "daemon");
    process_signal(daemon.avahi, SIGSTOP);
    expect_end(device);
}

/* ---- daemons that come and go ---- */

Test(mdns_device, comes_back_with_the_daemon)
{
    struct upload_lan lan = upload_lan(NULL);
    struct world_daemon daemon = world_daemon(lan.attic);
    struct process *device = start_device(lan.attic, "daemon");

    expect_announced(device, "kitchen", "daemon");
    world_daemon_restart(lan.attic, &daemon);
    expect_announced(device, "kitchen", "daemon");
    expect_found_at(lan.here, LAN_ADDRESS(lan.attic));
    /* Each time is one to speak of. */
    world_daemon_restart(lan.attic, &daemon);
    expect_announced(device, "kitchen", "daemon");
    expect_end(device);
    expect_err_times(device, "warning: ", 2);
}

Test(mdns_device, announces_itself_when_the_daemon_goes)
{
    struct upload_lan lan = upload_lan(NULL);
    struct world_daemon daemon = world_daemon(lan.attic);
    struct process *device = start_device(lan.attic, "auto");

    expect_announced(device, "kitchen", "daemon");
    process_signal(daemon.avahi, SIGTERM);
    expect_announced(device, "kitchen", "embedded");
    expect_found_at(lan.here, LAN_ADDRESS(lan.attic));
    expect_end(device);
    expect_silent(device->err);
}

/* Its daemon knows at once that the name is taken. */
Test(mdns_device, two_of_one_name_at_one_daemon)
{
    struct upload_lan lan = upload_lan(NULL);

    world_daemon(lan.attic);
    expect_announced(start_device(lan.attic, "daemon"), "kitchen", "daemon");
    struct process *second = silent_device(
        lan.attic, "second", ARGS("--name", "kitchen", "--mdns", "daemon", "--port", "8267"));
    device_says(second, "renamed from=\"kitchen\" to=\"kitchen-2\"");
    device_says(second, "announced name=\"kitchen-2\" host=kitchen-2.local port=8267");
    json_t *rows = rows_of(discover_run(lan.here, NULL));
    row_of(rows, "kitchen");
    row_of(rows, "kitchen-2");
    expect_end(second);
}

/* Nothing of a device that was killed lives on, and nothing of it is in the next one's way. */
Test(mdns_device, the_daemon_forgets_one_that_was_killed)
{
    struct upload_lan lan = upload_lan(NULL);

    world_daemon(lan.attic);
    struct process *device = start_device(lan.attic, "daemon");
    expect_announced(device, "kitchen", "daemon");
    struct process *watch = discover_watch(lan.here, NULL);
    expect_event(watch, "add", "kitchen");
    world_kill(device);
    expect_event(watch, "remove", "kitchen");
    device = start_device(lan.attic, "daemon");
    expect_announced(device, "kitchen", "daemon");
    expect_event(watch, "add", "kitchen");
}

/* ---- addresses ---- */

Test(mdns_device, an_address_that_comes_late)
{
    struct upload_lan lan = upload_lan(NULL);

    world_shell(lan.attic, "ip link set lo down; ip addr flush dev lan");
    struct process *device = start_device(lan.attic, "embedded");
    expect_complaint(device, "mDNS: no interface that is up has its address\n");
    world_shell(lan.attic, "ip addr add %s/24 dev lan", LAN_ADDRESS(lan.attic));
    expect_announced(device, "kitchen", "embedded");
    expect_found_at(lan.here, LAN_ADDRESS(lan.attic));
    expect_update(&lan);
    expect_end(device);
    expect_err_times(device, "warning: ", 1);
}

Test(mdns_device, an_interface_that_comes_late)
{
    struct upload_lan lan = upload_lan(NULL);

    world_shell(lan.attic, "ip link set lan down");
    struct process *device = start_device(lan.attic, "embedded");
    expect_announced(device, "kitchen", "embedded"); /* on loopback */
    world_shell(lan.attic, "ip link set lan up");
    expect_found_at(lan.here, LAN_ADDRESS(lan.attic));
    expect_end(device);
}

static void expect_change_noticed(const char *way)
{
    struct upload_lan lan = upload_lan(NULL);

    if (strcmp(way, "daemon") == 0)
        world_daemon(lan.attic);
    struct process *device = start_device(lan.attic, way);
    expect_announced(device, "kitchen", way);
    expect_found_at(lan.here, LAN_ADDRESS(lan.attic));
    world_shell(lan.attic, "ip addr flush dev lan; ip addr add 10.1.0.77/24 dev lan");
    expect_found_at(lan.here, "10.1.0.77");
    expect_exit(upload_run(ARGS("-i", "kitchen")), 0);
    expect_no_out(device, "renamed ");
    expect_end(device);
    expect_silent(device->err);
}

Test(mdns_device, an_address_that_changes)
{
    expect_change_noticed("embedded");
}

Test(mdns_device, an_address_that_changes_with_a_daemon)
{
    expect_change_noticed("daemon");
}
