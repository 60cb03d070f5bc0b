/*
 * Which sketches the bootloader of the board emcraft-sf2 loads and jumps into: none that would
 * overwrite anything else, nor one whose vector table says nonsense.
 */
#include "common/bytes.h"
#include "sf2_memory.h"
#include "sf2_sketch.h"

#include <criterion/criterion.h>
#include <string.h>

#define CODE  SF2_SKETCH
#define END   (SF2_SKETCH + SF2_SKETCH_SIZE)
#define ENTRY (CODE + 0x100)
#define STACK (SF2_ESRAM + SF2_ESRAM_SIZE)
#define LEN   0x1040u
#define TABLE 128u

/* Of the image nothing is looked at but the table: the segments' data may overlap here. */
static uint8_t bytes[SF2_SKETCH_SIZE + 0x1000];

struct sketch_case {
    const char *what;
    struct {
        uint32_t address, length;
    } segments[3]; /* up to the first without an address */
    uint32_t entry, stack, reset;
};

static bool is_loadable(const struct sketch_case *c)
{
    struct sf2_sketch sketch = { .bytes = bytes, .image.kind = IMAGE_ESP32 };
    struct image_part *part = &sketch.image.esp.first;

    part->entry = c->entry;
    memset(bytes, 0, sizeof bytes);
    for (unsigned i = 0; i < 3 && c->segments[i].address > 0; i++) {
        uint32_t address = c->segments[i].address;
        part->segments[i] = (struct image_segment){ 8 + i * 64, address, c->segments[i].length };
        part->segment_count = part->declared = i + 1;
        uint32_t at = 8 + i * 64 + (c->entry - address);
        if (c->entry - address < c->segments[i].length && at <= sizeof bytes - 8) {
            bytes_put_u32(bytes + at, c->stack);
            bytes_put_u32(bytes + at + 4, c->reset);
        }
    }
    return sf2_sketch_is_loadable(&sketch);
}

static const struct sketch_case good[] = {
    { "the usual one", { { CODE, LEN } }, ENTRY, STACK, ENTRY + 0x81 },
    { "all of the memory", { { CODE, SF2_SKETCH_SIZE } }, ENTRY, STACK, ENTRY + 0x81 },
    { "the memory's end", { { END - 256, 256 } }, END - 256, STACK, END - 1 },
    { "no more than the table", { { CODE, TABLE } }, CODE, STACK, CODE + 9 },
    { "table at the end", { { CODE, 0x1000 } }, CODE + 0x1000 - TABLE, STACK, CODE + 1 },
    { "first instruction", { { CODE, LEN } }, ENTRY, STACK, CODE + 1 },
    { "last instruction", { { CODE, LEN } }, ENTRY, STACK, CODE + LEN - 1 },
    { "lowest stack in eSRAM", { { CODE, LEN } }, ENTRY, SF2_ESRAM + 8, CODE + 1 },
    { "lowest stack in DDR", { { CODE, LEN } }, ENTRY, CODE + 8, CODE + 1 },
    { "highest stack in DDR", { { CODE, LEN } }, ENTRY, END, CODE + 1 },
    { "two segments", { { CODE, LEN }, { CODE + LEN, 64 } }, ENTRY, STACK, CODE + 1 },
    { "in any order",
      { { CODE + LEN, LEN }, { CODE, 64 } },
      CODE + LEN + 64,
      STACK,
      CODE + LEN + 1 },
    { "up to the end", { { CODE, LEN }, { END - 64, 64 } }, ENTRY, STACK, CODE + 1 },
    { "an empty one", { { CODE, LEN }, { CODE + LEN, 0 } }, ENTRY, STACK, CODE + 1 },
};

static const struct sketch_case bad[] = {
    { "no segment", { { 0, 0 } }, ENTRY, STACK, ENTRY + 1 },
    { "over the table", { { CODE, LEN }, { ENTRY, 64 } }, ENTRY, STACK, ENTRY + 1 },

    /* Segments outside: the bootloader's own memory, its staging, registers. */
    { "a byte below", { { CODE - 1, LEN } }, ENTRY, STACK, ENTRY + 1 },
    { "the test words", { { SF2_DDR, LEN } }, SF2_DDR, STACK, SF2_DDR + 1 },
    { "up to the start", { { CODE - LEN, LEN } }, CODE - 0x1000, STACK, CODE - LEN + 1 },
    { "a byte too long", { { CODE, SF2_SKETCH_SIZE + 1 } }, ENTRY, STACK, ENTRY + 1 },
    { "a byte further", { { CODE + 1, SF2_SKETCH_SIZE } }, ENTRY, STACK, ENTRY + 1 },
    { "behind", { { END, LEN } }, END, STACK, END + 1 },
    { "staging", { { SF2_STAGING, LEN } }, SF2_STAGING, STACK, SF2_STAGING + 1 },
    { "eSRAM", { { SF2_ESRAM, LEN } }, SF2_ESRAM, STACK, SF2_ESRAM + 1 },
    { "round 2^32", { { CODE, 0u - CODE + 16 } }, ENTRY, STACK, ENTRY + 1 },
    { "to 2^32", { { CODE, 0u - CODE } }, ENTRY, STACK, ENTRY + 1 },
    { "longest", { { CODE, UINT32_MAX } }, ENTRY, STACK, ENTRY + 1 },
    { "from the top", { { UINT32_MAX, LEN } }, ENTRY, STACK, ENTRY + 1 },
    { "round to itself", { { 0xFFFFFF00, CODE + LEN } }, ENTRY, STACK, ENTRY + 1 },
    { "second below", { { CODE, LEN }, { SF2_DDR, 64 } }, ENTRY, STACK, ENTRY + 1 },
    { "second too long", { { CODE, LEN }, { END - 60, 64 } }, ENTRY, STACK, ENTRY + 1 },
    { "second's wrap", { { CODE, LEN }, { ENTRY, 0xFFFFFF00 } }, ENTRY, STACK, ENTRY + 1 },
    { "third", { { CODE, LEN }, { END - 64, 64 }, { END, 1 } }, ENTRY, STACK, ENTRY + 1 },

    /* The table. */
    { "off by 4", { { CODE, LEN } }, ENTRY + 4, STACK, ENTRY + 1 },
    { "off by 1", { { CODE, LEN } }, ENTRY + 1, STACK, ENTRY + 1 },
    { "half aligned", { { CODE, LEN } }, ENTRY + TABLE / 2, STACK, ENTRY + 1 },
    { "no room", { { CODE, LEN } }, CODE + 0x1000, STACK, ENTRY + 1 },
    { "a byte short", { { CODE, TABLE - 1 } }, CODE, STACK, CODE + 9 },
    { "at the end", { { CODE, 0x1000 } }, CODE + 0x1000, STACK, ENTRY + 1 },
    { "behind", { { CODE, LEN } }, CODE + 0x2000, STACK, ENTRY + 1 },
    { "before", { { CODE + TABLE, LEN } }, CODE, STACK, ENTRY + 1 },
    { "entry 0", { { CODE, LEN } }, 0, STACK, ENTRY + 1 },
    { "entry at the top", { { CODE, LEN } }, 0u - TABLE, STACK, ENTRY + 1 },
    { "in the second", { { CODE, LEN }, { END - LEN, LEN } }, END - 0x1000, STACK, CODE + 1 },
    { "in an empty one", { { CODE, 0 }, { CODE, LEN } }, CODE, STACK, CODE + 1 },

    /* The stack. */
    { "stack 0", { { CODE, LEN } }, ENTRY, 0, ENTRY + 1 },
    { "stack 8", { { CODE, LEN } }, ENTRY, 8, ENTRY + 1 },
    { "odd stack", { { CODE, LEN } }, ENTRY, STACK - 1, ENTRY + 1 },
    { "stack off by 4", { { CODE, LEN } }, ENTRY, STACK - 4, ENTRY + 1 },
    { "no stack left", { { CODE, LEN } }, ENTRY, SF2_ESRAM, ENTRY + 1 },
    { "behind eSRAM", { { CODE, LEN } }, ENTRY, STACK + 8, ENTRY + 1 },
    { "no stack left in DDR", { { CODE, LEN } }, ENTRY, CODE, ENTRY + 1 },
    { "behind a sketch's DDR", { { CODE, LEN } }, ENTRY, END + 8, ENTRY + 1 },
    { "blank", { { CODE, LEN } }, ENTRY, UINT32_MAX, UINT32_MAX },
    { "highest", { { CODE, LEN } }, ENTRY, 0u - 8, ENTRY + 1 },

    /* The first instruction. */
    { "even", { { CODE, LEN } }, ENTRY, STACK, ENTRY + 0x80 },
    { "reset 0", { { CODE, LEN } }, ENTRY, STACK, 0 },
    { "reset 1", { { CODE, LEN } }, ENTRY, STACK, 1 },
    { "reset behind", { { CODE, LEN } }, ENTRY, STACK, CODE + LEN + 1 },
    { "half inside", { { CODE, LEN - 1 } }, ENTRY, STACK, CODE + LEN - 1 },
    { "reset before", { { CODE, LEN } }, ENTRY, STACK, CODE - 1 },
    { "reset in the second", { { CODE, LEN }, { END - 64, 64 } }, ENTRY, STACK, END - 63 },
    { "reset at the top", { { CODE, LEN } }, ENTRY, STACK, UINT32_MAX },
};

Test(sf2_loadable, what_fits_is)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_expect(is_loadable(&good[i]), "%s", good[i].what);
}

Test(sf2_loadable, what_does_not_fit_is_not)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(is_loadable(&bad[i]), "%zu: %s", i, bad[i].what);
}
