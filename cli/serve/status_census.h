/*
 * How far each release has come among the devices that are meant to have it by the catalogue as it
 * is now.
 *
 * The store's tallies tell what came of offers. They cannot tell how many devices are still to
 * come, nor do they know of those that had the release already: put there by cable, or before the
 * record was lost.
 */
#ifndef CLI_STATUS_CENSUS_H
#define CLI_STATUS_CENSUS_H

#include "cli/serve/fleet.h"
#include "cli/serve/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Devices of one release. The parts exclude one another. */
struct status_progress {
    uint32_t devices;  /* all that the parts are parts of */
    uint32_t current;  /* have it */
    uint32_t underway; /* were offered it, and have not come back since */
    uint32_t failed;   /* had it whole, and came back with another version */
    uint32_t held;     /* are held back after too many attempts */
    uint32_t unfit;    /* cannot take it, by what they were answered last */
    bool of_offered;   /* the census would have taken too long: `devices` are those offered it */
};

struct status_census;

/*
 * Go through the devices of the store once; NULL without memory, and where that would take too
 * long: a page must not keep devices waiting. Free with status_census_free().
 */
struct status_census *status_census_take(const struct fleet *fleet, const struct store *store);

/* How far a release of that fleet has come; without a census (NULL) by the store's tally. */
struct status_progress status_census_progress(const struct status_census *census,
                                              const struct fleet *fleet, const struct store *store,
                                              const struct release *release);

/* NULL is allowed. */
void status_census_free(struct status_census *census);

#endif
