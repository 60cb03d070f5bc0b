/*
 * What was tried before: a device that is found as another one was before will go the same way, so
 * that this need not be tried again.
 */
#ifndef CUTS_MEMORY_H
#define CUTS_MEMORY_H

#include "tests/sim/cuts_drive.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of devices without power; starts as all zeros. */
struct cuts_memory {
    uint64_t *keys; /* 0: free */
    size_t size;    /* places, a power of two */
    size_t count;
};

/*
 * Remember a device: all that is in its flash, how its unstable bits will read, and where its drive
 * is. True when it was not known.
 */
bool cuts_memory_add(struct cuts_memory *memory, const struct cuts_drive *drive,
                     const struct cuts_bench *bench);

void cuts_memory_free(struct cuts_memory *memory);

#endif
