/*
 * Reading an image_source (image.h): within its bounds, in bounded pieces.
 */
#ifndef COMMON_IMAGE_SOURCE_H
#define COMMON_IMAGE_SOURCE_H

#include "common/image.h"

/* True when the source has `len` bytes at `offset`. */
bool image_holds(const struct image_source *source, uint64_t offset, uint64_t len);

/* Read `len` bytes at `offset`; false when they are not there or cannot be read. */
bool image_read(const struct image_source *source, uint64_t offset, void *out, size_t len);

/*
 * Call `take` with the bytes from `begin` to `end`, front to back, in pieces of at most
 * IMAGE_WINDOW bytes. False when they are not all there or cannot be read.
 */
bool image_scan(const struct image_source *source, uint64_t begin, uint64_t end,
                void (*take)(void *ctx, const uint8_t *bytes, size_t len), void *ctx);

#endif
