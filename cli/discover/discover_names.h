/*
 * A set of devices' names, case aside, as those of DNS are compared: what a list has told of.
 */
#ifndef CLI_DISCOVER_NAMES_H
#define CLI_DISCOVER_NAMES_H

#include "cli/discover/device.h"

#include <stdbool.h>
#include <stddef.h>

/* Names that are kept: who floods the network with more gets no more memory. */
#define DISCOVER_NAMES_MAX 1024

struct discover_names {
    char (*names)[DEVICE_NAME_MAX];
    size_t count;
};

/* Begin empty. False without memory. */
bool discover_names_open(struct discover_names *names);

bool discover_names_has(const struct discover_names *names, const char *name);

/* Add a name. False when it is there already, or there is no room. */
bool discover_names_add(struct discover_names *names, const char name[DEVICE_NAME_MAX]);

/* Take a name out. False when it is not there. */
bool discover_names_remove(struct discover_names *names, const char *name);

/* Release what was allocated; a zeroed set has nothing. */
void discover_names_close(struct discover_names *names);

#endif
