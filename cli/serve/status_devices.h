/*
 * The status page's part about devices: one row for each.
 */
#ifndef CLI_STATUS_DEVICES_H
#define CLI_STATUS_DEVICES_H

#include "cli/serve/status_view.h"

struct evbuffer;

/* Append the section. */
void status_devices_write(const struct status_view *view, struct evbuffer *out);

#endif
