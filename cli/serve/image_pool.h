/*
 * The images of a catalogue by their files: releases that name the same file share one, and so does
 * a catalogue with the one before it, as long as the file has not changed.
 */
#ifndef CLI_IMAGE_POOL_H
#define CLI_IMAGE_POOL_H

#include "cli/failure.h"
#include "cli/serve/fleet.h"

#include <stdbool.h>
#include <stddef.h>

struct pool_entry {
    struct served_image *image; /* not held: the fleet that has it does */
    bool filesystem;            /* what it was found good for */
};

struct image_pool {
    struct pool_entry *entries; /* sorted by path, and what they are for */
    size_t count;
    size_t room;
};

/* Begin with the images of `previous`, which must outlive the pool; NULL: with none. */
bool image_pool_init(struct image_pool *pool, const struct fleet *previous);

/*
 * The image of this file, held for the caller; loaded unless the pool has it and the file is still
 * the same. NULL, with `failure` filled in, as served_image_load(). The caller keeps what it got
 * for as long as the pool is used.
 */
struct served_image *image_pool_get(struct image_pool *pool, const char *path, bool filesystem,
                                    struct failure *failure);

/* Release the pool; the images stay. */
void image_pool_free(struct image_pool *pool);

#endif
