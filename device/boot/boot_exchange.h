/*
 * The exchange of what the slots hold, and the way back (device/SPEC.md), for OTA_EXCHANGE with
 * PENDING_SKETCH. Slot 0 must not run between the first step and the end of either.
 *
 * A step copies one piece over what nobody needs any more, and its mark says that it is complete.
 * What the marks say is relied on like this:
 * - A mark that is set is made firm before the next step destroys what the step before it read.
 * - A mark that is not set may be torn, and be read as set at the next start. Then its step must be
 *   complete for good. So before a step is done again, which begins by destroying what it has
 *   written, the record is written anew: with the marks that were read, and blank ones behind them.
 * - When pieces are copied back, the marks of the steps are firm: one that was found at a start was
 *   made so before the exchange went on, and it is given up after that.
 */
#ifndef BOOT_EXCHANGE_H
#define BOOT_EXCHANGE_H

#include "boot_move.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Set `*steps` to the number of steps that are complete; none with OTA_SELECT. False when flash
 * failed to read.
 */
bool boot_count_steps(const struct boot_start *start, uint32_t *steps);

/*
 * Do the steps that follow `start->steps`, and compare the digest of what has come to lie in slot
 * 0. `steps` goes along; the record is the same afterwards, but for sequence number and copies.
 * False when that failed; then go back, if possible.
 */
bool boot_exchange(struct boot_start *start);

/*
 * Copy back what the first `start->steps` steps have saved of the old sketch. The mark that gives
 * up must be set. False when that failed, and slot 0 holds parts of both.
 */
bool boot_restore(struct boot_start *start);

#endif
