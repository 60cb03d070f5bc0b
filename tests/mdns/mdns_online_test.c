/*
 * --wait-online: what is said of devices that come back after their updates, otherwise than they
 * were, or not at all; and that none is updated twice for it.
 */
#include "mdns_upload.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

WORLD_SUITE(mdns_online);

#define SECRET "swordfish"

static void expect_in_order(const struct process_stream *stream, const char *const *texts)
{
    const char *at = stream->text;

    for (; *texts; texts++) {
        at = strstr(at, *texts);
        cr_assert(at, "no \"%s\" at its place: %s", *texts, stream->text);
        at += strlen(*texts);
    }
}

/* ---- back ---- */

static void expect_back(const char *mdns, bool daemon, const char *const *device_args)
{
    struct upload_lan lan = upload_lan(NULL);

    if (daemon)
        world_daemon(lan.here);
    struct process *device = peer_device(lan.attic, "kitchen", device_args);
    struct process *upload =
        upload_run(ARGS("-i", "kitchen", "--wait-online", mdns, "-a", SECRET, "--json"));
    expect_exit(upload, 0);
    expect_err_times(upload, "updated: ", 1);
    expect_err(upload, "kitchen: back online after ");
    expect_no_err(upload, "called");
    expect_in_order(&upload->out, ARGS("{\"event\":\"found\",\"device\":\"kitchen\"",
                                       "{\"event\":\"image\"", "{\"event\":\"invited\"",
                                       "{\"event\":\"connected\"", "{\"event\":\"online\"",
                                       "{\"event\":\"result\"", "\"status\":\"updated\""));
    expect_out(upload, "{\"event\":\"online\",\"device\":\"kitchen\",\"seconds\":");
    expect_said_at(__FILE__, __LINE__, upload, &upload->out, "{\"event\":\"result\"", 1);
    expect_exit(upload_run(ARGS("-i", "kitchen", mdns, "-a", SECRET, "-t", "3")), 0);
    expect_device_said(device, "updated ", 2);
}

Test(mdns_online, is_back)
{
    expect_back("--mdns=auto", false, NULL);
}

Test(mdns_online, is_back_beside_a_daemon)
{
    expect_back("--mdns=auto", true, NULL);
}

/* The daemon finds it, and a probe finds it again. */
Test(mdns_online, is_back_by_the_daemon_alone)
{
    expect_back("--mdns=daemon", true, NULL);
}

Test(mdns_online, is_back_with_a_password)
{
    expect_back("--mdns=daemon", true, ARGS("--password", SECRET));
}

/* ---- probes ---- */

static void expect_probed(const char *const *device_args)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = silent_device(lan.attic, "a.flash", device_args);
    const char *const args[] = {
        "-i", LAN_ADDRESS(lan.attic), "-a", SECRET, "-t", "3", "-d", NULL
    };
    const char *argv[ARGUMENTS_MAX];

    join_arguments(argv, args, ARGS("--mdns=off", "--wait-online=30"));
    struct process *upload = upload_run(argv);
    expect_exit(upload, 0);
    expect_err(upload, "back online after ");
    upload = upload_run(argv);
    expect_exit(upload, 0);
    expect_device_said(device, "updated ", 2);
}

Test(mdns_online, answers_a_probe)
{
    expect_probed(NULL);
}

Test(mdns_online, answers_a_probe_by_asking_for_a_password)
{
    expect_probed(ARGS("--password", SECRET));
}

Test(mdns_online, answers_a_probe_as_an_esp32)
{
    expect_probed(ARGS("--auth", "sha256", "--password", SECRET));
}

/*
 * A stock ESP8266 that has asked for a proof takes whatever comes next for one: the probe lets it
 * have that, and leaves it ready for somebody's upload.
 */
Test(mdns_online, a_stock_device_is_left_as_it_was)
{
#define UPDATE                                                                            \
    DEVICE_INVITED, DEVICE_ANSWER("AUTH 00112233445566778899aabbccddeeff"), DEVICE_PROOF, \
        DEVICE_ANSWER("OK"), DEVICE_CONNECT, DEVICE_READ_ALL, DEVICE_WRITE("OK"), DEVICE_CLOSE
#define PROBE \
    DEVICE_INVITED, DEVICE_ANSWER("AUTH 0123456789abcdef0123456789abcdef"), DEVICE_IGNORE(1)
    static const struct device_step script[] = { UPDATE, PROBE, UPDATE, DEVICE_END };
    static const struct device_options keeper = { .password = SECRET };
    static const struct act_options options = { .device = &keeper };
    static const size_t probed = 11;
    struct act act;

    act_start(&act, script, ARGS("-a", SECRET, "--mdns=off", "--wait-online=30"), &options);
    program_finish(act.uploader);
    expect_exit(act.uploader, 0);
    expect_err(act.uploader, "back online after ");
    act_reaches(&act, probed); /* else the next upload's first datagram would be swallowed */
    struct port_text port = port_text(scripted_device_port(act.device));
    struct process *next = program_run(
        E2E_UPLOADER, ARGS("-i", "127.0.0.1", "-p", port.text, "-f", "sketch.bin", "-a", SECRET));
    expect_exit(next, 0);
    act_finish(&act);
    cr_assert(act.seen.completed, "%s", act.seen.problem);
    cr_assert_eq(act.seen.proofs, 2);
    cr_assert_eq(act.seen.connections, 2);
    expect_received(&act);
}

/* ---- otherwise than before ---- */

/* The update is its last deed; then it is another one. */
static void expect_changed_back(const char *name, bool elsewhere)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *before = peer_device(lan.attic, "kitchen", ARGS("--once", "--port", "8270"));
    struct process *upload = upload_start(ARGS("-i", "kitchen", "--wait-online=100", "--json"));

    program_finish(before);
    expect_exit(before, 0);
    struct process *after =
        peer_device(elsewhere ? lan.cellar : lan.attic, name, ARGS("--port", "8270"));
    program_finish(upload);
    expect_exit(upload, 0);
    expect_err(upload, "back online after ");
    expect_device_said(after, "invited ", 1);   /* it was asked whether it is there, */
    expect_device_said(after, "connected ", 0); /* and not updated again */
    if (strcmp(name, "kitchen") == 0) {
        expect_no_err(upload, "called");
        return;
    }
    expect_err(upload, "called \"pantry\" now");
    expect_out(upload, "\"name\":\"pantry\"");
}

Test(mdns_online, is_back_with_another_name)
{
    expect_changed_back("pantry", false);
}

Test(mdns_online, is_back_with_another_address)
{
    expect_changed_back("kitchen", true);
}

/* ---- never back ---- */

/* What announces it goes on as if nothing were; the device itself has not rebooted. */
Test(mdns_online, announced_is_not_back)
{
    struct upload_lan lan = upload_lan(NULL);

    peer_publish(lan.attic, ARGS("lan"), ARGS("kitchen", "--port", "8270"));
    struct process *device =
        world_start(lan.attic, E2E_DEVICE,
                    ARGS("--flash", "kitchen.flash", "--port", "8270", "--no-mdns", "--once"));
    struct process *upload = upload_run(ARGS("-i", "kitchen", "--wait-online=5"));
    expect_exit(upload, 11);
    expect_err(upload, "kitchen: updated, but not back online within 5 s");
    expect_device_said(device, "updated ", 1);
}

static void expect_never_back(const char *const *args)
{
    struct upload_lan lan = upload_lan(NULL);
    const char *argv[ARGUMENTS_MAX];

    world_daemon(lan.here);
    struct process *device = peer_device(lan.attic, "kitchen", ARGS("--once"));
    join_arguments(argv, ARGS("-i", "kitchen", "--wait-online=5", "--json"), args);
    struct process *upload = upload_run(argv);
    expect_exit(upload, 11);
    expect_err(upload, "kitchen: updated, but not back online within 5 s");
    expect_err(upload, "do not simply upload it again");
    expect_out(upload, "\"status\":\"not-online\",\"code\":11");
    expect_said_at(__FILE__, __LINE__, upload, &upload->out, "{\"event\":\"result\"", 1);
    expect_no_out(upload, "{\"event\":\"online\"");
    expect_device_said(device, "updated ", 1);
}

Test(mdns_online, never_comes_back)
{
    expect_never_back(NULL);
}

Test(mdns_online, never_comes_back_to_the_daemon)
{
    expect_never_back(ARGS("--mdns=daemon"));
}

Test(mdns_online, never_answers_a_probe)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = silent_device(lan.attic, "a.flash", ARGS("--once"));
    struct process *upload =
        upload_run(ARGS("-i", LAN_ADDRESS(lan.attic), "--wait-online=3", "--mdns=off"));

    expect_exit(upload, 11);
    expect_device_said(device, "updated ", 1);
}

/* It dies without a word, and the daemon still knows it. */
Test(mdns_online, is_not_back_for_being_in_a_cache)
{
    static const struct device_step script[] = {
        DEVICE_INVITED,     DEVICE_ANSWER("OK"), DEVICE_CONNECT, DEVICE_READ_ALL,
        DEVICE_SLEEP(3000), DEVICE_WRITE("OK"),  DEVICE_LEAVE,   DEVICE_END,
    };
    struct upload_lan lan = upload_lan(NULL);
    struct world_text address = world_address(lan.here, "lan", WORLD_IPV4);
    const struct device_options options = { .address = address.text };

    world_daemon(lan.here);
    struct scripted_device *device = device_play(script, &options);
    struct port_text port = port_text(scripted_device_port(device));
    struct process *announcer = peer_publish(
        lan.attic, ARGS("lan"), ARGS("kitchen", "--record", address.text, "--port", port.text));
    struct process *upload = upload_start(ARGS("-i", "kitchen", "--wait-online=5"));
    bool received = scripted_device_reached(device, 4, E2E_PATIENCE_MS);
    world_kill(announcer);
    program_finish(upload);
    scripted_device_finish(device, NULL);
    cr_assert(received, "%s", upload->err.text);
    expect_exit(upload, 11);
    expect_err(upload, "updated, but not back online");
}

Test(mdns_online, one_of_two_never_comes_back)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *kitchen = peer_device(lan.attic, "kitchen", NULL);
    struct process *bath = peer_device(lan.cellar, "bath", ARGS("--once"));
    struct process *upload = upload_run(ARGS("-i", "kitchen", "-i", "bath", "--wait-online=10"));

    expect_exit(upload, 11);
    expect_err(upload, "kitchen: back online after ");
    expect_err(upload, "bath: updated, but not back online within 10 s");
    expect_device_said(kitchen, "updated ", 1);
    expect_device_said(bath, "updated ", 1);
}

Test(mdns_online, is_not_waited_for_when_it_failed)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "vault", ARGS("--password", SECRET));
    struct process *upload = upload_run(ARGS("-i", "vault", "-a", "marlin", "--wait-online"));

    expect_exit(upload, 6);
    expect_no_err(upload, "online");
    expect_device_said(device, "updated ", 0);
}

Test(mdns_online, interrupted_while_it_waits)
{
    struct upload_lan lan = upload_lan(NULL);
    struct process *device = peer_device(lan.attic, "kitchen", ARGS("--once"));
    struct process *upload = upload_start(ARGS("-i", "kitchen", "--wait-online=100", "--json"));

    program_finish(device);
    expect_waiting(upload, 1500);
    process_signal(upload, SIGINT);
    program_finish(upload);
    expect_exit(upload, 128 + SIGINT);
    expect_err(upload, "kitchen: interrupted while it was waited for: it was updated");
    expect_out(upload, "\"status\":\"updated\"");
    expect_device_said(device, "updated ", 1);
}
