/*
 * Where one instance was seen: on which interfaces, over which versions of IP.
 */
#ifndef CLI_SIGHTINGS_H
#define CLI_SIGHTINGS_H

#include "cli/discover/device.h"

#include <stdbool.h>
#include <stddef.h>

/* Sightings of one instance that are kept: both versions of IP on each interface. */
#define SIGHTINGS_MAX (2 * DEVICE_INTERFACES_MAX)

struct sighting {
    unsigned interface;
    int family;     /* AF_INET or AF_INET6: over which mDNS spoke */
    unsigned round; /* in which it was last reported; see sightings_expire() */
    bool tried_v4;  /* an IPv4 address has been asked for there */
    bool tried_v6;
};

struct sightings {
    struct sighting items[SIGHTINGS_MAX];
    size_t count;
};

/* The sighting as it is kept; added, with nothing tried, when it is new. NULL when full. */
struct sighting *sightings_add(struct sightings *set, unsigned interface, int family,
                               unsigned round);

/* True when it was there. */
bool sightings_remove(struct sightings *set, unsigned interface, int family);

/* Remove what was not reported in this round; true when there was something to remove. */
bool sightings_expire(struct sightings *set, unsigned round);

/* True when one of them was reported in this round. */
bool sightings_current(const struct sightings *set, unsigned round);

/*
 * Where to ask for an address of `address_family` next: not tried, reported in this round, and
 * over the same version of IP if possible. NULL: nowhere.
 */
struct sighting *sightings_pick(struct sightings *set, int address_family, unsigned round);

/* Note that an address of `address_family` has been asked for there. */
void sighting_tried(struct sighting *sighting, int address_family);

/* Note that everything, or nothing, has been tried everywhere. */
void sightings_set_tried(struct sightings *set, bool tried);

/* Where to find it among them; NULL when it is not there. */
struct sighting *sightings_find(struct sightings *set, unsigned interface, int family);

/* The indices of the interfaces, ascending, each once; the highest are left out when too many. */
size_t sightings_interfaces(const struct sightings *set, unsigned out[DEVICE_INTERFACES_MAX]);

#endif
