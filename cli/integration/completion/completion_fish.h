/*
 * The table of completions in the language of fish; espota-c.fish.in has the code around it.
 */
#ifndef CLI_COMPLETION_FISH_H
#define CLI_COMPLETION_FISH_H

#include "cli/integration/completion/completion_commands.h"

#include <stdio.h>

/* Write the table; ferror() tells how that went. */
void completion_fish(FILE *out, const struct completion_commands *commands);

#endif
