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

/*
 * Take a stamp that any write from now on changes, and wait for that if need be: of two writes
 * within a tick of the kernel's clock, the second one leaves no trace. So a file that was written
 * to just now is given a moment first. False with errno as above.
 */
bool file_stamp_take_settled(struct file_stamp *stamp, int fd);

/* The same of what a path leads to; all zero when nothing is found, so that it differs. */
struct file_stamp file_stamp_at(const char *path);
struct file_stamp file_stamp_at_settled(const char *path);

bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b);

/* True when the file still has this stamp. */
bool file_stamp_holds(const struct file_stamp *stamp, int fd);

#endif
