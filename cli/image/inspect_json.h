/*
 * An image file as a JSON object. Its fields are an interface: espota-c-inspect(1) lists them.
 */
#ifndef CLI_INSPECT_JSON_H
#define CLI_INSPECT_JSON_H

#include "cli/image/image_file.h"

#include <jansson.h>

/* A new object, which the caller releases with json_decref(); NULL without memory. */
json_t *inspect_json(const struct image_file *file);

#endif
