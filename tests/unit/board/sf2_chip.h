/*
 * A flash chip behind the functions by which sf2_nor.c reaches one, for its tests. Where a driver
 * could go wrong, it does as the data sheet says (Spansion S25FL128P, "Command Definitions"): it
 * needs permission for each change, wraps around at the end of a page, clears bits only, ignores
 * all but the question for its status while it is busy, and changes nothing that is protected.
 *
 * Time is virtual: it passes as bytes go over the wire.
 */
#ifndef SF2_CHIP_H
#define SF2_CHIP_H

#include "sf2_clock.h"
#include "sf2_nor.h"
#include "sf2_spi.h"

#include <criterion/criterion.h>
#include <string.h>

#define CHIP_BUSY      0x01u
#define CHIP_ENABLED   0x02u
#define CHIP_PROTECTED 0x1Cu
#define CHIP_PAGE      256u

#define CHIP_NEVER UINT64_MAX

/* Calls take this long and a microsecond a byte. */
#define CHIP_CALL_US 20u

/* More than any call of the driver needs. */
#define CHIP_TRANSFERS_MAX 1000000u

static struct chip {
    /* How it is. */
    uint8_t id[5];
    uint32_t program_ms, erase_ms, status_ms; /* that it is busy for */
    bool is_missing;                          /* the wire reads as `floating`, */
    uint8_t floating;
    bool refuses;          /* never gives permission, */
    bool keeps_protection; /* its status cannot be written, */
    unsigned fails_at;     /* the controller does not answer at this transfer; 0: always does */

    /* How it stands. */
    uint8_t status;      /* but for CHIP_BUSY */
    uint64_t us;         /* now, */
    uint64_t busy_until; /* and then */
    uint32_t clock_base; /* ms that the clock showed at the beginning */

    /* What was done. */
    unsigned transfers, changes, reads;
    unsigned wasted; /* commands while it was busy, or without permission */
} chip;

static uint8_t chip_cells[SF2_NOR_SIZE];

/* A chip that is good and blank. */
static inline void chip_reset(void)
{
    chip = (struct chip){
        .id = { 0x01, 0x20, 0x18, 0x03, 0x01 }, .program_ms = 3, .erase_ms = 2000, .status_ms = 100
    };
    memset(chip_cells, 0xFF, sizeof chip_cells);
}

static inline bool chip_is_busy(void)
{
    return chip.us < chip.busy_until;
}

/* Milliseconds since chip_reset(). */
static inline uint32_t chip_ms(void)
{
    return (uint32_t)(chip.us / 1000);
}

/* Permission ends with what it was for. */
static inline void chip_settle(void)
{
    if (chip.busy_until > 0 && !chip_is_busy()) {
        chip.busy_until = 0;
        chip.status &= (uint8_t)~CHIP_ENABLED;
    }
}

/* Begin a change, if there is permission; a time of UINT32_MAX has no end. */
static inline bool chip_begin(uint32_t ms)
{
    if (!(chip.status & CHIP_ENABLED)) {
        chip.wasted++;
        return false;
    }
    chip.busy_until = ms == UINT32_MAX ? CHIP_NEVER : chip.us + (uint64_t)ms * 1000;
    chip.changes++;
    return true;
}

static inline uint32_t chip_address(const uint8_t *out, size_t len)
{
    cr_assert_geq(len, 4);
    return (uint32_t)out[1] << 16 | (uint32_t)out[2] << 8 | out[3];
}

static inline void chip_program(const uint8_t *out, size_t len)
{
    uint32_t at = chip_address(out, len);

    if (!chip_begin(chip.program_ms) || (chip.status & CHIP_PROTECTED))
        return;
    for (size_t i = 4; i < len; i++) {
        chip_cells[at] &= out[i];
        at = at / CHIP_PAGE * CHIP_PAGE + (at + 1) % CHIP_PAGE;
    }
}

static inline void chip_erase(const uint8_t *out, size_t len)
{
    uint32_t at = chip_address(out, len);

    cr_assert_eq(len, 4);
    if (chip_begin(chip.erase_ms) && !(chip.status & CHIP_PROTECTED))
        memset(chip_cells + at / SF2_NOR_SECTOR * SF2_NOR_SECTOR, 0xFF, SF2_NOR_SECTOR);
}

static inline void chip_read(const uint8_t *out, size_t len, uint8_t *in, size_t in_len)
{
    uint32_t at = chip_address(out, len);

    chip.reads++;
    for (size_t i = 0; i < in_len; i++)
        in[i] = chip_cells[(at + i) % SF2_NOR_SIZE];
}

static inline void chip_write_status(const uint8_t *out, size_t len)
{
    cr_assert_eq(len, 2);
    if (chip_begin(chip.status_ms) && !chip.keeps_protection)
        chip.status = (uint8_t)((chip.status & CHIP_ENABLED) | (out[1] & CHIP_PROTECTED));
}

static inline void chip_obey(const uint8_t *out, size_t len, uint8_t *in, size_t in_len)
{
    switch (out[0]) {
    case 0x01:
        chip_write_status(out, len);
        break;
    case 0x02:
        chip_program(out, len);
        break;
    case 0x03:
        chip_read(out, len, in, in_len);
        break;
    case 0x06:
        if (!chip.refuses)
            chip.status |= CHIP_ENABLED;
        break;
    case 0x9F:
        memcpy(in, chip.id, in_len < sizeof chip.id ? in_len : sizeof chip.id);
        break;
    case 0xD8:
        chip_erase(out, len);
        break;
    default:
        cr_assert_fail("command %02X", out[0]);
    }
}

bool sf2_spi_transfer(const uint8_t *out, size_t out_len, uint8_t *in, size_t in_len)
{
    cr_assert_gt(out_len, 0);
    cr_assert_leq(out_len + in_len, SF2_SPI_MAX);
    chip.transfers++;
    cr_assert_lt(chip.transfers, CHIP_TRANSFERS_MAX, "no end of it");
    chip.us += CHIP_CALL_US + out_len + in_len;
    if (chip.transfers == chip.fails_at)
        return false;
    if (in_len > 0)
        memset(in, chip.is_missing ? chip.floating : 0xFF, in_len);
    if (chip.is_missing)
        return true;
    chip_settle();
    if (out[0] == 0x05)
        memset(in, (int)(chip.status | (chip_is_busy() ? CHIP_BUSY : 0)), in_len);
    else if (chip_is_busy())
        chip.wasted++;
    else
        chip_obey(out, out_len, in, in_len);
    return true;
}

uint32_t sf2_clock_ms(void)
{
    return chip.clock_base + chip_ms();
}

#endif
