/*
 * The table of completions in the language of zsh; espota-c.zsh.in has the code around it.
 */
#ifndef CLI_COMPLETION_ZSH_H
#define CLI_COMPLETION_ZSH_H

#include "cli/integration/completion/completion_commands.h"

#include <stdio.h>

/* Write the table; ferror() tells how that went. */
void completion_zsh(FILE *out, const struct completion_commands *commands);

#endif
