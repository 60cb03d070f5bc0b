/*
 * A daemon that is there and does not answer any more: whoever uses it goes on without it. How long
 * that takes is not measured; but it must happen, and none of it may take minutes.
 */
#include "mdns_daemon.h"
#include "mdns_peers.h"
#include "mdns_rows.h"
#include "mdns_upload.h"

#include <signal.h>
#include <string.h>

WORLD_SUITE(mdns_hang);

/* Milliseconds after which something hangs. */
#define HANG_MS 60000

#define CROWD 100

static const char on_its_own[] = "going on without the daemon";

struct scene {
    struct upload_lan lan;
    struct world_daemon daemon;
};

/* A daemon here, and a crowd in the attic that takes it some time to tell of. */
static struct scene set_scene(void)
{
    struct scene scene = { .lan = upload_lan(NULL) };

    scene.daemon = world_daemon(scene.lan.here);
    peer_many(scene.lan.attic, CROWD);
    return scene;
}

static void hang(const struct scene *scene)
{
    process_signal(scene->daemon.avahi, SIGSTOP);
}

/* Wait until it says so on stderr, and then for the daemon to hang. */
static void hang_once(const struct scene *scene, struct process *program, const char *says)
{
    cr_assert(process_expect(program, &program->err, says, HANG_MS), "%s", program->err.text);
    hang(scene);
}

static void expect_ends(struct process *program)
{
    cr_assert(process_ended(program, HANG_MS), "it hangs: %s", program->err.text);
    program_finish(program);
}

static void expect_goes_on(struct process *program)
{
    cr_assert(process_expect(program, &program->err, on_its_own, HANG_MS), "it hangs: %s",
              program->err.text);
}

/* ---- discover ---- */

Test(mdns_hang, discover_before_the_start)
{
    struct scene scene = set_scene();

    hang(&scene);
    struct process *discover = discover_run(scene.lan.here, ARGS("--timeout", "12"));
    expect_exit(discover, 0);
    row_of(rows_of(discover), "device-099");
}

Test(mdns_hang, discover_while_devices_are_resolved)
{
    struct scene scene = set_scene();
    struct process *discover = world_start(
        scene.lan.here, E2E_UPLOADER, ARGS("discover", "--json", "--debug", "--timeout", "15"));

    hang_once(&scene, discover, "is at");
    expect_ends(discover);
    expect_exit(discover, 0);
    expect_err(discover, on_its_own);
    cr_assert_eq(count_rows(rows_of(discover), NULL), CROWD);
}

Test(mdns_hang, discover_that_watches)
{
    struct scene scene = set_scene();
    struct process *watch = discover_watch(scene.lan.here, ARGS("--debug", "--match", "kitchen"));

    peer_device(scene.lan.cellar, "kitchen", NULL);
    expect_event(watch, "add", "kitchen");
    cr_assert_not(process_ended(watch, 8000), "it has asked often enough");
    hang(&scene);
    expect_goes_on(watch);
    world_kill(peer_device(scene.lan.cellar, "bath", ARGS("--port", "8267")));
    process_signal(watch, SIGINT);
    expect_ends(watch);
    expect_exit(watch, 128 + SIGINT);
    cr_assert_eq(count_rows(rows_of(watch), NULL), 1, "%s", watch->out.text);
}

Test(mdns_hang, discover_hears_of_new_devices_afterwards)
{
    struct scene scene = set_scene();
    struct process *watch = discover_watch(scene.lan.here, NULL);

    expect_event(watch, "add", "device-000");
    hang(&scene);
    peer_device(scene.lan.cellar, "kitchen", NULL);
    expect_event(watch, "add", "kitchen");
}

static void expect_interrupted(struct process *program)
{
    process_signal(program, SIGINT);
    expect_ends(program);
    expect_exit(program, 128 + SIGINT);
}

Test(mdns_hang, discover_is_interrupted)
{
    struct scene scene = set_scene();
    struct process *watch = discover_watch(scene.lan.here, ARGS("--debug"));

    hang_once(&scene, watch, "is at");
    expect_interrupted(watch);
}

Test(mdns_hang, discover_is_interrupted_with_the_daemon_alone)
{
    struct scene scene = set_scene();
    struct process *watch = discover_watch(scene.lan.here, ARGS("--debug", "--mdns=daemon"));

    hang_once(&scene, watch, "is seen");
    process_signal(watch, SIGINT);
    expect_ends(watch);
    cr_assert_neq(watch->exit_code, 0);
}

/* ---- arduino-discovery ---- */

static struct process *arduino_start(const struct scene *scene)
{
    static const char commands[] = "HELLO 1 \"test\"\nSTART_SYNC\n";
    struct process *arduino = world_start(scene->lan.here, E2E_UPLOADER, ARGS("arduino-discovery"));

    cr_assert(process_write(arduino, commands, sizeof commands - 1, E2E_PATIENCE_MS));
    return arduino;
}

static void expect_arduino_sees(struct process *arduino, const char *name)
{
    cr_assert(process_expect(arduino, &arduino->out, name, HANG_MS), "no %s: %s%s", name,
              arduino->out.text, arduino->err.text);
}

static void expect_arduino_quits(struct process *arduino)
{
    cr_assert(process_write(arduino, "QUIT\n", 5, E2E_PATIENCE_MS));
    expect_ends(arduino);
    expect_exit(arduino, 0);
}

Test(mdns_hang, arduino_before_the_start)
{
    struct scene scene = set_scene();

    hang(&scene);
    struct process *arduino = arduino_start(&scene);
    expect_arduino_sees(arduino, "device-099");
    expect_arduino_quits(arduino);
}

Test(mdns_hang, arduino_while_devices_are_resolved)
{
    struct scene scene = set_scene();
    struct process *arduino = arduino_start(&scene);

    expect_arduino_sees(arduino, "device-0");
    hang(&scene);
    peer_device(scene.lan.cellar, "kitchen", NULL);
    expect_arduino_sees(arduino, "kitchen");
    expect_arduino_quits(arduino);
}

Test(mdns_hang, arduino_in_the_long_run)
{
    struct scene scene = set_scene();
    struct process *arduino = arduino_start(&scene);

    expect_arduino_sees(arduino, "device-099");
    cr_assert_not(process_ended(arduino, 8000), "it has asked often enough");
    hang(&scene);
    peer_device(scene.lan.cellar, "kitchen", NULL);
    expect_arduino_sees(arduino, "kitchen");
    expect_arduino_quits(arduino);
}

/* ---- uploads ---- */

static void expect_uploaded(struct process *upload, struct process *device)
{
    expect_ends(upload);
    expect_exit(upload, 0);
    device_is_updated(device);
}

Test(mdns_hang, upload_before_the_start)
{
    struct scene scene = set_scene();
    struct process *device = peer_device(scene.lan.cellar, "kitchen", NULL);

    hang(&scene);
    expect_uploaded(upload_start(ARGS("-i", "kitchen")), device);
}

Test(mdns_hang, upload_while_devices_are_resolved)
{
    struct scene scene = set_scene();
    struct process *device = peer_device(scene.lan.cellar, "kitchen", NULL);
    struct process *upload = upload_start(ARGS("-i", "kitchen", "--debug"));

    hang_once(&scene, upload, "is seen");
    expect_uploaded(upload, device);
}

Test(mdns_hang, upload_that_waits)
{
    struct scene scene = set_scene();
    struct process *upload = upload_start(ARGS("-i", "kitchen", "--wait", "90", "--debug"));

    hang_once(&scene, upload, "is at");
    struct process *device = peer_device(scene.lan.cellar, "kitchen", NULL);
    expect_uploaded(upload, device);
}
