#include "tests/sim/cuts_plan.h"

static const enum cuts_size sizes[][2] = {
    { CUTS_SEVERAL, CUTS_TINY }, { CUTS_TINY, CUTS_LARGEST }, { CUTS_LARGEST, CUTS_LARGEST },
    { CUTS_ONE, CUTS_SEVERAL },  { CUTS_LARGEST, CUTS_ONE },  { CUTS_ONE, CUTS_ONE },
};

#define SIZES (sizeof sizes / sizeof *sizes)

/* What is done with the boards of one erase unit. */
struct measure {
    unsigned every; /* of so many scenarios, one is taken, for each geometry another one */
    unsigned sizes; /* pairs of sizes, the first of which is searched closely */
    unsigned seeds;
    enum cuts_pairs pairs;
    bool faults;
    unsigned storms;
};

/* By extent, and by erase unit: the smallest geometry, 256, 4096, 65536. */
static const struct measure measures[][4] = {
    [CUTS_FEW] = { { 1, 1, 4, CUTS_PLACES, true, 20 },
                   { 4, 1, 3, CUTS_NO_PAIRS, false, 20 },
                   { 5, 1, 1, CUTS_NO_PAIRS, false, 0 },
                   { 15, 1, 1, CUTS_NO_PAIRS, false, 0 } },
    [CUTS_MANY] = { { 1, 2, 4, CUTS_PRODUCT, true, 100 },
                    { 1, 1, 4, CUTS_NO_PAIRS, false, 20 },
                    { 2, 1, 3, CUTS_NO_PAIRS, false, 10 },
                    { 5, 1, 1, CUTS_NO_PAIRS, false, 0 } },
    [CUTS_ALL] = { { 1, SIZES, 4, CUTS_PRODUCT, true, 5000 },
                   { 1, SIZES, 6, CUTS_PLACES, true, 1000 },
                   { 1, SIZES, 4, CUTS_NO_PAIRS, true, 100 },
                   { 1, 2, 2, CUTS_NO_PAIRS, false, 10 } },
};

static const struct measure *measure_of(enum cuts_extent extent,
                                        const struct cuts_geometry *geometry)
{
    unsigned class = geometry->erase_size <= 256 ? 1 : geometry->erase_size <= 4096 ? 2 : 3;

    return &measures[extent][geometry == &cuts_geometries[0] ? 0 : class];
}

bool cuts_plan(enum cuts_extent extent, const struct cuts_scenario *scenario,
               const struct cuts_geometry *geometry, enum ota_handover handover, unsigned n,
               struct cuts_case *which, struct cuts_options *options)
{
    const struct measure *measure = measure_of(extent, geometry);
    unsigned scenario_number = (unsigned)(scenario - cuts_scenarios);
    unsigned geometry_number = (unsigned)(geometry - cuts_geometries);
    unsigned turn = scenario_number + 3 * geometry_number + (handover == OTA_EXCHANGE);
    const enum cuts_size *size = sizes[(turn + n) % SIZES];

    if (n >= measure->sizes || (scenario_number + geometry_number) % measure->every != 0)
        return false;
    *which = (struct cuts_case){ scenario, geometry, handover, size[0], size[1] };
    options->seeds = measure->seeds;
    options->pairs = n == 0 || extent == CUTS_ALL ? measure->pairs : CUTS_NO_PAIRS;
    options->faults = measure->faults && (n == 0 || extent == CUTS_ALL);
    options->storms = measure->storms;
    return true;
}
