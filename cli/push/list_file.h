/*
 * Reading a file of the user's into memory, up to a limit.
 */
#ifndef CLI_LIST_FILE_H
#define CLI_LIST_FILE_H

#include "cli/failure.h"

#include <stddef.h>

/* Bytes of the largest file that is read. */
#define LIST_FILE_MAX (16u << 20)

/*
 * Read a file, pipe or terminal to its end, or standard input when `path` is "-". Returns memory of
 * `*len` bytes to be freed, or NULL with `failure` filled in: EXIT_LOCAL_FAILURE when it cannot be
 * read, EXIT_BAD_USAGE when it is too large; the text begins with `name`.
 */
char *list_file_read(const char *path, const char *name, size_t *len, struct failure *failure);

#endif
