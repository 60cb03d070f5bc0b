/*
 * The content of a gzip file, inflated so that it can be examined.
 */
#ifndef CLI_GUNZIP_H
#define CLI_GUNZIP_H

#include "common/image.h"

#include <stdint.h>

/* More content than this is not looked at: it fits into no device, and may be a trap. */
#define GUNZIP_CONTENT_MAX ((uint64_t)64 << 20)

enum gunzip_status {
    GUNZIP_OK,
    GUNZIP_DAMAGED,   /* not gzip, cut short, or its CRC or length is wrong */
    GUNZIP_TOO_LARGE, /* more content than GUNZIP_CONTENT_MAX */
    GUNZIP_ERROR,     /* reading, writing or memory failed; errno tells */
};

struct gunzip_sizes {
    uint64_t content; /* bytes of content */
    uint64_t packed;  /* bytes of the file that hold them; a signature may follow */
};

/*
 * Inflate all of `file` into the descriptor `to`, in pieces, and check it. As on devices, what
 * follows the first member is forgiven: further members that are whole are content as well,
 * anything else is left alone, though some of it may have been written behind the content.
 * `sizes` is filled in when the result is GUNZIP_OK.
 */
enum gunzip_status gunzip(struct gunzip_sizes *sizes, const struct image_source *file, int to);

#endif
