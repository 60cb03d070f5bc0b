/*
 * How releases fare, counted while devices' records change: who asks gets an answer at once, with
 * however many devices.
 *
 * A device counts once for a release, also when both its latest offers, of the sketch and of the
 * file system, are of it: as failed when either failed, else as held back when either is, else as
 * updated when either is, else only as offered.
 */
#ifndef CLI_RELEASE_TALLIES_H
#define CLI_RELEASE_TALLIES_H

#include "cli/serve/device_record.h"
#include "cli/serve/release.h"

#include <stdint.h>

struct release_count;

/* The caller's, zeroed at first; fields are its own. */
struct release_tallies {
    struct release_count *counts; /* every release that is some device's latest offer */
    uint32_t *buckets;
    uint32_t capacity;
    uint32_t used;
    uint32_t unused; /* first of the list of those that no device has any more */
};

/*
 * A device's record took the place of another: `before` is NULL for a new device, `after` for one
 * that is forgotten. Costs next to nothing when the offers are the same. Without memory a release
 * that was never seen before goes uncounted.
 */
void release_tallies_change(struct release_tallies *tallies, const struct device_record *before,
                            const struct device_record *after);

/* All zero for a release that no device was offered. */
struct release_tally release_tallies_get(const struct release_tallies *tallies,
                                         const char *release);

/* Release the memory, and begin anew. */
void release_tallies_clear(struct release_tallies *tallies);

#endif
