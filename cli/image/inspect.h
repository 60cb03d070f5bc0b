/*
 * The command `espota-c inspect IMAGE [--json]`.
 */
#ifndef CLI_INSPECT_H
#define CLI_INSPECT_H

#include <argp.h>

/* The options as data. */
extern const struct argp inspect_argp;

/*
 * Run the command; `argv[0]` is its name for messages. Returns the exit code: EXIT_UPDATED (0)
 * when nothing is wrong with the image, EXIT_IMAGE_REFUSED when something is, else as in
 * exit_code.h.
 */
int inspect_run(int argc, char **argv);

#endif
