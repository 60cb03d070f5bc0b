/*
 * The colours of a device's end: green where it was updated, yellow where nobody knows, red where
 * it was not.
 */
#ifndef CLI_PAINT_H
#define CLI_PAINT_H

#include "cli/exit_code.h"

#include <stdbool.h>

/* What to write before text about `code`; empty without colour, and for EXIT_SKIPPED. */
const char *paint_begin(bool has_colour, enum exit_code code);

/* What to write after it. */
const char *paint_end(bool has_colour, enum exit_code code);

#endif
