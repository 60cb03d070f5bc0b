/*
 * Commands that are programs of their own, so that what they link does not burden the others.
 */
#ifndef CLI_EXTERNAL_H
#define CLI_EXTERNAL_H

#include "cli/version.h"

/*
 * Become the program `name`, which lies beside this one (as in a build folder) or in the folder for
 * such programs that belongs to it when installed. `argv` is handed on. Returns only when there is
 * no such program, or it cannot be run: then that was printed, and it is the exit code.
 */
int external_run(const char *name, char **argv);

/* What is linked for that, beside every program's, for --version. */
extern const struct linked_library *const external_libraries;

#endif
