/*
 * A nor_flash whose operations are cut short, for the tests of that.
 */
#ifndef NOR_CUT_RIG_H
#define NOR_CUT_RIG_H

#include "tests/unit/device/test_flash.h"

#include <criterion/criterion.h>

static const struct ota_flash geometry = {
    .size = 64u << 10, .erase_size = 4096, .block_size = 16384, .write_size = 4
};

/* Cuts are random: each is tried with so many seeds. */
#define SEEDS 20u

static struct test_flash chip;
static struct nor_flash *const nor = &chip.nor;
static const struct ota_flash *const f = &chip.nor.flash;
static const uint8_t zeros[256];

static inline void prepare(void)
{
    test_flash_init(&chip, &geometry);
}

static inline bool program(uint32_t offset, const void *bytes, uint32_t len)
{
    return f->write(f->ctx, offset, bytes, len);
}

static inline void read_at(uint32_t offset, void *out, uint32_t len)
{
    cr_assert(f->read(f->ctx, offset, out, len));
}

static inline void expect_refused_twice(uint32_t offset, const void *bytes, uint32_t len)
{
    cr_assert_not(program(offset, bytes, len));
    cr_assert_eq(nor->broken, NOR_RULE_TWICE);
    nor->broken = NOR_RULES_KEPT;
}

/* Cut short programming these bytes at 256, with the power back. */
static inline void cut_program(enum nor_cut cut, const uint8_t *bytes, uint32_t len)
{
    nor_flash_cut_in(nor, 1, cut);
    cr_assert_not(program(256, bytes, len), "%s", nor_cut_text(cut));
    cr_assert(nor->off);
    nor_flash_power_on(nor);
}

/* Cut short erasing a unit or block at its start that was filled so, with the power back. */
static inline void cut_erase(enum nor_cut cut, uint8_t fill, uint32_t len)
{
    memset(chip.cells, fill, f->block_size);
    memset(chip.unstable, 0, f->block_size);
    memset(chip.torn, 0, f->block_size / f->write_size);
    nor_flash_cut_in(nor, 1, cut);
    cr_assert_not(f->erase(f->ctx, 0, len));
    cr_assert(nor->off);
    nor_flash_power_on(nor);
}

static inline void begin(uint64_t seed)
{
    test_flash_init(&chip, &geometry);
    nor->random = seed;
}

static inline unsigned count_bits(const uint8_t *bytes, uint32_t len)
{
    unsigned count = 0;

    for (uint32_t i = 0; i < len; i++)
        count += (unsigned)__builtin_popcount(bytes[i]);
    return count;
}

static inline bool is_all(const uint8_t *bytes, uint32_t len, uint8_t value)
{
    for (uint32_t i = 0; i < len; i++) {
        if (bytes[i] != value)
            return false;
    }
    return true;
}

/* Which bits of 16 bytes ever read differently. */
static inline void find_flickering(uint32_t offset, uint8_t out[16])
{
    uint8_t first[16];
    uint8_t again[16];

    memset(out, 0, 16);
    read_at(offset, first, 16);
    for (unsigned n = 0; n < 64; n++) {
        read_at(offset, again, 16);
        for (unsigned i = 0; i < 16; i++)
            out[i] |= first[i] ^ again[i];
    }
}

/* Of 128 bits, as many as chance lets: more and less than these once in 10^12. */
static inline void expect_about_half(unsigned bits)
{
    cr_assert(bits > 24 && bits < 104, "%u of 128", bits);
}

#endif
