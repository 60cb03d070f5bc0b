/*
 * The devices of the network, each once: a finder looks for them by mDNS, puts together what is
 * seen of them over several interfaces and versions of IP, and tells what comes and goes.
 */
#ifndef CLI_FINDER_H
#define CLI_FINDER_H

#include "cli/discover/device.h"
#include "cli/discover/mdns.h"
#include "cli/failure.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

/* Devices that are kept; whatever floods the network with more is ignored, and the log says so. */
#define FINDER_DEVICES_MAX 1024

enum finder_event {
    FINDER_ADDED,
    FINDER_CHANGED, /* another address, port, host name, TXT record, or set of interfaces */
    FINDER_REMOVED, /* it said goodbye, or stopped answering */
};

struct finder_options {
    enum mdns_mode mode;   /* not MDNS_OFF */
    const char *interface; /* as in mdns.h */
    int family;  /* AF_INET, AF_INET6: addresses of that kind alone; AF_UNSPEC: IPv4 first,
                    then IPv6, link-local IPv6 last */
    bool insist; /* ask once a second in the first seconds, and every 30 s from then on: somebody
                    waits */
    void (*log)(void *ctx, const char *text); /* every step, printable; NULL: not at all */
    /*
     * A device is told once its address, port and TXT record are known. It is the finder's, and
     * lasts for the call; FINDER_REMOVED shows it as it was. The callback must not close the
     * finder.
     */
    void (*event)(void *ctx, enum finder_event event, const struct device *device);
    /* The daemon went away and nothing takes its place; NULL: not told. */
    void (*lost)(void *ctx, const struct failure *failure);
    void *ctx;
};

struct finder;

/*
 * Begin to look. With MDNS_AUTO a daemon that goes away later, or hangs, is replaced by the
 * embedded way. NULL, with `failure` filled in, as mdns_open().
 */
struct finder *finder_open(struct event_base *base, const struct finder_options *options,
                           struct failure *failure);

/* End. NULL does nothing. */
void finder_close(struct finder *finder);

/* MDNS_DAEMON or MDNS_EMBEDDED. */
enum mdns_mode finder_mode(const struct finder *finder);

/*
 * True when what is found may come from a daemon's cache, and so from the past: while the daemon is
 * asked, and for a moment after it has gone.
 */
bool finder_is_cached(const struct finder *finder);

/*
 * The devices found so far and still there: `*devices` receives an array of pointers that the
 * caller frees, sorted by name; the devices are the finder's, and stay until its next event.
 * Returns how many; 0 with NULL when there is none, or no memory.
 */
size_t finder_devices(const struct finder *finder, const struct device ***devices);

#endif
