/*
 * Every cut of a case: its scenario is driven undisturbed once, and then again and again with the
 * power cut at one operation of flash after the other, in every way; with a second cut at every
 * operation that follows; with a fault of flash before such a cut; and in storms, of many cuts one
 * after the other, at random.
 */
#ifndef CUTS_SEARCH_H
#define CUTS_SEARCH_H

#include "tests/sim/cuts_drive.h"
#include "tests/sim/cuts_run.h"
#include "tests/sim/sim_sabotage.h"

#include <stdbool.h>
#include <stdint.h>

enum cuts_pairs {
    CUTS_NO_PAIRS,
    CUTS_PLACES,  /* every two places once, and on the way every two kinds */
    CUTS_PRODUCT, /* every two places with every two kinds */
};

struct cuts_options {
    unsigned seeds; /* of each cut that leaves bits to chance; at least 1 */
    enum cuts_pairs pairs;
    bool faults; /* faults between calls, and cuts at all operations behind each */
    unsigned storms;
    /* Break the device on purpose: SIM_ONE_RECORD_COPY, SIM_NOT_FIRM; others are for ota-sim. */
    enum sim_sabotage_kind sabotage;
    unsigned violations_max; /* of a case, that are looked for before it is given up; 0: all */

    /* Told of each violation: the run, and a constant string. */
    void (*on_violation)(void *ctx, const struct cuts_run *run, const char *what);
    void *ctx;
};

struct cuts_totals {
    uint64_t operations; /* of the undisturbed run */
    uint64_t cuts;       /* runs with one */
    uint64_t pairs;      /* runs with two */
    uint64_t faults;     /* runs with a fault, and a cut */
    uint64_t storms;
    uint64_t violations;
    uint64_t kinds[NOR_CUT_KINDS][NOR_CUT_KINDS]; /* how often these came after each other */
};

/* Search a case; counts are added to `totals`. False when memory ran out. */
bool cuts_search(const struct cuts_case *c, const struct cuts_options *options,
                 struct cuts_totals *totals);

#endif
