#include "nor_flash.h"

#include "nor_cells.h"

#include <stddef.h>
#include <string.h>

#define PAGE_SIZE 256u

const struct nor_timing nor_timing_typical = { .erase_us = 45000,
                                               .block_us = 150000,
                                               .page_us = 400 };

/* True when all bytes have this value. */
static bool is_all(const uint8_t *bytes, uint32_t len, uint8_t value)
{
    return bytes[0] == value && memcmp(bytes, bytes + 1, len - 1) == 0;
}

static bool overlaps(uint32_t offset, uint32_t len, uint32_t from, uint32_t size)
{
    return size > 0 && offset < (uint64_t)from + size && from < (uint64_t)offset + len;
}

/* --- The rules -------------------------------------------------------------------------------- */

static bool refuse(struct nor_flash *nor, enum nor_rule rule, uint32_t offset)
{
    if (nor->broken == NOR_RULES_KEPT) {
        nor->broken = rule;
        nor->broken_at = offset;
    }
    return false;
}

static bool is_inside(struct nor_flash *nor, uint32_t offset, uint32_t len)
{
    if (offset <= nor->flash.size && len <= nor->flash.size - offset)
        return true;
    return refuse(nor, NOR_RULE_OUTSIDE, offset);
}

static bool may_change(struct nor_flash *nor, uint32_t offset, uint32_t len)
{
    for (unsigned i = 0; i < nor->protected_count; i++) {
        const struct nor_range *range = &nor->protected_ranges[i];
        if (overlaps(offset, len, range->offset, range->size))
            return refuse(nor, NOR_RULE_PROTECTED, offset);
    }
    return true;
}

/* A unit may be programmed once, and with zeros where nothing else than zeros may come of it. */
static bool may_program_unit(const struct nor_flash *nor, uint32_t offset, const uint8_t *in)
{
    uint32_t unit = nor->flash.write_size;
    const uint8_t *cells = nor->cells + offset;
    bool torn = nor->torn && nor->torn[offset / unit];

    if (is_all(in, unit, 0))
        return torn || is_all(cells, unit, 0xFF) || is_all(cells, unit, 0);
    return !torn && is_all(cells, unit, 0xFF);
}

static bool may_program(struct nor_flash *nor, uint32_t offset, const uint8_t *in, uint32_t len)
{
    uint32_t unit = nor->flash.write_size;

    if (!is_inside(nor, offset, len))
        return false;
    if (offset % unit != 0 || len % unit != 0 || len == 0)
        return refuse(nor, NOR_RULE_ALIGNMENT, offset);
    for (uint32_t at = 0; at < len; at += unit) {
        if (!may_program_unit(nor, offset + at, in + at))
            return refuse(nor, NOR_RULE_TWICE, offset + at);
    }
    return may_change(nor, offset, len);
}

static bool may_erase(struct nor_flash *nor, uint32_t offset, uint32_t len)
{
    if (!is_inside(nor, offset, len))
        return false;
    if ((len != nor->flash.erase_size && len != nor->flash.block_size) || offset % len != 0)
        return refuse(nor, NOR_RULE_ALIGNMENT, offset);
    return may_change(nor, offset, len);
}

/* --- Operations ------------------------------------------------------------------------------- */

static bool fails(uint64_t *countdown)
{
    return *countdown > 0 && --*countdown == 0;
}

static void count_wear(struct nor_flash *nor, const struct nor_change *change)
{
    uint32_t unit = nor->flash.erase_size;

    for (uint32_t at = 0; nor->wear && at < change->len; at += unit)
        nor->wear[(change->offset + at) / unit]++;
}

/* Do what the rules allow, as far as cuts and faults let it. */
static bool carry_out(struct nor_flash *nor, const struct nor_change *change, uint64_t *fail)
{
    bool failing = fails(fail);

    if (overlaps(change->offset, change->len, nor->worn_offset, nor->worn_size))
        return false;
    if (nor->off || failing)
        nor_cut_short(nor, change, nor->off ? nor->cut : nor->failure);
    else
        nor_complete(nor, change);
    return !nor->off && !failing;
}

/* Count an operation. True when it comes to be at all; `off` is set when it is to be cut short. */
static bool begins(struct nor_flash *nor, uint64_t *count)
{
    if (nor->off)
        return false;
    ++*count;
    nor->operations++;
    nor->off = nor->operations == nor->cut_at;
    return true;
}

static bool flash_read(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    struct nor_flash *nor = ctx;
    uint8_t *bytes = out;

    if (nor->off)
        return false;
    nor->counts.reads++;
    if (!is_inside(nor, offset, len) || fails(&nor->fail_read))
        return false;
    if (len == 0)
        return true;
    memcpy(bytes, nor->cells + offset, len);
    if (nor->stuck >= offset && nor->stuck - offset < len)
        bytes[nor->stuck - offset] ^= 1;
    if (!nor->unstable || is_all(nor->unstable + offset, len, 0))
        return true;
    for (uint32_t i = 0; i < len; i++) {
        uint8_t unstable = nor->unstable[offset + i];
        if (unstable)
            bytes[i] = (uint8_t)((bytes[i] & ~unstable) | (nor_random_bits(nor) & unstable));
    }
    return true;
}

static bool flash_write(void *ctx, uint32_t offset, const void *bytes, uint32_t len)
{
    struct nor_flash *nor = ctx;
    const struct nor_change change = { offset, len, bytes };

    if (!begins(nor, &nor->counts.programs) || !may_program(nor, offset, bytes, len))
        return false;
    nor->busy_us +=
        (uint64_t)nor->timing.page_us * ((offset + (len - 1)) / PAGE_SIZE - offset / PAGE_SIZE + 1);
    return carry_out(nor, &change, &nor->fail_write);
}

static bool flash_erase(void *ctx, uint32_t offset, uint32_t len)
{
    struct nor_flash *nor = ctx;
    const struct nor_change change = { offset, len, NULL };
    bool block = len > nor->flash.erase_size;

    if (!begins(nor, &nor->counts.erases) || !may_erase(nor, offset, len))
        return false;
    if (block)
        nor->counts.blocks++;
    nor->busy_us += block ? nor->timing.block_us : nor->timing.erase_us;
    count_wear(nor, &change);
    return carry_out(nor, &change, &nor->fail_erase);
}

/* --- What tests and simulations do ------------------------------------------------------------ */

void nor_flash_init(struct nor_flash *nor, const struct ota_flash *geometry, uint8_t *cells,
                    uint8_t *unstable, uint8_t *torn)
{
    *nor = (struct nor_flash){
        .flash = *geometry,
        .cells = cells,
        .unstable = unstable,
        .torn = torn,
        .stuck = NOR_NOWHERE,
    };
    nor->flash.ctx = nor;
    nor->flash.read = flash_read;
    nor->flash.write = flash_write;
    nor->flash.erase = flash_erase;
    if (unstable)
        memset(unstable, 0, geometry->size);
    if (torn)
        memset(torn, 0, geometry->size / geometry->write_size);
}

void nor_flash_protect(struct nor_flash *nor, uint32_t offset, uint32_t size)
{
    struct nor_range *last = &nor->protected_ranges[NOR_PROTECTED_MAX - 1];

    if (nor->protected_count < NOR_PROTECTED_MAX)
        nor->protected_ranges[nor->protected_count++] = (struct nor_range){ offset, size };
    else
        *last = (struct nor_range){ 0, nor->flash.size };
}

void nor_flash_cut_in(struct nor_flash *nor, uint64_t operations, enum nor_cut cut)
{
    nor->cut_at = operations > 0 ? nor->operations + operations : 0;
    nor->cut = cut;
}

void nor_flash_power_on(struct nor_flash *nor)
{
    nor->off = false;
    nor->cut_at = 0;
}

const char *nor_rule_text(enum nor_rule rule)
{
    switch (rule) {
    case NOR_RULES_KEPT:
        return "no rule was broken";
    case NOR_RULE_OUTSIDE:
        return "it was not inside the flash";
    case NOR_RULE_ALIGNMENT:
        return "it was not aligned";
    case NOR_RULE_TWICE:
        return "a unit was programmed twice";
    case NOR_RULE_PROTECTED:
        return "it would have changed what is protected";
    }
    return "unknown rule";
}

const char *nor_cut_text(enum nor_cut cut)
{
    switch (cut) {
    case NOR_CUT_BEFORE:
        return "not begun";
    case NOR_CUT_AFTER:
        return "complete, but unheard of";
    case NOR_CUT_HALF:
        return "half done";
    case NOR_CUT_BITS:
        return "some bits changed";
    case NOR_CUT_UNSTABLE:
        return "some bits changed, some unstable";
    case NOR_CUT_UNSTABLE_FEW:
        return "complete but for a few bits, which are unstable";
    case NOR_CUT_UNSTABLE_START:
        return "hardly begun, a few bits unstable";
    case NOR_CUT_KINDS:
        break;
    }
    return "unknown cut";
}
