/*
 * What the tests of power cuts share: search what is planned, and fail with the name of the run
 * that `ota-cuts --case` repeats.
 */
#ifndef CUTS_TEST_H
#define CUTS_TEST_H

#include "tests/sim/cuts_plan.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

/* At least as many as there are: parameters are made before main(). */
#define CUTS_SCENARIOS_MAX  24
#define CUTS_GEOMETRIES_MAX 24

static inline void cuts_expect_right(void *ctx, const struct cuts_run *run, const char *what)
{
    char name[CUTS_RUN_NAME_MAX];

    (void)ctx;
    cuts_run_name(run, name);
    cr_expect(false, "%s: %s", name, what);
}

static inline void cuts_expect_none_wrong(const struct cuts_scenario *scenario,
                                          const struct cuts_geometry *geometry,
                                          enum ota_handover handover)
{
    struct cuts_options options = { .violations_max = 4, .on_violation = cuts_expect_right };
    struct cuts_totals totals = { 0 };
    struct cuts_case which;

    for (unsigned n = 0; cuts_plan(CUTS_EXTENT, scenario, geometry, handover, n, &which, &options);
         n++) {
        cr_assert(cuts_search(&which, &options, &totals));
        cr_expect_gt(totals.cuts, 0);
    }
}

#endif
