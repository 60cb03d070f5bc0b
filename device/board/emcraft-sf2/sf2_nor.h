/*
 * The SPI NOR flash: S25FL128P or its kin, 16 MiB in sectors of 64 KiB (Spansion S25FL128P,
 * "Command Definitions").
 */
#ifndef SF2_NOR_H
#define SF2_NOR_H

#include "ota/flash.h"

#include <stdbool.h>
#include <stdint.h>

#define SF2_NOR_SIZE   0x01000000u
#define SF2_NOR_SECTOR 0x00010000u

/*
 * Look for the chip, and clear its write protection. False when another one answers, or none.
 * Afterwards `out` is the flash, with functions that may fail:
 * - to erase, when the chip is still busy after 3 s (data sheet: at most 2 s), to program after 10
 * ms a page (at most 3 ms), or when it does not take the permission to write;
 * - to read, when the controller does not answer.
 */
bool sf2_nor_open(struct ota_flash *out);

#endif
