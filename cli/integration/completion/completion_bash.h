/*
 * The table of completions in the language of bash; espota-c.bash.in has the code around it.
 */
#ifndef CLI_COMPLETION_BASH_H
#define CLI_COMPLETION_BASH_H

#include "cli/integration/completion/completion_commands.h"

#include <stdio.h>

/* Write the table; ferror() tells how that went. */
void completion_bash(FILE *out, const struct completion_commands *commands);

#endif
