/*
 * Devices as JSON objects. Their fields are an interface: espota-c-discover(1) lists them.
 */
#ifndef CLI_DISCOVER_JSON_H
#define CLI_DISCOVER_JSON_H

#include "cli/discover/device.h"

#include <jansson.h>

/*
 * A new object, which the caller releases with json_decref(); NULL without memory. `event` is the
 * value of its first field "event"; NULL: it has no such field.
 */
json_t *discover_json(const struct device *device, const char *event);

/* The same as text on one line, without a newline, to be freed; NULL without memory. */
char *discover_json_line(const struct device *device, const char *event);

#endif
