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
    size_t seen; /* as often as one was found; some have several names, or do not fit */
    bool more;   /* than fit */
};

/* No cores yet. False with `failure` when memory ran out; arduino_cores_free() in any case. */
bool arduino_cores_init(struct arduino_cores *cores, struct failure *failure);

/*
 * Add what is in a folder: it may be a core's own, the tools' data folder, a sketchbook, or that of
 * a portable IDE. False with `failure` when there is no core.
 */
bool arduino_cores_find_in(struct arduino_cores *cores, const char *folder,
                           struct failure *failure);

/*
 * Add what is in the usual places below $HOME, and where ARDUINO_DIRECTORIES_DATA, ARDUINO_DATA_DIR
 * and ARDUINO_DIRECTORIES_USER point.
 */
void arduino_cores_find_all(struct arduino_cores *cores);

void arduino_cores_free(struct arduino_cores *cores);

#endif
