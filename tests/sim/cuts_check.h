/*
 * What must hold after every start of a board, however it came to it.
 */
#ifndef CUTS_CHECK_H
#define CUTS_CHECK_H

#include "tests/sim/cuts_drive.h"

/* Something is violated; the first time counts. `what` is a constant string. */
void cuts_fail(struct cuts_drive *drive, const char *what);

/* A goal is missed: that is a violation as well, unless the flash is worn. */
void cuts_miss(struct cuts_drive *drive, const char *what);

/* Nothing is under way: this sketch runs, and has to run from now on. */
void cuts_settle(struct cuts_drive *drive, const struct sim_image *sketch);

/*
 * True when no bit of the record is unstable. Where the copy that was written last is committed by
 * a mark that flickers, starts may mend it at any time; the other one is good meanwhile.
 */
bool cuts_records_are_stable(const struct sim_board *board);

/*
 * A start came to its end: look at what runs, and at what the record says. `operations` is what the
 * flash had counted before it, and `were_stable` whether the records were stable then.
 */
void cuts_check_start(struct cuts_drive *drive, struct cuts_bench *bench, uint64_t operations,
                      bool were_stable);

bool cuts_is_same(const struct ota_image *a, const struct ota_image *b);

#endif
