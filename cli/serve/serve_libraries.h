/*
 * The libraries of the update server, beside every program's, for --version.
 */
#ifndef CLI_SERVE_LIBRARIES_H
#define CLI_SERVE_LIBRARIES_H

#include "cli/version.h"

extern const struct linked_library serve_libraries[];

#endif
