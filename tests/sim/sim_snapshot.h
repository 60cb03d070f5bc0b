/* Go back to where a board was: for searches that try many things from one place on. */
#ifndef SIM_SNAPSHOT_H
#define SIM_SNAPSHOT_H

#include "tests/sim/sim_board.h"

/* All that a power cut leaves, and what the board knows beside that. */
struct sim_snapshot {
    struct sim_board board; /* pointers in it are those of the board it was taken of */
    uint8_t *memory;
};

/* Take a snapshot, into one that is all zeros or was taken of this board before. */
bool sim_snapshot_take(struct sim_snapshot *snapshot, struct sim_board *board);

/* Go back to it; for the board that it was taken of. */
void sim_snapshot_restore(const struct sim_snapshot *snapshot, struct sim_board *board);

void sim_snapshot_free(struct sim_snapshot *snapshot);

#endif
