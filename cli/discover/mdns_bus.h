/*
 * Whether avahi-daemon answers, found out in a short time. avahi's client waits up to 25 seconds
 * for each answer of the daemon and cannot be told to wait less; a daemon that is there and hangs
 * must not hold the program up for so long. So it is asked for a sign of life first, on a
 * connection to the system's D-Bus of our own.
 */
#ifndef CLI_MDNS_BUS_H
#define CLI_MDNS_BUS_H

#include <stdbool.h>

/* Bytes, with NUL, of a reason for people. */
#define MDNS_WHY_MAX 256

struct mdns_bus;

/*
 * Connect, and see whether the daemon answers; where D-Bus starts services by itself, that may
 * start it. Takes 2 seconds at most; nothing like it when there is no socket, or no daemon. NULL,
 * with the reason, when there is no answer.
 */
struct mdns_bus *mdns_bus_open(char why[MDNS_WHY_MAX]);

/*
 * True when the daemon answers within a second, or has done so a moment ago. False for ever after
 * it once has not.
 */
bool mdns_bus_answers(struct mdns_bus *bus);

/* NULL does nothing. */
void mdns_bus_close(struct mdns_bus *bus);

#endif
