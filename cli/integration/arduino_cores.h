/*
 * Which cores for network devices the Arduino tools have on this machine, and where.
 */
#ifndef CLI_ARDUINO_CORES_H
#define CLI_ARDUINO_CORES_H

#include "cli/failure.h"
#include "cli/integration/arduino_templates.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define ARDUINO_CORES_MAX 64

struct arduino_core {
    const struct arduino_template *template; /* of its architecture */
    char path[PATH_MAX];                     /* its folder, absolute and without links */
};

struct arduino_cores {
    struct arduino_core *list; /* ARDUINO_CORES_MAX of them */
    size_t count;
    bool more; /* than fit */
};

/*
 * Look in folders that are named, or, when `count` is 0, in the usual places below $HOME and where
 * ARDUINO_DIRECTORIES_DATA, ARDUINO_DATA_DIR and ARDUINO_DIRECTORIES_USER point. A named folder may
 * be a core's own, the tools' data folder, a sketchbook, or that of a portable IDE. No core at all
 * is no error. False with `failure` when memory ran out; arduino_cores_free() in any case.
 */
bool arduino_cores_find(struct arduino_cores *cores, const char *const *folders, size_t count,
                        struct failure *failure);

void arduino_cores_free(struct arduino_cores *cores);

#endif
