/*
 * The power, cut everywhere and twice, in all scenarios on the smallest geometry.
 */
#include "tests/sim/cuts_test.h"

ParameterizedTestParameters(cuts, twice)
{
    static int numbers[2 * CUTS_SCENARIOS_MAX];
    size_t count = 2 * cuts_scenario_count;

    for (size_t i = 0; i < count; i++)
        numbers[i] = (int)i;
    return cr_make_param_array(int, numbers, count);
}

/* Even numbers are those of the hand-over by selection. */
ParameterizedTest(int *number, cuts, twice)
{
    cuts_expect_none_wrong(&cuts_scenarios[*number / 2], &cuts_geometries[0],
                           *number % 2 == 0 ? OTA_SELECT : OTA_EXCHANGE);
}
