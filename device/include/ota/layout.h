/*
 * Where things are in flash: the sketch area from 0, the file system area behind it, two record
 * sectors at the very end (device/SPEC.md). The running sketch lies at one end of the sketch area
 * and the next one is staged at the other, so both must fit: "flash is twice the sketch".
 */
#ifndef OTA_LAYOUT_H
#define OTA_LAYOUT_H

#include "common/digest.h"
#include "ota/flash.h"

#include <stdbool.h>
#include <stdint.h>

struct ota_layout {
    uint32_t sketch_size;     /* bytes of the sketch area; a multiple of the erase size, not 0 */
    uint32_t filesystem_size; /* bytes of the file system area; likewise, and 0 for none */
};

/* An image in flash. */
struct ota_stored {
    uint32_t offset; /* bytes from the start of flash */
    uint32_t size;   /* bytes; 0: there is none, and the other fields mean nothing */
    uint8_t md5[DIGEST_MD5_SIZE];
};

/* Bytes of flash that the layout takes, records included. */
uint64_t ota_layout_size(const struct ota_layout *layout, const struct ota_flash *flash);

/* True when the flash's geometry is as flash.h demands and both areas and the records fit. */
bool ota_layout_fits(const struct ota_layout *layout, const struct ota_flash *flash);

/* Offset of a record's sector; `copy` is 0 or 1. */
uint32_t ota_layout_record(const struct ota_flash *flash, unsigned copy);

/* True when a sketch lies in the sketch area and begins at an erase unit, or there is none. */
bool ota_layout_holds_sketch(const struct ota_layout *layout, const struct ota_flash *flash,
                             const struct ota_stored *sketch);

/*
 * Find the place for a new sketch of `size` > 0 bytes beside the running one (size 0: none runs):
 * at the top when that one is at the bottom, else at the bottom. Both are rounded up to erase
 * units. False when there is not enough space. The layout fits and holds the running sketch.
 */
bool ota_layout_place_sketch(const struct ota_layout *layout, const struct ota_flash *flash,
                             const struct ota_stored *running, uint64_t size, uint32_t *offset);

/* The place for a file system image: always the area's start. False when it does not fit. */
bool ota_layout_place_filesystem(const struct ota_layout *layout, uint64_t size, uint32_t *offset);

#endif
