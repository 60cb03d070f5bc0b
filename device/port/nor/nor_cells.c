#include "nor_cells.h"

#include <stddef.h>
#include <string.h>

/* Bits that are unstable when only a few are. */
#define FEW_MAX 3

/* SplitMix64: any state will do, also 0. */
static uint64_t next_random(struct nor_flash *nor)
{
    uint64_t x = nor->random += 0x9E3779B97F4A7C15u;

    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

uint8_t nor_random_bits(struct nor_flash *nor)
{
    return (uint8_t)(next_random(nor) >> 56);
}

static unsigned count_bits(unsigned bits)
{
    unsigned count = 0;

    for (; bits > 0; bits &= bits - 1)
        count++;
    return count;
}

static bool contains(const uint32_t *numbers, uint32_t count, uint32_t number)
{
    for (uint32_t i = 0; i < count; i++) {
        if (numbers[i] == number)
            return true;
    }
    return false;
}

/* The bits of a byte that a change is about: those that it brings to 0, or all that it erases. */
static uint8_t concerned(const struct nor_change *change, uint32_t i)
{
    return change->in ? (uint8_t)~change->in[i] : 0xFF;
}

/* Those of them that it changes, as they are not sure to be like that already. */
static uint8_t changing(const struct nor_flash *nor, const struct nor_change *change, uint32_t i)
{
    uint8_t wanted = change->in ? 0x00 : 0xFF;
    uint8_t differing = (uint8_t)(nor->cells[change->offset + i] ^ wanted);

    if (nor->unstable)
        differing |= nor->unstable[change->offset + i];
    return concerned(change, i) & differing;
}

/* Change these bits of a byte; they are stable then. */
static void settle(struct nor_flash *nor, const struct nor_change *change, uint32_t i, uint8_t bits)
{
    uint32_t at = change->offset + i;

    if (change->in)
        nor->cells[at] &= (uint8_t)~bits;
    else
        nor->cells[at] |= bits;
    if (nor->unstable)
        nor->unstable[at] &= (uint8_t)~bits;
}

static void set_torn(struct nor_flash *nor, const struct nor_change *change, uint8_t torn)
{
    uint32_t unit = nor->flash.write_size;

    if (nor->torn)
        memset(nor->torn + change->offset / unit, torn, change->len / unit);
}

/* Do the first `len` bytes of a change. */
static void complete_part(struct nor_flash *nor, const struct nor_change *change, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        settle(nor, change, i, concerned(change, i));
}

void nor_complete(struct nor_flash *nor, const struct nor_change *change)
{
    complete_part(nor, change, change->len);
    set_torn(nor, change, 0);
}

/* A random subset of the bits changes; a random subset is unstable, if they can be. */
static void cut_at_random(struct nor_flash *nor, const struct nor_change *change, bool unstable)
{
    for (uint32_t i = 0; i < change->len; i++) {
        uint8_t bits = changing(nor, change, i);
        if (bits == 0)
            continue;
        settle(nor, change, i, bits & nor_random_bits(nor));
        if (unstable)
            nor->unstable[change->offset + i] |= bits & nor_random_bits(nor);
    }
}

/* A few of the bits are unstable; the others have all changed, or none has. */
static void cut_with_few(struct nor_flash *nor, const struct nor_change *change,
                         bool others_changed)
{
    uint32_t chosen[FEW_MAX];
    uint32_t few = 1 + (uint32_t)(next_random(nor) % FEW_MAX);
    uint32_t count = 0;
    uint32_t bit = 0;

    for (uint32_t i = 0; i < change->len; i++)
        count += count_bits(changing(nor, change, i));
    for (uint32_t i = 0; i < few && count > 0; i++)
        chosen[i] = (uint32_t)(next_random(nor) % count);
    for (uint32_t i = 0; i < change->len && count > 0; i++) {
        uint8_t bits = changing(nor, change, i);
        uint8_t unstable = 0;
        for (unsigned left = bits; left > 0; left &= left - 1, bit++) {
            if (contains(chosen, few, bit))
                unstable |= (uint8_t)(left & (~left + 1));
        }
        if (others_changed)
            settle(nor, change, i, bits & (uint8_t)~unstable);
        nor->unstable[change->offset + i] |= unstable;
    }
}

void nor_cut_short(struct nor_flash *nor, const struct nor_change *change, enum nor_cut cut)
{
    switch (cut) {
    case NOR_CUT_BEFORE:
    case NOR_CUT_KINDS:
        return;
    case NOR_CUT_AFTER:
        nor_complete(nor, change);
        return;
    case NOR_CUT_HALF:
        complete_part(nor, change, change->len / 2);
        break;
    case NOR_CUT_BITS:
        cut_at_random(nor, change, false);
        break;
    case NOR_CUT_UNSTABLE:
        cut_at_random(nor, change, nor->unstable != NULL);
        break;
    case NOR_CUT_UNSTABLE_FEW:
    case NOR_CUT_UNSTABLE_START:
        if (nor->unstable)
            cut_with_few(nor, change, cut == NOR_CUT_UNSTABLE_FEW);
        else
            cut_at_random(nor, change, false);
        break;
    }
    set_torn(nor, change, 1);
}
