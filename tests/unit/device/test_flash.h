/*
 * A nor_flash with its arrays, for tests of the parts below the updater: small, erased, with
 * unstable bits and torn units.
 */
#ifndef TEST_FLASH_H
#define TEST_FLASH_H

#include "device/port/nor/nor_flash.h"

#include <string.h>

#define TEST_FLASH_MAX (256u << 10)

struct test_flash {
    struct nor_flash nor;
    uint8_t cells[TEST_FLASH_MAX];
    uint8_t unstable[TEST_FLASH_MAX];
    uint8_t torn[TEST_FLASH_MAX];
    uint32_t wear[TEST_FLASH_MAX / OTA_ERASE_SIZE_MIN];
};

/* Erased flash of this geometry, at most TEST_FLASH_MAX bytes. */
static inline void test_flash_init(struct test_flash *flash, const struct ota_flash *geometry)
{
    memset(flash->cells, 0xFF, geometry->size);
    memset(flash->wear, 0, geometry->size / geometry->erase_size * sizeof *flash->wear);
    nor_flash_init(&flash->nor, geometry, flash->cells, flash->unstable, flash->torn);
    flash->nor.wear = flash->wear;
}

#endif
