/*
 * Flash in memory for the tests of the device library. It is stricter than silicon: what breaks a
 * rule of NOR flash is refused and remembered. It fails, tears a write, or misreads when told to.
 */
#ifndef RAM_FLASH_H
#define RAM_FLASH_H

#include "ota/flash.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifndef RAM_FLASH_SIZE
#define RAM_FLASH_SIZE (512u << 10)
#endif

struct ram_flash {
    struct ota_flash flash;
    unsigned reads, writes, erases;             /* operations so far */
    unsigned fail_read, fail_write, fail_erase; /* fail the nth from now; 0: none */
    bool torn;                                  /* fail_write programs torn_bytes first */
    uint32_t torn_bytes;
    uint32_t misread;   /* this offset reads with a bit flipped */
    uint32_t dead_cell; /* this offset cannot be programmed */
    bool rule_broken;
    uint8_t cells[RAM_FLASH_SIZE];
};

#define RAM_FLASH_NOWHERE UINT32_MAX

static inline bool ram_flash_fails(unsigned *countdown)
{
    return *countdown > 0 && --*countdown == 0;
}

static inline bool ram_flash_rule(struct ram_flash *ram, bool kept)
{
    if (!kept)
        ram->rule_broken = true;
    return kept;
}

static inline bool ram_flash_is_inside(const struct ram_flash *ram, uint32_t offset, uint32_t len)
{
    return offset <= ram->flash.size && len <= ram->flash.size - offset;
}

static inline bool ram_flash_read(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    struct ram_flash *ram = (struct ram_flash *)ctx;

    ram->reads++;
    if (!ram_flash_rule(ram, ram_flash_is_inside(ram, offset, len)) ||
        ram_flash_fails(&ram->fail_read))
        return false;
    memcpy(out, ram->cells + offset, len);
    if (ram->misread >= offset && ram->misread - offset < len)
        ((uint8_t *)out)[ram->misread - offset] ^= 1;
    return true;
}

static inline bool ram_flash_write(void *ctx, uint32_t offset, const void *bytes, uint32_t len)
{
    struct ram_flash *ram = (struct ram_flash *)ctx;
    const uint8_t *in = (const uint8_t *)bytes;
    uint32_t unit = ram->flash.write_size;

    ram->writes++;
    if (!ram_flash_rule(ram, ram_flash_is_inside(ram, offset, len) && len > 0 &&
                                 offset % unit == 0 && len % unit == 0))
        return false;
    for (uint32_t i = 0; i < len; i++) {
        if (!ram_flash_rule(ram, ram->cells[offset + i] == 0xFF))
            return false;
    }
    bool fails = ram_flash_fails(&ram->fail_write);
    if (fails && !ram->torn)
        return false;
    if (fails && ram->torn_bytes < len)
        len = ram->torn_bytes;
    memcpy(ram->cells + offset, in, len);
    if (ram->dead_cell >= offset && ram->dead_cell - offset < len)
        ram->cells[ram->dead_cell] = 0xFF;
    return !fails;
}

static inline bool ram_flash_erase(void *ctx, uint32_t offset, uint32_t len)
{
    struct ram_flash *ram = (struct ram_flash *)ctx;

    ram->erases++;
    if (!ram_flash_rule(ram, ram_flash_is_inside(ram, offset, len) &&
                                 (len == ram->flash.erase_size || len == ram->flash.block_size) &&
                                 offset % len == 0))
        return false;
    if (ram_flash_fails(&ram->fail_erase))
        return false;
    memset(ram->cells + offset, 0xFF, len);
    return true;
}

/* Erased flash of this geometry, without faults. */
static inline void ram_flash_init(struct ram_flash *ram, uint32_t erase_size, uint32_t write_size)
{
    memset(ram, 0, sizeof *ram);
    memset(ram->cells, 0xFF, sizeof ram->cells);
    ram->misread = RAM_FLASH_NOWHERE;
    ram->dead_cell = RAM_FLASH_NOWHERE;
    ram->flash = (struct ota_flash){ .ctx = ram,
                                     .size = RAM_FLASH_SIZE,
                                     .erase_size = erase_size,
                                     .block_size = erase_size,
                                     .write_size = write_size,
                                     .read = ram_flash_read,
                                     .write = ram_flash_write,
                                     .erase = ram_flash_erase };
}

/* All operations so far. */
static inline unsigned ram_flash_operations(const struct ram_flash *ram)
{
    return ram->reads + ram->writes + ram->erases;
}

#endif
