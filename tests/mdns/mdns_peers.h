/*
 * Others that speak mDNS, on the hosts of a world (mdns_world.h): python3-zeroconf, which
 * announces and looks for devices independently of Avahi (tests are skipped where it is not
 * installed); our own device;
 * somebody hostile; a crowd. See their programs for all that they can do.
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

/* A hostile responder: see hostile_responder.c for the kinds. On one link, with IPv4. */
struct process *peer_hostile(const struct world_host *host, const char *link, const char *kind);

/* So many devices, device-000 and so on, on all links: see many_devices.c. */
struct process *peer_many(const struct world_host *host, unsigned count);

/*
 * espota-device, of this name, with further arguments (or NULL), on all links, and wait until it
 * says that it has announced itself. Its flash is NAME.flash in the test's folder.
 */
struct process *peer_device(const struct world_host *host, const char *name,
                            const char *const *args);

/* Have any of them but espota-device, which a SIGTERM ends, say goodbye and end. */
void peer_leave(struct process *peer);

#endif
