/*
 * Others that speak mDNS, on the hosts of a world (mdns_world.h): python3-zeroconf, which
 * announces and looks for devices independently of Avahi. See the programs of the same names for
 * all their options. Tests are skipped where it is not installed.
 */
#ifndef TESTS_MDNS_PEERS_H
#define TESTS_MDNS_PEERS_H

#include "mdns_world.h"

/*
 * Announce devices, and wait until they are announced: `args` are those of zeroconf_publish.py but
 * --address, NAME... first; `links` (ends with NULL) are announced on, with the IPv4 address if the
 * host has one there, else the one of fe80::. peer_leave() takes them back, world_kill() does not.
 */
struct process *peer_publish(const struct world_host *host, const char *const *links,
                             const char *const *args);

/* Look for devices, on those links. */
struct process *peer_browse(const struct world_host *host, const char *const *links);

/* Say goodbye, and end. */
void peer_leave(struct process *peer);

#endif
