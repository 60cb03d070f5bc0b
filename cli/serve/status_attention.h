/*
 * What somebody should look after, in numbers: the same for the status page and its JSON.
 */
#ifndef CLI_STATUS_ATTENTION_H
#define CLI_STATUS_ATTENTION_H

#include "cli/serve/status_view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evbuffer;

/* Of the releases that are in the catalogue now. */
struct status_attention {
    size_t stopped; /* releases that too many devices failed with */
    uint64_t held;  /* devices that are held back from one */
};

struct status_attention status_attention_of(const struct status_view *view);

/* True when there is any of it, or a problem. */
bool status_attention_is_needed(const struct status_view *view);

/* Append the section to the page; nothing when nothing needs attention. */
void status_attention_write(const struct status_view *view, struct evbuffer *out);

#endif
