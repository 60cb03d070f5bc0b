/*
 * --help, --usage and --version, the same for every command. They take the place of argp's own,
 * which come with hidden options (--HANG, --program-name) that nobody asked for.
 */
#ifndef CLI_USAGE_H
#define CLI_USAGE_H

#include <argp.h>

/*
 * To be a child of a command's parser, which is run with ARGP_NO_HELP. For --version main() sets
 * argp_program_version_hook.
 */
extern const struct argp usage_argp;

/* The same, for parsers that have no other children. */
extern const struct argp_child usage_children[];

#endif
