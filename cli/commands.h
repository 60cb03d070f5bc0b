/*
 * The command table: what espota-c runs, what --help lists, and what completions are made of.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <argp.h>

struct command {
    const char *name;
    const char *summary; /* one line, without a full stop */

    /* Run it; `argv[0]` is its name for messages. Returns the exit code. */
    int (*run)(int argc, char **argv);

    /* Its options as data; NULL when another program, which `run` becomes, has them. */
    const struct argp *argp;
};

/* The first is meant when none is named. Ends with one whose name is NULL. */
extern const struct command commands[];

/* The command of that name, or NULL. */
const struct command *command_find(const char *name);

#endif
