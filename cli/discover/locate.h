/*
 * From what the user calls a device to the device.
 */
#ifndef CLI_LOCATE_H
#define CLI_LOCATE_H

#include "cli/discover/device.h"
#include "cli/discover/locator.h"
#include "cli/failure.h"

#include <stdbool.h>
#include <stdint.h>

/* How long mDNS usually takes at most, with a query and its repetition lost. */
#define LOCATE_MDNS_MS 5000u

/* A device that was found. */
struct located {
    struct address address;     /* its port is 0 when it is not known */
    enum device_auth auth;      /* unknown unless found by mDNS */
    char name[DEVICE_NAME_MAX]; /* the instance's, raw; empty unless found by mDNS */
    bool from_cache;            /* the daemon may have known it since before it went away */
    bool is_disputed;           /* another device of the cache is at the same address and port */
};

enum locate_event {
    LOCATE_FOUND, /* with a glob it may come again, for another device */
    LOCATE_DONE,  /* a glob found all there are */
    LOCATE_FAILED,
};

/* `located` with LOCATE_FOUND, `failure` (EXIT_NOT_FOUND) with LOCATE_FAILED; for the call. */
typedef void locate_fn(void *ctx, enum locate_event event, const struct located *located,
                       const struct failure *failure);

struct locate_limits {
    uint32_t dns_ms;  /* for the system's resolver */
    uint32_t mdns_ms; /* for mDNS; 0: as long as it usually takes */
    uint32_t wait_ms; /* for a device that is not there yet, by any way; 0: not waited for */
    /* Which of the devices that a glob matches count, told by the search's `ctx`; NULL: all. */
    bool (*suits)(void *ctx, const struct device *device);
};

struct locate;

/*
 * Look for a device, by anything that target.h knows; `text` must outlive it. `fn` is called from
 * the loop, and must not cancel another search; of several searches that a device is the answer to,
 * the one that was started first is told first. After LOCATE_FAILED or LOCATE_DONE, and after
 * LOCATE_FOUND of anything but a glob, it is over and released. NULL when out of memory.
 */
struct locate *locate_start(struct locator *locator, const char *text,
                            const struct locate_limits *limits, locate_fn *fn, void *ctx);

/* Look for the device of exactly this instance's name, by mDNS alone; likewise. */
struct locate *locate_instance(struct locator *locator, const char *name,
                               const struct locate_limits *limits, locate_fn *fn, void *ctx);

/* Stop looking: `fn` is not called any more. NULL does nothing. */
void locate_cancel(struct locate *locate);

#endif
