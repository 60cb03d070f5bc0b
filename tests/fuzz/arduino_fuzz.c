/*
 * The Arduino discovery protocol: a client of any kind and devices of any kind. Whatever they say,
 * each line is a JSON object with an eventType, answers come where they are due, and the client's
 * picture of the ports is the right one.
 *
 * The first byte is a number of flags and how commands are cut in pieces. Then bytes are commands,
 * except that 0xF0 to 0xF7 are devices that come (with a TXT record made of the rest of the input),
 * 0xF8 to 0xFB such that go, and 0xFC is all of them going.
 */
#include "cli/integration/arduino_port.h"
#include "cli/integration/arduino_protocol.h"

#include <stdlib.h>
#include <string.h>

#define DEVICES     4
#define DEVICE_COME 0xF0
#define DEVICE_GOES 0xF8
#define ALL_GO      0xFC

struct world {
    struct arduino_protocol protocol;
    bool cannot_start;
    bool found_early; /* a device is known before start() returns */
    bool looking;
    bool synced;       /* by what the client was told */
    bool over;         /* likewise */
    json_t *ports;     /* likewise: an array */
    const uint8_t *at; /* what is left of the input */
    size_t len;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

/* --- Devices ---------------------------------------------------------------------------------- */

/* The rest of the input is also what devices say of themselves. */
static void come(struct world *world, unsigned which)
{
    struct device device = { .name = { (char)('a' + which % DEVICES) } };
    size_t len = world->len;

    if (which >= DEVICES && len > 0)
        device.name[1] = (char)world->at[len - 1];
    size_t host_len = len < sizeof device.host ? len : sizeof device.host - 1;
    memcpy(device.host, world->at, host_len);
    require(address_parse(&device.address, which & 1 ? "192.0.2.1" : "fe80::1"));
    address_set_port(&device.address, (uint16_t)(8266 + len % 3));
    device.txt = world->at;
    device.txt_len = len;
    json_t *port = arduino_port(&device);
    require(port != NULL);
    arduino_protocol_set_port(&world->protocol, device.name, port);
}

static void go(struct world *world, unsigned which)
{
    const char name[] = { (char)('a' + which % DEVICES), '\0' };

    arduino_protocol_remove_port(&world->protocol, name);
}

/* --- What the protocol wishes and says -------------------------------------------------------- */

static bool start(void *ctx, struct failure *failure)
{
    struct world *world = ctx;

    require(!world->looking);
    if (world->found_early)
        come(world, 0);
    if (world->cannot_start)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "\033[2J\xFF cannot");
    world->looking = true;
    return true;
}

static void stop(void *ctx)
{
    struct world *world = ctx;

    require(world->looking);
    world->looking = false;
}

static size_t find_port(const struct world *world, const json_t *port)
{
    size_t i = 0;

    while (i < json_array_size(world->ports) && !json_equal(json_array_get(world->ports, i), port))
        i++;
    return i;
}

static bool is_event(const json_t *object, const char *event)
{
    return strcmp(json_string_value(json_object_get(object, "eventType")), event) == 0;
}

static void note_port(struct world *world, const json_t *object)
{
    json_t *port = json_object_get(object, "port");
    const json_t *properties = json_object_get(port, "properties");

    require(world->synced);
    require(json_is_string(json_object_get(port, "address")));
    require(json_is_string(json_object_get(port, "label")));
    require(strcmp(json_string_value(json_object_get(port, "protocol")), "network") == 0);
    require(json_is_string(json_object_get(properties, "hostname")));
    require(json_is_string(json_object_get(properties, "port")));
    if (is_event(object, "add"))
        require(json_array_append(world->ports, port) == 0);
    else
        require(json_array_remove(world->ports, find_port(world, port)) == 0);
}

static void note_answer(struct world *world, const json_t *object)
{
    if (is_event(object, "list")) {
        require(world->looking && !world->synced);
        require(json_is_array(json_object_get(object, "ports")));
    } else if (is_event(object, "hello")) {
        require(json_integer_value(json_object_get(object, "protocolVersion")) == 1);
    } else {
        require(!is_event(object, "command_error"));
        world->synced = is_event(object, "start_sync");
        world->over = is_event(object, "quit");
        require(world->looking == (world->synced || is_event(object, "start")));
        json_array_clear(world->ports);
    }
}

static void say(void *ctx, const char *line, size_t len)
{
    struct world *world = ctx;

    require(!world->over);
    require(len > 1 && memchr(line, '\n', len) == line + len - 1);
    for (size_t i = 0; i + 1 < len; i++)
        require((unsigned char)line[i] >= 0x20 && line[i] != 0x7F);
    json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    require(json_is_object(object) && json_is_string(json_object_get(object, "eventType")));
    bool error = json_is_true(json_object_get(object, "error"));
    if (is_event(object, "add") || is_event(object, "remove"))
        note_port(world, object);
    else
        require(json_is_string(json_object_get(object, "message")) || is_event(object, "list"));
    if (error)
        require(json_string_length(json_object_get(object, "message")) < 1200);
    else if (!json_object_get(object, "port"))
        note_answer(world, object);
    json_decref(object);
}

/* --- The input -------------------------------------------------------------------------------- */

static void feed(struct world *world, size_t len)
{
    /* Exactly as large as the piece, so that the sanitizer sees a read past its end. */
    char *piece = malloc(len);

    if (!piece)
        return;
    memcpy(piece, world->at, len);
    world->at += len;
    world->len -= len;
    for (size_t done = 0; done < len;) {
        size_t taken = arduino_protocol_feed(&world->protocol, piece + done, len - done);
        require(taken > 0 && taken <= len - done);
        done += taken;
    }
    free(piece);
}

static void step(struct world *world, size_t piece_max)
{
    uint8_t what = *world->at;
    size_t len = 0;

    while (len < world->len && len < piece_max && world->at[len] < DEVICE_COME)
        len++;
    if (len > 0) {
        feed(world, len);
        return;
    }
    world->at++;
    world->len--;
    if (!world->looking && what <= ALL_GO)
        return;
    if (what < DEVICE_GOES)
        come(world, what - DEVICE_COME);
    else if (what < ALL_GO)
        go(world, what - DEVICE_GOES);
    else if (what == ALL_GO)
        arduino_protocol_remove_all(&world->protocol);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world world = { .at = data, .len = size };
    const struct arduino_hooks hooks = { start, stop, say, &world };

    if (size == 0)
        return 0;
    world.cannot_start = data[0] & 1;
    world.found_early = data[0] & 2;
    size_t piece_max = data[0] & 4 ? 1 : 1 + (size_t)data[0] * 8;
    world.at++;
    world.len--;
    world.ports = json_array();
    arduino_protocol_init(&world.protocol, &hooks);
    while (world.len > 0) {
        step(&world, piece_max);
        require(!world.protocol.no_memory);
        require(world.over == (world.protocol.state == ARDUINO_OVER));
        require(world.synced == (world.protocol.state == ARDUINO_SYNCED));
        if (world.synced)
            require(json_array_size(world.ports) == json_object_size(world.protocol.ports));
    }
    arduino_protocol_free(&world.protocol);
    json_decref(world.ports);
    return 0;
}
