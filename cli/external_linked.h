/*
 * external.h for a program that is one file: such commands are linked in, and called.
 */
#ifndef CLI_EXTERNAL_LINKED_H
#define CLI_EXTERNAL_LINKED_H

#include "cli/external.h"

#endif
