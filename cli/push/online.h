/*
 * Waiting for devices to be back after their updates.
 *
 * A device that was updated answers no more questions until it has rebooted: a stock one is busy
 * with that from its "OK" on, for up to a second. So whoever answers a question that was asked
 * later than that is back. The questions are mDNS's, asked within this process with an empty cache,
 * for no daemon's cache can be made to forget; where there is no mDNS, or the device was not found
 * by it, they are invitations that no device takes (probe.h).
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
