/*
 * Reading a small file that holds secrets.
 */
#ifndef CLI_SECRET_FILE_H
#define CLI_SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Read a file, a pipe or a terminal into `out`: up to its end or, if `first_line`, until a newline
 * has come, and `size` bytes at most; as many mean that there may be more. Returns the bytes that
 * were read, or -1 with errno. Nothing is kept elsewhere; the caller wipes `out`.
 */
ssize_t secret_file_read(const char *path, char *out, size_t size, bool first_line);

#endif
