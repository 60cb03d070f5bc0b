/*
 * The images of a catalogue by their files: releases that name the same file share one, and so does
 * a catalogue with the one before it, as long as the file has not changed. It also remembers which
 * files were no good, so that nothing is read twice for nothing.
 *
 * A pool is one thread's at a time, but for image_pool_cancel().
 */
#ifndef CLI_IMAGE_POOL_H
#define CLI_IMAGE_POOL_H

#include "cli/failure.h"
#include "cli/serve/served_image.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct pool_entry {
    char *path;
    bool filesystem;            /* what it is for */
    bool wanted;                /* since image_pool_begin() */
    struct file_stamp stamp;    /* of the file as it was taken, or found to be no good */
    struct served_image *image; /* held; or NULL: */
    struct failure *failure;    /* why there is none */
};

/* Zeroed at first. */
struct image_pool {
    struct pool_entry **entries; /* sorted by path, and what they are for */
    size_t count;
    size_t room;
    atomic_bool cancelled;
};

/* Begin to ask for all images of a catalogue: none is wanted yet. */
void image_pool_begin(struct image_pool *pool);

/*
 * The image of this file, held for the caller; loaded unless the pool has it and the file is still
 * the same. NULL, with `failure` filled in, as served_image_load(); a file that was refused for
 * what is in it is not read again until it changes.
 */
struct served_image *image_pool_get(struct image_pool *pool, const char *path, bool filesystem,
                                    struct failure *failure);

/*
 * Forget what was not asked for since image_pool_begin(). When the catalogue turned out to be no
 * good (`good` false) images that are in use elsewhere stay as well: the next catalogue may be the
 * one before it.
 */
void image_pool_end(struct image_pool *pool, bool good);

/* True when a file that was asked for since image_pool_begin() has changed, gone or come. */
bool image_pool_is_outdated(const struct image_pool *pool);

/* From any thread: no image is loaded any more, for all is coming to an end. */
void image_pool_cancel(struct image_pool *pool);

/* Release the pool, and let go of its images. */
void image_pool_free(struct image_pool *pool);

#endif
