/*
 * The status page's part about releases: how far each has come, as a bar and in numbers.
 */
#ifndef CLI_STATUS_RELEASES_H
#define CLI_STATUS_RELEASES_H

#include "cli/serve/status_view.h"

struct evbuffer;

/* Append the section; view->fleet is there. */
void status_releases_write(const struct status_view *view, struct evbuffer *out);

#endif
