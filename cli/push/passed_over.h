/*
 * Devices that a pattern found and that are left alone, each once, with the reason.
 */
#ifndef CLI_PASSED_OVER_H
#define CLI_PASSED_OVER_H

#include "cli/discover/device.h"
#include "cli/push/report.h"

#include <stddef.h>

/* All zero at first. */
struct passed_over {
    struct passed_device *list;
    size_t count;
    size_t room;
};

/* Add a device, unless it is one of them. `why` is a printable clause; without memory it is lost.
 */
void passed_over_add(struct passed_over *passed, const struct device *device, const char *why);

/* Tell people of them: the first ones, and how many more there are. */
void passed_over_tell(const struct passed_over *passed, struct report *report);

/* Release what was allocated. */
void passed_over_free(struct passed_over *passed);

#endif
