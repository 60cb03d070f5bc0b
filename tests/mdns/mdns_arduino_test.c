/*
 * `espota-c arduino-discovery` on a network: the transcript as devices come and go, and clients
 * that end it, or do not know how to.
 */
#include "mdns_daemon.h"
#include "mdns_peers.h"
#include "mdns_rows.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

WORLD_SUITE(mdns_arduino);

#define LAN                         \
    &(struct world_link)            \
    {                               \
        .name = "lan", .ipv4 = true \
    }

static struct process *arduino_start(void)
{
    return world_start(world_here(), E2E_UPLOADER, ARGS("arduino-discovery"));
}

/* The next answer or event; it must be of this type. Objects may take several lines. */
static json_t *hear(struct process *arduino, const char *type)
{
    static char text[65536];
    size_t len = 0;

    for (;;) {
        bool came = process_read_line(arduino, &arduino->out, text + len, sizeof text - len,
                                      2 * E2E_PATIENCE_MS);
        cr_assert(came, "no %s; stdout:\n%s\nstderr:\n%s", type, arduino->out.text,
                  arduino->err.text);
        len = strlen(text);
        json_t *object = json_loadb(text, len, 0, NULL);
        if (!object)
            continue;
        expect_text(object, "eventType", type);
        return object;
    }
}

static json_t *ask(struct process *arduino, const char *command, const char *type)
{
    char line[128];
    int len = snprintf(line, sizeof line, "%s\n", command);

    cr_assert(process_write(arduino, line, (size_t)len, E2E_PATIENCE_MS));
    return hear(arduino, type);
}

static void expect_quits(struct process *arduino)
{
    ask(arduino, "QUIT", "quit");
    program_finish(arduino);
    expect_exit(arduino, 0);
}

static void expect_port(json_t *port, const struct world_host *host, const char *name)
{
    struct world_text address = world_address(host, "lan", WORLD_IPV4);
    char text[128];

    expect_text(port, "address", address.text);
    snprintf(text, sizeof text, "%s at %s", name, address.text);
    expect_text(port, "label", text);
    expect_text(port, "protocol", "network");
    expect_text(port, "protocolLabel", "Network Port");
    json_t *properties = json_object_get(port, "properties");
    snprintf(text, sizeof text, "%s.local.", name);
    expect_text(properties, "hostname", text);
    expect_text(properties, "port", "8266");
    expect_text(properties, "board", "nodemcuv2");
    expect_text(properties, ".", "nodemcuv2");
    expect_text(properties, "auth_upload", "no");
    expect_text(properties, "ssh_upload", "no");
    expect_text(properties, "tcp_check", "no");
}

static void expect_live(bool daemons)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(LAN, HOSTS(here, attic));
    if (daemons) {
        world_daemon(here);
        world_daemon(attic);
    }
    struct process *arduino = arduino_start();
    ask(arduino, "HELLO 1 \"arduino-cli 1.0\"", "hello");
    ask(arduino, "START_SYNC", "start_sync");
    struct process *device = peer_device(attic, "kitchen", ARGS("--board", "nodemcuv2"));
    json_t *event = hear(arduino, "add");
    expect_port(json_object_get(event, "port"), attic, "kitchen");
    process_signal(device, SIGTERM);
    event = hear(arduino, "remove");
    expect_port(json_object_get(event, "port"), attic, "kitchen");
    peer_device(attic, "kitchen", ARGS("--board", "nodemcuv2"));
    hear(arduino, "add");
    ask(arduino, "STOP", "stop");
    expect_quits(arduino);
}

Test(mdns_arduino, tells_what_comes_and_goes)
{
    expect_live(false);
}

Test(mdns_arduino, tells_what_comes_and_goes_through_daemons)
{
    expect_live(true);
}

Test(mdns_arduino, notices_a_death_without_goodbye)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");

    world_link(LAN, HOSTS(here, attic));
    struct process *device = peer_publish(attic, ARGS("lan"), ARGS("kitchen", "--ttl", "4"));
    struct process *arduino = arduino_start();
    ask(arduino, "HELLO 1 \"arduino-cli 1.0\"", "hello");
    ask(arduino, "START_SYNC", "start_sync");
    hear(arduino, "add");
    world_kill(device);
    json_t *event = hear(arduino, "remove");
    expect_port(json_object_get(event, "port"), attic, "kitchen");
    expect_quits(arduino);
}

Test(mdns_arduino, lists)
{
    struct world_host *here = world_here();
    struct world_host *attic = world_host("attic");
    json_t *ports;

    world_link(LAN, HOSTS(here, attic));
    peer_device(attic, "kitchen", ARGS("--board", "nodemcuv2"));
    struct process *arduino = arduino_start();
    ask(arduino, "hello 1 \"arduino-cli 1.0\"", "hello");
    ask(arduino, "start", "start");
    for (int64_t tries = 0;; tries++) {
        ports = json_object_get(ask(arduino, "list", "list"), "ports");
        cr_assert(json_is_array(ports));
        if (json_array_size(ports) > 0)
            break;
        cr_assert_lt(tries, E2E_PATIENCE_MS / 100, "nothing is found");
        cr_assert_not(process_ended(arduino, 100));
    }
    cr_assert_eq(json_array_size(ports), 1);
    expect_port(json_array_get(ports, 0), attic, "kitchen");
    ask(arduino, "stop", "stop");
    cr_assert(json_is_true(json_object_get(ask(arduino, "list", "list"), "error")));
    ask(arduino, "start_sync", "start_sync");
    hear(arduino, "add");
    expect_quits(arduino);
}

Test(mdns_arduino, ends_with_its_stdin)
{
    struct process *arduino = arduino_start();

    ask(arduino, "HELLO 1 \"arduino-cli 1.0\"", "hello");
    ask(arduino, "START_SYNC", "start_sync");
    process_close_input(arduino);
    program_finish(arduino);
    expect_exit(arduino, 0);
}

Test(mdns_arduino, quits_at_once)
{
    expect_quits(arduino_start());
}

/* Memory stays as it is, one answer says what is wrong, and the next line counts again. */
Test(mdns_arduino, takes_a_mebibyte_without_a_newline)
{
    const size_t len = 1024u * 1024;
    struct process *arduino = arduino_start();
    char *line = malloc(len);

    cr_assert(line);
    memset(line, 'x', len);
    ask(arduino, "HELLO 1 \"arduino-cli 1.0\"", "hello");
    cr_assert(process_write(arduino, line, len, E2E_PATIENCE_MS));
    json_t *error = ask(arduino, "", "command_error");
    cr_assert(json_is_true(json_object_get(error, "error")));
    ask(arduino, "START", "start");
    cr_assert(process_write(arduino, line, len, E2E_PATIENCE_MS));
    process_close_input(arduino);
    program_finish(arduino);
    expect_exit(arduino, 0);
    free(line);
}
