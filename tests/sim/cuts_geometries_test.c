/*
 * The power, cut everywhere, in all scenarios on all other geometries.
 */
#include "tests/sim/cuts_test.h"

ParameterizedTestParameters(cuts, once)
{
    static int numbers[2 * CUTS_GEOMETRIES_MAX];
    size_t count = 2 * (cuts_geometry_count - 1);

    for (size_t i = 0; i < count; i++)
        numbers[i] = (int)i;
    return cr_make_param_array(int, numbers, count);
}

/* Even numbers are those of the hand-over by selection. */
ParameterizedTest(int *number, cuts, once)
{
    for (size_t i = 0; i < cuts_scenario_count; i++)
        cuts_expect_none_wrong(&cuts_scenarios[i], &cuts_geometries[1 + *number / 2],
                               *number % 2 == 0 ? OTA_SELECT : OTA_EXCHANGE);
}
