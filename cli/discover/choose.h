/*
 * Choosing devices when none was named: the ones that are found are offered on the terminal.
 */
#ifndef CLI_CHOOSE_H
#define CLI_CHOOSE_H

#include "cli/discover/locate.h"
#include "cli/discover/mdns_options.h"
#include "cli/failure.h"
#include "common/image.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

struct choose_options {
    struct mdns_choice mdns;                  /* not MDNS_OFF */
    int family;                               /* AF_INET, AF_INET6, AF_UNSPEC */
    void (*log)(void *ctx, const char *text); /* every step; NULL: not at all */
    void *log_ctx;
    enum image_kind kind; /* what is to be sent: devices of its family come first */
};

/*
 * Look for devices for a few seconds, and have somebody choose. `*chosen` receives an array that
 * the caller frees. Returns how many there are, or 0 with `failure` filled in: EXIT_NOT_FOUND when
 * there is no device, EXIT_BAD_USAGE when nobody is there to choose (the list is printed all the
 * same) or none was chosen, EXIT_LOCAL_FAILURE when mDNS cannot be had.
 */
size_t choose_run(struct event_base *base, const struct choose_options *options,
                  struct located **chosen, struct failure *failure);

/* True when images of this kind tell which family of devices they are for. */
bool choose_has_family(enum image_kind kind);

/* True when the device is one for images of this kind, as far as its port, host and board tell. */
bool choose_suits(const struct device *device, enum image_kind kind);

/*
 * Read numbers from 1 to `count`, between blanks or commas, or "all": `picked[number - 1]` becomes
 * true, the others false. False when the line says anything else, or nothing.
 */
bool choose_read(const char *line, size_t count, bool *picked);

#endif
