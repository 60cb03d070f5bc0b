/*
 * An image ready to be served: a copy in memory that nobody can change any more, digested and
 * examined once, and shared by every answer.
 *
 * What is sent must be what was digested, from the first byte to the last, whatever happens to
 * the file meanwhile: a build may truncate it, write into it or put another in its place, and
 * sendfile() sends pages as they are when they leave, not when it was called. So the file is
 * copied once to a sealed file in memory (memfd_create(2), F_SEAL_WRITE), and sent from there.
 */
#ifndef CLI_SERVED_IMAGE_H
#define CLI_SERVED_IMAGE_H

#include "cli/failure.h"
#include "cli/image/file_stamp.h"
#include "cli/serve/image_facts.h"
#include "common/hex.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct evbuffer;
struct evbuffer_file_segment;

/* Larger files are refused: no device has as much flash, and the copy takes memory. */
#define SERVED_IMAGE_MAX ((uint64_t)64 << 20)

struct served_image {
    atomic_uint references;
    char path[PATH_MAX];     /* of the file it was copied from */
    struct file_stamp stamp; /* of that file, from before it was copied */
    struct image_facts facts;
    char md5_text[HEX_SIZE(DIGEST_MD5_SIZE)]; /* x-MD5 */
    char etag[HEX_SIZE(DIGEST_MD5_SIZE) + 2]; /* the digest in double quotes: a strong one */
    char modified[32];                        /* Last-Modified: HTTP date of the file */
    int fd;                                   /* the sealed copy */
    struct evbuffer_file_segment *segment;    /* of all of it */
};

/*
 * Copy and examine a file; it has one reference then. An image that image_file_unfit() finds wrong
 * for what it is (`filesystem`) is refused. NULL, with `failure` filled in (EXIT_LOCAL_FAILURE,
 * EXIT_IMAGE_REFUSED), when that failed; also when the file changed while it was copied.
 */
struct served_image *served_image_load(const char *path, bool filesystem, struct failure *failure);

struct served_image *served_image_hold(struct served_image *image);

/*
 * Let go; the last one releases it. NULL is allowed. Holding and letting go are for any thread, but
 * of an image that was sent from the last one is the loop: its evbuffers may still have bytes of
 * it, and count without a lock.
 */
void served_image_release(struct served_image *image);

/* True when the file at its path is not the one that was copied, or has changed since. */
bool served_image_is_outdated(const struct served_image *image);

/*
 * Append `length` bytes at `offset` to an evbuffer without copying them (sendfile(2) where the
 * evbuffer drains to a plain socket). Inside the image. The bytes stay valid when the image is
 * released. False without memory.
 */
bool served_image_append(struct served_image *image, struct evbuffer *out, uint64_t offset,
                         uint64_t length);

#endif
