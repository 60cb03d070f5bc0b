/*
 * The board's sketches: images in the ESP32's format (chip id SF2_CHIP_ID), whose segments are
 * loaded into DDR memory and whose entry is a vector table there. make_image.c makes them.
 */
#ifndef SF2_SKETCH_H
#define SF2_SKETCH_H

#include "common/image.h"
#include "ota/flash.h"
#include "ota/layout.h"
#include "ota/record.h"

#include <stdbool.h>
#include <stdint.h>

#define SF2_VERSION_MAX 33 /* with NUL */

/* A sketch in memory, as a whole image. */
struct sf2_sketch {
    const uint8_t *bytes;
    struct image image; /* what it is */
};

/*
 * Bytes of the sketch at the area's start, by its segments and its checksum; 0 when there is none
 * for this board. For struct ota_boot_config; `ctx` is not used.
 */
uint32_t sf2_sketch_size(void *ctx, const struct ota_flash *flash, const struct ota_area *area);

/*
 * Read an image at `offset` into `memory`, which has room for it, and examine it there. False when
 * flash failed to read, when the digest is not that of `expected`, or when it is no sketch for this
 * board. An `expected` without a size has no digest: `max` bytes are read then.
 */
bool sf2_sketch_read(struct sf2_sketch *out, const struct ota_flash *flash, uint32_t offset,
                     const struct ota_image *expected, uint32_t max, uint8_t *memory);

/*
 * Look whether it can be loaded: all segments in the memory that sketches have and apart, the
 * vector table in the first of them and aligned, with a stack in memory and a first instruction in
 * that segment.
 */
bool sf2_sketch_is_loadable(const struct sf2_sketch *sketch);

/* Copy the segments to where they belong; returns the address of the vector table. */
uint32_t sf2_sketch_load(const struct sf2_sketch *sketch);

/* The version by the sketch's description; "?" when it has none. */
const char *sf2_sketch_version(const struct sf2_sketch *sketch);

#endif
