/*
 * The line about all devices of a run, below those about each.
 */
#ifndef CLI_FLEET_TOTAL_H
#define CLI_FLEET_TOTAL_H

#include "cli/push/fleet_screen.h"

struct fleet_total {
    size_t devices;
    size_t updated;
    size_t failed;
    size_t unknown;
    size_t skipped;
    size_t under_way;
    size_t waiting;
    size_t searches;  /* that go on */
    size_t hidden;    /* that have no line of their own; the caller's */
    uint64_t moved;   /* bytes that devices have acknowledged */
    uint64_t left;    /* bytes that are still to go */
    unsigned percent; /* of the bytes, those of devices that have failed among them; 100
                         when all is over */
};

/* Add up the rows. */
struct fleet_total fleet_total_of(const struct fleet_screen *screen, struct fleet_row *const *rows,
                                  size_t count);

/* The line, in at most `room` columns, all ASCII: the shorter the less room there is. */
void fleet_total_text(char out[FLEET_LINE_MAX], size_t room, const struct fleet_screen *screen,
                      const struct fleet_total *total);

#endif
