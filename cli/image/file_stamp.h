/*
 * Noticing that a file has been written to since it was looked at.
 */
#ifndef CLI_FILE_STAMP_H
#define CLI_FILE_STAMP_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

struct file_stamp {
    off_t size;
    struct timespec modified;
    struct timespec changed;
};

/* Take the stamp of an open file; false with errno when that failed. */
bool file_stamp_take(struct file_stamp *stamp, int fd);

/* True when the file still has this stamp. */
bool file_stamp_holds(const struct file_stamp *stamp, int fd);

#endif
