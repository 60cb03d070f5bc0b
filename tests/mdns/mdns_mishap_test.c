/*
 * Uploads by name when something gets in the way: a daemon that dies, devices that claim each
 * other's place, one that is there and does not answer, a signal.
 */
#include "mdns_upload.h"

#include <signal.h>
#include <string.h>

WORLD_SUITE(mdns_mishap);

/* Longer than a host in .local waits for a service of that name. */
#define LONGER_THAN_A_SERVICE_IS_LOOKED_FOR 4000

/* How often a stream holds a text. */
static unsigned count_of(const struct process_stream *stream, const char *text)
{
    unsigned count = 0;

    for (const char *at = stream->text; (at = strstr(at, text)) != NULL; at += strlen(text))
        count++;
    return count;
}

/* ---- the daemon ---- */

Test(mdns_mishap, a_daemon_that_dies_ends_a_search_that_needs_it)
{
    struct upload_lan lan = upload_lan(NULL);
    struct world_daemon daemon = world_daemon(lan.here);
    struct process *upload =
        upload_start(ARGS("-i", "kitchen.local", "--mdns=daemon", "--wait", "600"));

    expect_waiting(upload, 1000);
    world_kill(daemon.avahi);
    program_finish(upload);
    expect_exit(upload, 4);
    expect_err(upload, "no device called \"kitchen.local\"");
    expect_no_err(upload, "nothing of that name");
}

Test(mdns_mishap, a_daemon_that_dies_is_replaced_while_a_host_is_waited_for)
{
    struct upload_lan lan = upload_lan(NULL);
    struct world_daemon daemon = world_daemon(lan.here);
    struct process *device = silent_device(lan.attic, "a.flash", NULL);
    struct process *upload = upload_start(ARGS("-i", "oven.local", "--wait", "60"));

    expect_waiting(upload, LONGER_THAN_A_SERVICE_IS_LOOKED_FOR);
    world_kill(daemon.avahi);
    peer_publish(lan.attic, ARGS("lan"), ARGS("oven", "--service", "_http._tcp.local."));
    program_finish(upload);
    expect_exit(upload, 0);
    expect_device_said(device, "updated ", 1);
}

/* What a pattern has found is found. */
Test(mdns_mishap, a_daemon_that_dies_does_not_undo_what_a_pattern_has_found)
{
    struct upload_lan lan = upload_lan(NULL);
    struct world_daemon daemon = world_daemon(lan.here);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);
    struct process *upload = upload_start(ARGS("-i", "kit*", "--mdns=daemon"));

    device_says(device, "updated ");
    world_kill(daemon.avahi);
    program_finish(upload);
    expect_exit(upload, 0);
    expect_no_err(upload, "matches");
}

/* ---- one device, several names ---- */

Test(mdns_mishap, one_device_by_two_names_has_one_result)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);
    struct process *upload =
        upload_run(ARGS("-i", "kitchen", "-i", "kit*", "-i", "kitchen.local", "--json"));

    expect_exit(upload, 0);
    cr_assert_eq(count_of(&upload->out, "{\"event\":\"result\""), 1, "%s", upload->out.text);
    cr_assert(strstr(upload->out.text, "{\"event\":\"same\""), "%s", upload->out.text);
    cr_assert_eq(count_of(&upload->out, "\"device\":\"kitchen\",\"as\":\"kitchen\""), 0, "%s",
                 upload->out.text);
    expect_device_said(device, "updated ", 1);
}

/* Each claims to be at the same port of the same host: one is asked, and nobody is forgotten. */
Test(mdns_mishap, two_devices_at_one_place_are_not_one)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = silent_device(lan.attic, "a.flash", NULL);

    peer_publish(lan.attic, ARGS("lan"), ARGS("garage", "kitchen"));
    struct process *upload = upload_run(ARGS("-i", "garage", "-i", "kitchen", "--json"));
    expect_exit(upload, 4);
    expect_err(upload, "is at its address");
    cr_assert_eq(count_of(&upload->out, "{\"event\":\"result\""), 2, "%s", upload->out.text);
    expect_device_said(device, "updated ", 1);
}

/* ---- one that does not answer ---- */

/* It is announced, and nobody listens at its port. */
Test(mdns_mishap, who_is_waited_for_is_not_flooded)
{
    struct upload_lan lan = upload_lan(NULL);

    peer_publish(lan.attic, ARGS("lan"), ARGS("ghost", "--port", "8270"));
    struct process *upload =
        upload_run(ARGS("-i", "ghost", "-i", "sleepy", "--wait", "8", "--json"));
    expect_exit(upload, 1);
    unsigned invitations = count_of(&upload->out, "{\"event\":\"invited\"");
    cr_assert(invitations > 1 && invitations < 8, "%u invitations", invitations);
}

/* ---- a signal ---- */

/* What a pattern has found speaks for itself. */
Test(mdns_mishap, interrupted_while_a_pattern_looks_for_more)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", NULL);
    struct process *upload = upload_start(ARGS("-i", "kit*", "--json"));

    device_is_updated(device);
    cr_assert(process_expect(upload, &upload->out, "{\"event\":\"result\"", E2E_PATIENCE_MS));
    process_signal(upload, SIGINT);
    program_finish(upload);
    /* On a machine with much else to do the search may be over by then. */
    cr_assert(upload->exit_code == 128 + SIGINT || upload->exit_code == 0);
    cr_assert_eq(count_of(&upload->out, "{\"event\":\"result\""), 1, "%s", upload->out.text);
    expect_no_err(upload, "interrupted");
}
