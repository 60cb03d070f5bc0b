/*
 * What --version prints.
 */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

#include <stdio.h>

/* A library that a program is linked with. Lists of them end with one whose name is NULL. */
struct linked_library {
    const char *name;

    /* The version in use; of libraries that cannot tell, the one at build time, and it says so. */
    const char *(*version)(void);
};

/* Those of every program. */
extern const struct linked_library version_base_libraries[];

/*
 * Print "espota-c VERSION (commit COMMIT)", and the libraries, each on a line of its own. `lists`
 * ends with NULL.
 */
void version_print(FILE *out, const struct linked_library *const *lists);

#endif
