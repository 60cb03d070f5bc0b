/*
 * Where the server keeps its record when nobody says so.
 */
#ifndef CLI_STATE_PATH_H
#define CLI_STATE_PATH_H

#include "cli/failure.h"

#include <limits.h>
#include <stdbool.h>

/*
 * The record's file in the state directory: $STATE_DIRECTORY (systemd sets it),
 * $XDG_STATE_HOME/espota-c, ~/.local/state/espota-c. False, with `failure` filled in, when there is
 * none of them, or the path is too long.
 */
bool state_path_default(char out[PATH_MAX], struct failure *failure);

/* Make the folders that a file is to lie in, for their owner alone. False with errno. */
bool state_path_make_folders(const char *path);

#endif
