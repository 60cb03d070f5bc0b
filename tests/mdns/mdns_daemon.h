/*
 * An avahi-daemon for a host of a world (mdns_world.h).
 */
#ifndef TESTS_MDNS_DAEMON_H
#define TESTS_MDNS_DAEMON_H

#include "mdns_world.h"

struct world_daemon {
    struct process *bus;   /* dbus-daemon */
    struct process *avahi; /* avahi-daemon */
};

/*
 * Give a host a system bus and an avahi-daemon, of whatever links it has then, and wait until they
 * answer. Programs of the host find them where programs look for them. The test is skipped where
 * they are not installed.
 */
struct world_daemon world_daemon(const struct world_host *host);

/* End its avahi-daemon, and start another one. */
void world_daemon_restart(const struct world_host *host, struct world_daemon *daemon);

#endif
