#include "cli/discover/mdns_bus.h"

#include "cli/clock.h"

#include <dbus/dbus.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Half of the time for D-Bus itself, half for the daemon. */
#define CALL_MS 1000

/* How long a sign of life is worth something. */
#define FRESH_MS 200u

#define SYSTEM_BUS "unix:path=/var/run/dbus/system_bus_socket"

struct mdns_bus {
    DBusConnection *connection;
    uint64_t answered_ms;
    bool silent;
};

/* True when `message` answers the call `serial`; `*ok`, or else `error`, then says how. */
static bool is_answer(DBusMessage *message, dbus_uint32_t serial, bool *ok, DBusError *error)
{
    if (dbus_message_get_reply_serial(message) != serial)
        return false;
    *ok = !dbus_set_error_from_message(error, message);
    return true;
}

/*
 * Wait for the answer to a call. dbus_connection_send_with_reply_and_block() does that too, but
 * keeps no time limit as long as the bus has not let us in.
 */
static bool await(DBusConnection *connection, dbus_uint32_t serial, DBusError *error)
{
    uint64_t deadline = clock_ms() + CALL_MS;
    bool connected = true;
    bool ok = false;

    for (uint64_t now = clock_ms(); connected && now < deadline; now = clock_ms()) {
        connected = dbus_connection_read_write(connection, (int)(deadline - now));
        for (DBusMessage *message = dbus_connection_pop_message(connection); message;
             message = dbus_connection_pop_message(connection)) {
            bool answered = is_answer(message, serial, &ok, error);
            dbus_message_unref(message);
            if (answered)
                return ok;
        }
    }
    if (connected)
        dbus_set_error_const(error, DBUS_ERROR_NO_REPLY, "it does not answer");
    else
        dbus_set_error_const(error, DBUS_ERROR_DISCONNECTED, "D-Bus has closed the connection");
    return false;
}

/* Call a method without arguments. */
static bool call(DBusConnection *connection, const char *name, const char *path,
                 const char *interface, const char *method, DBusError *error)
{
    DBusMessage *message = dbus_message_new_method_call(name, path, interface, method);
    dbus_uint32_t serial = 0;

    bool sent = message && dbus_connection_send(connection, message, &serial);
    if (message)
        dbus_message_unref(message);
    if (!sent) {
        dbus_set_error_const(error, DBUS_ERROR_NO_MEMORY, strerror(ENOMEM));
        return false;
    }
    return await(connection, serial, error);
}

static bool greet_bus(DBusConnection *connection, DBusError *error)
{
    return call(connection, DBUS_SERVICE_DBUS, DBUS_PATH_DBUS, DBUS_INTERFACE_DBUS, "Hello", error);
}

static bool ask_daemon(DBusConnection *connection, DBusError *error)
{
    return call(connection, "org.freedesktop.Avahi", "/", "org.freedesktop.Avahi.Server",
                "GetVersionString", error);
}

/* dbus_bus_get_private() would do, but waits as long as avahi's client. */
static DBusConnection *connect_to_bus(DBusError *error)
{
    const char *address = getenv("DBUS_SYSTEM_BUS_ADDRESS");
    DBusConnection *connection =
        dbus_connection_open_private(address && address[0] ? address : SYSTEM_BUS, error);

    if (!connection)
        return NULL;
    dbus_connection_set_exit_on_disconnect(connection, FALSE);
    if (greet_bus(connection, error) && ask_daemon(connection, error))
        return connection;
    dbus_connection_close(connection);
    dbus_connection_unref(connection);
    return NULL;
}

struct mdns_bus *mdns_bus_open(char why[MDNS_WHY_MAX])
{
    struct mdns_bus *bus = calloc(1, sizeof *bus);
    DBusError error;

    if (!bus) {
        snprintf(why, MDNS_WHY_MAX, "%s", strerror(ENOMEM));
        return NULL;
    }
    dbus_error_init(&error);
    bus->connection = connect_to_bus(&error);
    if (!bus->connection) {
        snprintf(why, MDNS_WHY_MAX, "%s", error.message);
        dbus_error_free(&error);
        free(bus);
        return NULL;
    }
    bus->answered_ms = clock_ms();
    return bus;
}

bool mdns_bus_answers(struct mdns_bus *bus)
{
    DBusError error;

    if (bus->silent || clock_ms() - bus->answered_ms < FRESH_MS)
        return !bus->silent;
    dbus_error_init(&error);
    bus->silent = !ask_daemon(bus->connection, &error);
    bus->answered_ms = clock_ms();
    dbus_error_free(&error);
    return !bus->silent;
}

void mdns_bus_close(struct mdns_bus *bus)
{
    if (!bus)
        return;
    dbus_connection_close(bus->connection);
    dbus_connection_unref(bus->connection);
    free(bus);
}
