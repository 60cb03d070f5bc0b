/*
 * What `espota-c setup arduino` changes in one core: planned first, shown, and then carried out.
 */
#ifndef CLI_ARDUINO_CHANGE_H
#define CLI_ARDUINO_CHANGE_H

#include "cli/integration/arduino_cores.h"
#include "cli/integration/settings_file.h"

#include <stdio.h>

struct arduino_change {
    struct settings_file file;
    char *text; /* its content to be, `len` bytes; NULL: it is removed, or nothing changes */
    size_t len;
    bool changes; /* it is not as it should be */
    bool foreign; /* in a file that is removed there are lines that setup does not write */
};

/*
 * Plan it: with `body` in the block, or, to `remove` it, without the block. False with `failure`
 * when it cannot be done. arduino_change_free() in any case.
 */
bool arduino_change_plan(struct arduino_change *change, const struct arduino_core *core,
                         const char *body, bool remove, struct failure *failure);

/* Show which lines go and which come, and a user's own lines that set the same as the block. */
void arduino_change_show(const struct arduino_change *change, FILE *out);

/* Carry it out, and tell. */
bool arduino_change_apply(const struct arduino_change *change, FILE *out, struct failure *failure);

void arduino_change_free(struct arduino_change *change);

#endif
