/*
 * The process that is espota-device's client of avahi-daemon, and what the two tell each other: a
 * request to publish, and reports on what has come of it, each a packet of one socket. Both are one
 * program, so they are structures as they are.
 */
#ifndef DEVICE_DAEMON_CLIENT_H
#define DEVICE_DAEMON_CLIENT_H

#include "device_links.h"
#include "device_publisher.h"

#include <avahi-common/defs.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Publish this, instead of what was published before. */
struct device_daemon_request {
    uint32_t serial; /* not 0 */
    struct device_service service;
    struct device_links links;
};

/* All that is known; sent whenever something has changed. The first is the daemon's sign of life.
 */
struct device_daemon_report {
    uint32_t serial;            /* of the latest request that was done; 0: none */
    bool is_ready;              /* the daemon takes records */
    int error;                  /* AVAHI_ERR_...: nothing more will come; or 0 */
    AvahiEntryGroupState state; /* of what was published */
};

/*
 * Be that process, just forked by `parent`, with this SOCK_SEQPACKET socket to it. Never returns;
 * ends at the latest when the parent does. Signals stay blocked as they are.
 */
_Noreturn void device_daemon_client_run(int socket, pid_t parent);

#endif
