/*
 * What the bootloader does with the bytes of images: it compares their digests, and copies them.
 */
#ifndef BOOT_MOVE_H
#define BOOT_MOVE_H

#include "ota/boot.h"

#include <stdbool.h>
#include <stdint.h>

/* A start under way. */
struct boot_start {
    const struct ota_boot_config *config;
    struct ota_boot *out;
    struct ota_record record; /* has flash and layout */
    struct ota_image *old;    /* the image of the record's active slot, */
    struct ota_image *new;    /* and of the other one, */
    unsigned other;           /* which is this, */
    uint32_t staged;          /* and where it begins while it is staged, from the start of flash */
    uint32_t steps;           /* of the exchange that are complete */
    uint32_t done;            /* not 0: what is pending is done, and only not on record */
};

/* Write the MD5 of `size` bytes from `at` on. False when flash failed to read. */
bool boot_digest(const struct boot_start *start, uint32_t at, uint32_t size,
                 uint8_t out[DIGEST_MD5_SIZE]);

/*
 * Compare what lies from `at` on with an image: OTA_BOOT_SOUND when its digest is right,
 * OTA_BOOT_IMAGE when not, OTA_BOOT_READ when flash failed to read.
 */
enum ota_boot_fault boot_check(const struct boot_start *start, uint32_t at,
                               const struct ota_image *image);

/*
 * Copy `size` bytes from `from` to `to`, the start of an erase unit: erase all units that they take
 * there, program them, with 0xFF up to a multiple of the write unit, and read them back. What fails
 * is tried again from its beginning, twice. False when that did not help.
 */
bool boot_copy(const struct boot_start *start, uint32_t to, uint32_t from, uint32_t size);

/* Copy a whole image, and compare its digest. False when it did not arrive. */
bool boot_move(const struct boot_start *start, uint32_t to, uint32_t from,
               const struct ota_image *image);

#endif
