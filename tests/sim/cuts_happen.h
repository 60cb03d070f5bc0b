/*
 * Making an event happen to a device.
 */
#ifndef CUTS_HAPPEN_H
#define CUTS_HAPPEN_H

#include "tests/sim/cuts_drive.h"
#include "tests/sim/cuts_run.h"

/* Have a cut come in the nth operation from now on (1: the next one). */
void cuts_plan_cut(struct cuts_drive *drive, struct cuts_bench *bench,
                   const struct cuts_event *event, uint64_t operations);

/* Have a fault of flash come now. */
void cuts_make_fault(struct cuts_drive *drive, struct cuts_bench *bench,
                     const struct cuts_event *event);

/*
 * Drive a bench, which was built for the run's case, through the run; NULL: nothing is wrong, else
 * a constant string. `on_call`, unless NULL, is called after each call of the library.
 */
const char *cuts_repeat(const struct cuts_run *run, struct cuts_bench *bench,
                        void (*on_call)(void *ctx, const struct cuts_drive *drive), void *ctx);

#endif
