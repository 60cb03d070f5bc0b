/*
 * Flash and layouts of all kinds, for sim_scenario.c.
 */
#ifndef SIM_GEOMETRY_H
#define SIM_GEOMETRY_H

#include "sim_random.h"
#include "tests/sim/sim_board.h"

/* Fill in the spec of a board, but for its timing. */
void sim_geometry_make(struct sim_board_spec *spec, struct sim_random *random);

#endif
