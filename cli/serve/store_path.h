/*
 * What is done with the file behind a store by its name, without a look inside.
 */
#ifndef CLI_STORE_PATH_H
#define CLI_STORE_PATH_H

#include "cli/failure.h"

#include <limits.h>
#include <stdbool.h>

/*
 * Rename the file, and what SQLite has beside it, to PATH.damaged-N, the first N from 1 that is
 * free; `moved_to` says where it is. False, with errno, when that failed.
 */
bool store_path_put_aside(const char *path, char moved_to[static PATH_MAX]);

/*
 * Remove what SQLite has beside the file: the log of a file that is gone would be taken for that of
 * the one in its place.
 */
void store_path_drop_log(const char *path);

/* False, with `failure` filled in, when the path can be no record's: it is a folder, a device ...
 */
bool store_path_check(const char *path, struct failure *failure);

/*
 * Take the lock that keeps a second server from the file, on PATH.lock, which only its owner can
 * open. Returns its descriptor, or -1 with `failure` filled in.
 */
int store_path_lock(const char *path, struct failure *failure);

/* False when the lock's file was removed: then another server can take a lock of that name. */
bool store_path_is_locked(const char *path, int lock);

/* Let go of it; with `remove`, its file goes as well. */
void store_path_unlock(const char *path, int lock, bool remove);

#endif
