#include "tests/sim/sim_snapshot.h"

#include <stdlib.h>
#include <string.h>

bool sim_snapshot_take(struct sim_snapshot *snapshot, struct sim_board *board)
{
    if (!snapshot->memory)
        snapshot->memory = malloc(board->saved_size);
    if (!snapshot->memory)
        return false;
    snapshot->board = *board;
    memcpy(snapshot->memory, board->memory, board->saved_size);
    return true;
}

void sim_snapshot_restore(const struct sim_snapshot *snapshot, struct sim_board *board)
{
    *board = snapshot->board;
    memcpy(board->memory, snapshot->memory, board->saved_size);
}

void sim_snapshot_free(struct sim_snapshot *snapshot)
{
    free(snapshot->memory);
    snapshot->memory = NULL;
}
