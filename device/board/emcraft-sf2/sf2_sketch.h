/*
 * The board's sketches: images in the ESP32's format (chip id SF2_CHIP_ID), whose segments are
 * loaded into DDR memory and whose entry is a vector table there. make_image.c makes them.
 */
#ifndef SF2_SKETCH_H
#define SF2_SKETCH_H

#include "common/image.h"
#include "ota/flash.h"
#include "ota/layout.h"

#include <stdbool.h>
#include <stdint.h>

#define SF2_VERSION_MAX 33 /* with NUL */

/*
 * Bytes of the sketch at the area's start, by its segments and its checksum; 0 when there is none
 * for this board. For struct ota_boot_config; `ctx` is not used.
 */
uint32_t sf2_sketch_size(void *ctx, const struct ota_flash *flash, const struct ota_area *area);

/*
 * Copy the segments of a sketch of `size` bytes at `offset` to where they belong, and set `*entry`
 * to its vector table's address. False when flash failed to read, or the sketch reaches beyond the
 * memory that sketches have, or is none.
 */
bool sf2_sketch_load(const struct ota_flash *flash, uint32_t offset, uint32_t size,
                     uint32_t *entry);

/* The version by the sketch's description; "?" when it has none. */
void sf2_sketch_version(const struct ota_flash *flash, uint32_t offset, uint32_t size,
                        char out[SF2_VERSION_MAX]);

#endif
