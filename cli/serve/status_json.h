/*
 * What the status page shows, for programs: /status.json.
 */
#ifndef CLI_STATUS_JSON_H
#define CLI_STATUS_JSON_H

#include "cli/serve/status_view.h"

struct evbuffer;

#define STATUS_JSON_TYPE "application/json"

/*
 * Append one JSON object and a newline: valid UTF-8, what is not printable escaped as in
 * printable() first. espota-c-serve(1) describes it. "{}" without memory.
 */
void status_json_write(const struct status_view *view, struct evbuffer *out);

#endif
