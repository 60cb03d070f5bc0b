/*
 * Which cases are searched, and how closely: all of them, or the selection that every test run
 * takes.
 */
#ifndef CUTS_PLAN_H
#define CUTS_PLAN_H

#include "tests/sim/cuts_search.h"

enum cuts_extent {
    CUTS_FEW,  /* for every test run */
    CUTS_MANY, /* every two cuts on the smallest geometry, single ones elsewhere */
    CUTS_ALL,
};

/*
 * The nth case of scenario, geometry and hand-over, from 0 on; they differ in the images' sizes.
 * Fills in `which`, `pairs` and `seeds`; false when there is none any more.
 */
bool cuts_plan(enum cuts_extent extent, const struct cuts_scenario *scenario,
               const struct cuts_geometry *geometry, enum ota_handover handover, unsigned n,
               struct cuts_case *which, struct cuts_options *options);

#endif
