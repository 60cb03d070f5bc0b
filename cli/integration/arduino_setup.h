/*
 * espota-c setup arduino: a block of lines in platform.local.txt of each core that is found.
 */
#ifndef CLI_ARDUINO_SETUP_H
#define CLI_ARDUINO_SETUP_H

#include "cli/integration/setup_options.h"

/* Find the cores, show what changes, ask, and do it. Returns the program's exit code. */
int arduino_setup_run(const struct setup_options *options);

#endif
