/*
 * The status page and its JSON, made from the server's state. Every text that came from a device is
 * escaped: it may be anything.
 */
#ifndef CLI_STATUS_VIEW_H
#define CLI_STATUS_VIEW_H

#include "cli/serve/fleet.h"
#include "cli/serve/recent_events.h"
#include "cli/serve/store.h"

#include <stddef.h>
#include <stdint.h>

struct evbuffer;

struct status_view {
    const struct fleet *fleet;        /* NULL with --image */
    const struct served_image *image; /* of --image, else NULL */
    struct store *store;
    const struct recent_events *events;
    int64_t now;
    int64_t started;
    const char *problem; /* what is wrong now, as a sentence (a broken catalogue), or NULL */
    size_t device_limit; /* rows at most; the rest is counted */
};

/* Append a whole HTML document, UTF-8; it names /status.css and refreshes itself. */
void status_page_write(const struct status_view *view, struct evbuffer *out);

/* Append one JSON object with the same, for /status.json. */
void status_json_write(const struct status_view *view, struct evbuffer *out);

/* The style sheet, for /status.css. */
extern const char status_style[];

#endif
