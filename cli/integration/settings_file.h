/*
 * A small settings file of somebody else's: read whole, kept under another name, replaced at once
 * or not at all.
 */
#ifndef CLI_SETTINGS_FILE_H
#define CLI_SETTINGS_FILE_H

#include "cli/failure.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Bytes of the largest file that is read. */
#define SETTINGS_FILE_MAX ((size_t)1024 * 1024)

struct settings_file {
    char path[PATH_MAX];
    char *bytes; /* NULL: there is no such file */
    size_t len;
    struct stat stat; /* of a file that there is */
};

/*
 * Read the file `name` in `folder`. That there is none is no failure, if one can be made. False
 * with `failure` when it is a link, no regular file, too large or read-only. settings_file_free()
 * in any case.
 */
bool settings_file_read(struct settings_file *file, const char *folder, const char *name,
                        struct failure *failure);

/*
 * Give it another content, unless it has changed since it was read. What was there is kept in a
 * file beside it, whose path is written to `backup`, or "" when nothing was there; no earlier one
 * is overwritten, and one of the same bytes is enough. Owner and permissions stay. False with
 * `failure` when it is as it was.
 */
bool settings_file_replace(const struct settings_file *file, const char *bytes, size_t len,
                           char backup[PATH_MAX], struct failure *failure);

/* Remove it likewise; without `keep` nothing is kept. */
bool settings_file_remove(const struct settings_file *file, bool keep, char backup[PATH_MAX],
                          struct failure *failure);

void settings_file_free(struct settings_file *file);

#endif
