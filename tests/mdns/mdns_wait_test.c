/*
 * --wait: devices that are not there yet when they are to be updated. Without it they would be
 * given up before they come: names after 5 s, addresses after the -t that is given.
 */
#include "mdns_upload.h"

#include <signal.h>
#include <string.h>

WORLD_SUITE(mdns_wait);

#define LONGER_THAN_A_NAME_IS_LOOKED_FOR 7000
#define LONGER_THAN_THE_TIMEOUT          4000
#define TIMEOUT                          "-t", "1"
#define WAIT                             "--wait", "100"

/* ---- a name ---- */

static void expect_name_waited_for(const char *name, bool daemon)
{
    struct upload_lan lan = upload_lan(NULL);

    if (daemon)
        world_daemon(lan.here);
    struct process *upload = upload_start(ARGS("-i", name, TIMEOUT, WAIT));
    expect_waiting(upload, LONGER_THAN_A_NAME_IS_LOOKED_FOR);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);
    program_finish(upload);
    expect_exit(upload, 0);
    expect_device_said(device, "updated ", 1);
}

Test(mdns_wait, for_a_name_that_appears)
{
    expect_name_waited_for("kitchen", false);
}

Test(mdns_wait, for_a_name_that_appears_with_a_daemon)
{
    expect_name_waited_for("kitchen", true);
}

Test(mdns_wait, for_a_name_in_local_that_appears)
{
    expect_name_waited_for("kitchen.local", false);
}

Test(mdns_wait, for_a_pattern_that_matches_at_last)
{
    expect_name_waited_for("kit*", false);
}

Test(mdns_wait, for_a_host_without_a_service)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *upload = upload_start(ARGS("-i", "oven.local", TIMEOUT, WAIT));

    expect_waiting(upload, LONGER_THAN_A_NAME_IS_LOOKED_FOR);
    struct process *device = silent_device(lan.attic, "oven.flash", NULL);
    peer_publish(lan.attic, ARGS("lan"), ARGS("oven", "--service", "_http._tcp.local."));
    program_finish(upload);
    expect_exit(upload, 0);
    expect_device_said(device, "updated ", 1);
}

/* One is updated the moment it is there, while others are waited for. */
Test(mdns_wait, for_one_of_two)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *first = peer_device(lan.attic, "kitchen", NULL);
    struct process *upload = upload_start(ARGS("-i", "bath", "-i", "kitchen", TIMEOUT, WAIT));

    device_is_updated(first);
    expect_waiting(upload, LONGER_THAN_A_NAME_IS_LOOKED_FOR);
    struct process *second = peer_device(lan.cellar, "bath", NULL);
    program_finish(upload);
    expect_exit(upload, 0);
    expect_device_said(first, "updated ", 1);
    expect_device_said(second, "updated ", 1);
}

Test(mdns_wait, for_a_name_in_vain)
{
    upload_lan(NULL);
    struct process *upload = upload_run(ARGS("-i", "kitchen", "--wait", "2"));

    expect_exit(upload, 4);
    expect_err(upload, "no device called \"kitchen\"");
}

Test(mdns_wait, interrupted_while_it_waits)
{
    upload_lan(NULL);
    struct process *upload = upload_start(ARGS("-i", "kitchen", "-i", "bath*", WAIT));

    expect_waiting(upload, 1000);
    process_signal(upload, SIGTERM);
    program_finish(upload);
    expect_exit(upload, 128 + SIGTERM);
    expect_err(upload, "kitchen: interrupted before it was asked: nothing has changed on it");
    expect_err(upload, "bath*: interrupted before it was asked: nothing has changed on it");
}

/* ---- an address ---- */

/* Its host is there, and says that nobody listens. */
Test(mdns_wait, for_an_address_that_begins_to_listen)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *upload = upload_start(ARGS("-i", LAN_ADDRESS(lan.attic), TIMEOUT, WAIT));

    expect_waiting(upload, LONGER_THAN_THE_TIMEOUT);
    struct process *device = silent_device(lan.attic, "a.flash", NULL);
    program_finish(upload);
    expect_exit(upload, 0);
    expect_device_said(device, "updated ", 1);
}

/* Nothing is there, then a host. */
Test(mdns_wait, for_an_address_that_comes_to_the_network)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = silent_device(lan.attic, "a.flash", NULL);

    world_unplug(lan.attic, "lan");
    struct process *upload =
        upload_start(ARGS("-i", LAN_ADDRESS(lan.attic), TIMEOUT, WAIT, "--mdns=off"));
    expect_waiting(upload, LONGER_THAN_THE_TIMEOUT);
    world_plug(lan.attic, "lan");
    program_finish(upload);
    expect_exit(upload, 0);
    expect_device_said(device, "updated ", 1);
}

Test(mdns_wait, for_an_address_in_vain)
{
    struct upload_lan lan = upload_lan(NULL);

    expect_exit(upload_run(ARGS("-i", LAN_ADDRESS(lan.attic), TIMEOUT, "--wait", "2")), 5);
    world_unplug(lan.cellar, "lan");
    expect_exit(upload_run(ARGS("-i", LAN_ADDRESS(lan.cellar), TIMEOUT, "--wait", "2")), 5);
}

/* ---- known from the past ---- */

/* The daemon says where it was; it comes back there, or elsewhere. */
static void expect_return_waited_for(bool moves)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);

    world_daemon(lan.here);
    expect_exit(world_run(lan.here, E2E_UPLOADER, ARGS("discover", "--match", "kitchen")), 0);
    world_kill(device);
    struct process *upload = upload_start(ARGS("-i", "kitchen", TIMEOUT, WAIT));
    expect_waiting(upload, LONGER_THAN_A_NAME_IS_LOOKED_FOR);
    if (moves)
        device = peer_device(lan.cellar, "kitchen", ARGS("--port", "8270"));
    else
        device = peer_device(lan.attic, "kitchen", NULL);
    program_finish(upload);
    expect_exit(upload, 0);
    expect_device_said(device, "updated ", 1);
}

Test(mdns_wait, for_one_that_is_known_and_comes_back)
{
    expect_return_waited_for(false);
}

Test(mdns_wait, for_one_that_is_known_and_comes_back_elsewhere)
{
    expect_return_waited_for(true);
}

Test(mdns_wait, for_one_that_is_known_in_vain)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);

    world_daemon(lan.here);
    expect_exit(world_run(lan.here, E2E_UPLOADER, ARGS("discover", "--match", "kitchen")), 0);
    world_kill(device);
    struct process *upload = upload_run(ARGS("-i", "kitchen", TIMEOUT, "--wait", "3"));
    expect_exit(upload, 5);
    expect_err(upload, "knew it from the past");
}

/* A daemon cannot be made to look afresh: it is waited for where it was. */
Test(mdns_wait, for_one_that_is_known_to_the_daemon_alone)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);

    world_daemon(lan.here);
    expect_exit(world_run(lan.here, E2E_UPLOADER, ARGS("discover", "--match", "kitchen")), 0);
    world_kill(device);
    struct process *upload = upload_start(ARGS("-i", "kitchen", TIMEOUT, WAIT, "--mdns=daemon"));
    expect_waiting(upload, LONGER_THAN_THE_TIMEOUT);
    device = peer_device(lan.attic, "kitchen", NULL);
    program_finish(upload);
    expect_exit(upload, 0);
    expect_device_said(device, "updated ", 1);
}

/* Waited for, it is not taken for lost; and what is said when that is cut short. */
Test(mdns_wait, interrupted_while_one_that_is_known_is_looked_for)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);

    world_daemon(lan.here);
    expect_exit(world_run(lan.here, E2E_UPLOADER, ARGS("discover", "--match", "kitchen")), 0);
    world_kill(device);
    struct process *upload = upload_start(ARGS("-i", "kitchen", TIMEOUT, WAIT, "-d"));
    cr_assert(process_expect(upload, &upload->err, "looked for afresh", E2E_PATIENCE_MS), "%s",
              upload->err.text);
    process_signal(upload, SIGINT);
    program_finish(upload);
    expect_exit(upload, 128 + SIGINT);
    expect_err(upload, "nothing has changed on it");
}
