/*
 * espota-c setup: make other tools upload by espota-c.
 */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

/* Run the command; `argv[0]` is its title for messages. Returns the program's exit code. */
int setup_run(int argc, char **argv);

#endif
