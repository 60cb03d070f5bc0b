/*
 * What programs and erases do to the cells of a nor_flash, complete or cut short.
 */
#ifndef NOR_CELLS_H
#define NOR_CELLS_H

#include "nor_flash.h"

#include <stdint.h>

/* A program or an erase. */
struct nor_change {
    uint32_t offset;
    uint32_t len;
    const uint8_t *in; /* what is programmed; NULL: an erase */
};

/* Eight bits that nobody can foretell but who knows the seed. */
uint8_t nor_random_bits(struct nor_flash *nor);

/* Do a change that the rules allow. What it leaves is stable. */
void nor_complete(struct nor_flash *nor, const struct nor_change *change);

/* Do it as far as this cut lets it. */
void nor_cut_short(struct nor_flash *nor, const struct nor_change *change, enum nor_cut cut);

#endif
