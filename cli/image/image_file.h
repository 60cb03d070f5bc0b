/*
 * An image as a file: opened, digested and examined once, then shared by every upload.
 *
 * The file is read and sent through its descriptor, never mapped: a mapping of a file that a
 * build truncates meanwhile ends the program by SIGBUS, and its pages count as our memory.
 */
#ifndef CLI_IMAGE_FILE_H
#define CLI_IMAGE_FILE_H

#include "cli/failure.h"
#include "cli/image/file_stamp.h"
#include "common/image.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct image_file {
    int fd;
    char path[PATH_MAX];
    uint64_t size;
    struct file_stamp stamp; /* from before it was digested */
    uint8_t md5[DIGEST_MD5_SIZE];
    struct image image;    /* what the bytes are */
    bool inflates;         /* of IMAGE_GZIP: its content was examined, as below */
    bool inflate_failed;   /* of IMAGE_GZIP: it is damaged, or cut short; if neither, too large */
    struct image content;  /* of IMAGE_GZIP: what is inside */
    uint64_t content_size; /* of IMAGE_GZIP */
};

/*
 * Open, digest and examine a regular file. False, with `failure` filled in (EXIT_LOCAL_FAILURE),
 * when it cannot be opened or read, or is no regular file. An image that is wrong is no failure
 * here: see image_file_judge(). Close with image_file_close().
 */
bool image_file_open(struct image_file *file, const char *path, struct failure *failure);

/*
 * The same for a file that is open already; `path` is its name for messages. The descriptor stays
 * the caller's; the image has one of its own.
 */
bool image_file_open_fd(struct image_file *file, int fd, const char *path, struct failure *failure);

/* Close the descriptor; harmless after a failed open or a second time. */
void image_file_close(struct image_file *file);

/* What the image is for: its own kind or, for a gzip, that of its content. */
enum image_kind image_file_kind(const struct image_file *file);

/*
 * What cannot work about the image itself, as a clause about it ("its CRC is wrong"), or NULL when
 * nothing is. A kind that is not known counts as wrong here.
 */
const char *image_file_problem(const struct image_file *file);

/*
 * Why it makes no sense to send the image, as a file system when `filesystem`: a clause about it
 * ("it is a sketch, not a file system image"), or NULL. Only what is certainly wrong counts.
 */
const char *image_file_unfit(const struct image_file *file, bool filesystem);

/*
 * The same for who uploads it: false, with `failure` filled in (EXIT_IMAGE_REFUSED; what is wrong,
 * and what to do with the uploader's options).
 */
bool image_file_judge(const struct image_file *file, bool filesystem, struct failure *failure);

/*
 * True when there is something called `path` followed by ".signed": esp8266 and rp2040 builds put
 * the signed image beside the plain one. The name is written to `out`.
 */
bool image_file_signed_path(const char *path, char out[PATH_MAX]);

#endif
