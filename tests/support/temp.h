/*
 * A temporary folder for a test, and whole files in one call.
 *
 * The folder is locked while its test lives. temp_create() removes the folders of tests that
 * crashed before they could do it themselves.
 */
#ifndef TESTS_SUPPORT_TEMP_H
#define TESTS_SUPPORT_TEMP_H

#include <stdbool.h>
#include <stddef.h>

#define TEMP_PATH_MAX 512

struct temp {
    char path[TEMP_PATH_MAX / 2]; /* of the folder; "" when there is none */
    int lock;
};

/* A path, returned by value so that it can be used in an argument list. */
struct temp_path {
    char text[TEMP_PATH_MAX];
};

/* Make a folder under $TMPDIR or /tmp; false with errno when that failed. */
bool temp_create(struct temp *temp);

/* Remove the folder with all that is in it. Does nothing when there is none. */
void temp_remove(struct temp *temp);

/* The path of a file in the folder, whether it exists or not. */
struct temp_path temp_path(const struct temp *temp, const char *name);

/* Write a whole file, replacing what was there; false with errno when that failed. */
bool file_write(const char *path, const void *bytes, size_t len);

/*
 * Read a whole file. NULL with errno when that failed, else a buffer to free(); a NUL follows its
 * last byte. `len` may be NULL.
 */
char *file_read(const char *path, size_t *len);

#endif
