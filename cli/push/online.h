/*
 * Waiting for devices to be back after their updates.
 *
 * A device that was found by mDNS is back when it is announced again, and then answers an
 * invitation that no device takes (probe.h): from its "OK" on a device answers none until it has
 * rebooted, while its mDNS may go on for a moment. mDNS is asked within this process, with an empty
 * cache, for no daemon's cache can be made to forget. Where there is no mDNS, or the device was not
 * found by it, the answer to the invitation is enough.
 */
#ifndef CLI_ONLINE_H
#define CLI_ONLINE_H

#include "cli/discover/device.h"
#include "cli/discover/mdns_options.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

struct online_options {
    struct mdns_choice mdns;                  /* MDNS_OFF and MDNS_DAEMON: by probes alone */
    int family;                               /* AF_INET, AF_INET6, AF_UNSPEC */
    struct address bind_to;                   /* for probes, as in probe.h */
    void (*log)(void *ctx, const char *text); /* or NULL */
    void *log_ctx;
};

struct online;

/* Make one for any number of devices. NULL when out of memory. */
struct online *online_new(struct event_base *base, const struct online_options *options);

/* Release it, with all that is waited for. NULL does nothing. */
void online_free(struct online *online);

/* Which device; the new image may have given it another name, or the network another address. */
struct online_device {
    char name[DEVICE_NAME_MAX]; /* of its instance; empty when it was not found by mDNS */
    struct address address;     /* with its UDP port */
    bool has_fixed_port;        /* that is its port, whatever it announces */
};

/*
 * How it ended; called once, from the loop. `now` is what the device is called and where it is now,
 * NULL when it did not come back in time.
 */
typedef void online_fn(void *ctx, const struct online_device *now);

struct online_wait;

/* Wait for a device that was updated just now. NULL when out of memory. */
struct online_wait *online_start(struct online *online, const struct online_device *device,
                                 uint32_t limit_ms, online_fn *fn, void *ctx);

#endif
