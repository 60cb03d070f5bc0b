/*
 * Which addresses espota-device can be reached at, and on which interfaces: what mDNS has to say
 * where.
 */
#ifndef DEVICE_LINKS_H
#define DEVICE_LINKS_H

#include "ota/net.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

/* Addresses that are announced at most; what a machine has beyond is left out. */
#define DEVICE_LINKS_MAX 64

/* An address of ours on an interface. */
struct device_link {
    char interface_name[IF_NAMESIZE];
    int interface; /* its index, once found */
    bool is_loopback;
    struct ota_address address; /* the port is 0 */
};

struct device_links {
    struct device_link link[DEVICE_LINKS_MAX];
    size_t count;
};

/*
 * The links by which a device that is bound to `bound` can be reached, of those in `list`, as
 * getifaddrs() returns it: for an address of its own, that address alone, on the interface that has
 * it (0 or 1); for 0.0.0.0, every IPv4 address of the interfaces that are up and can do multicast,
 * or are loopback; for ::, those of either kind. Interfaces have no index yet.
 */
void device_links_select(struct device_links *out, const struct ifaddrs *list,
                         const struct ota_address *bound);

/* The same, of the machine's as they are now, with indexes. False with errno when it does not tell.
 */
bool device_links_find(struct device_links *out, const struct ota_address *bound);

/* Whether they are the same, in the same order. */
bool device_links_equal(const struct device_links *a, const struct device_links *b);

/* True for the first link on its interface. */
bool device_links_is_first(const struct device_links *links, size_t index);

#endif
