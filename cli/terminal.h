/*
 * Whether somebody is there to be asked.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>

/* True when standard input and standard error are terminals: questions go out and answers come. */
bool terminal_has_person(void);

#endif
