/*
 * What the status page and its JSON are made from: the server's state at one moment. Every text in
 * it that came from a device may be anything, and is escaped by who shows it.
 */
#ifndef CLI_STATUS_VIEW_H
#define CLI_STATUS_VIEW_H

#include "cli/serve/fleet.h"
#include "cli/serve/recent_events.h"
#include "cli/serve/store.h"

#include <stddef.h>
#include <stdint.h>

struct status_view {
    const struct fleet *fleet;        /* NULL with --image */
    const struct served_image *image; /* of --image, else NULL */
    struct store *store;
    const struct recent_events *events;
    int64_t now;         /* seconds since the epoch, as all moments */
    int64_t started;     /* the server's start */
    const char *problem; /* what is wrong now, as a sentence (a broken catalogue), or NULL */
    size_t device_limit; /* rows of devices at most, and of releases; the rest is counted */
};

/* Seconds after which the page asks for itself again. */
#define STATUS_REFRESH_SECONDS 5

#endif
