/*
 * The sketches of the board emcraft-sf2: what is in a slot, whether it can be loaded, loading it.
 */
#include "common/bytes.h"
#include "sf2_layout.h"
#include "sf2_memory.h"
#include "sf2_sketch.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>

#define HEADER  24
#define SEGMENT 8
#define ROW     16

#define AREA_AT   0x20000u
#define AREA_SIZE 0x8000u

#define CODE  SF2_SKETCH
#define ENTRY (CODE + 0x100)

static const struct ota_area area = { AREA_AT, AREA_SIZE };

/* --- Flash with an image in it ---------------------------------------------------------------- */

static uint8_t cells[AREA_AT + AREA_SIZE];
static uint8_t memory[AREA_SIZE];
static unsigned reads, fails_at; /* 0: reading always succeeds */

static bool read_cells(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    (void)ctx;
    cr_assert_leq(offset, sizeof cells);
    cr_assert_leq(len, sizeof cells - offset);
    if (++reads == fails_at)
        return false;
    memcpy(out, cells + offset, len);
    return true;
}

static const struct ota_flash flash = { .size = sizeof cells,
                                        .erase_size = 0x8000,
                                        .block_size = 0x8000,
                                        .write_size = 1,
                                        .read = read_cells };

static uint32_t size_in_area(void)
{
    reads = 0;
    return sf2_sketch_size(NULL, &flash, &area);
}

/* Append a segment of noise to the image in the area, which goes up to `at`; returns its end. */
static uint32_t add_segment(uint32_t at, uint32_t address, uint32_t len)
{
    uint8_t *out = cells + AREA_AT + at;

    bytes_put_u32(out, address);
    bytes_put_u32(out + 4, len);
    for (uint32_t i = 0; i < len; i++)
        out[SEGMENT + i] = (uint8_t)((at + i) * 2654435761u >> 24);
    cells[AREA_AT + 1]++;
    return at + SEGMENT + len;
}

/* A header that has no segments yet. */
static uint32_t begin_image(void)
{
    uint8_t *out = cells + AREA_AT;

    memset(cells, 0xFF, sizeof cells);
    memset(out, 0, HEADER);
    out[0] = 0xE9;
    out[2] = 2;
    out[3] = 0x40;
    bytes_put_u32(out + 4, ENTRY);
    out[12] = SF2_CHIP_ID & 0xFF;
    out[13] = SF2_CHIP_ID >> 8;
    return HEADER;
}

/* The checksum of all segments, in the last byte of a row; returns the image's size. */
static uint32_t end_image(uint32_t at)
{
    uint8_t *out = cells + AREA_AT;
    uint32_t end = (at + ROW) / ROW * ROW;
    uint8_t checksum = 0xEF;

    for (uint32_t next = HEADER; next < at;) {
        uint32_t data = next + SEGMENT;
        next = data + bytes_u32(out + next + 4);
        for (; data < next; data++)
            checksum ^= out[data];
    }
    memset(out + at, 0, end - at);
    out[end - 1] = checksum;
    return end;
}

/* As make_image.c does it; returns the image's size. */
static uint32_t put_image(uint32_t len)
{
    return end_image(add_segment(begin_image(), CODE, len));
}

static struct ota_image on_record(uint32_t size)
{
    struct ota_image image = { .size = size };
    struct digest digest;

    digest_init(&digest, DIGEST_MD5);
    digest_update(&digest, cells + AREA_AT, size);
    digest_finish(&digest, image.md5);
    return image;
}

static bool read_sketch(struct sf2_sketch *out, const struct ota_image *expected)
{
    memset(memory, 0xA5, sizeof memory);
    reads = 0;
    return sf2_sketch_read(out, &flash, AREA_AT, expected, AREA_SIZE, memory);
}

/* --- Size ------------------------------------------------------------------------------------- */

Test(sf2_sketch, its_size_is_that_of_segments_and_checksum)
{
    static const uint32_t lengths[] = { 4, 8, 12, 16, 1000, 4096, 20000 };

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        cr_assert_eq(put_image(lengths[i]), size_in_area(), "%u", lengths[i]);
    uint32_t at = add_segment(begin_image(), CODE, 400);
    at = add_segment(at, CODE + 400, 0);
    cr_assert_eq(end_image(add_segment(at, CODE + 1024, 40)), size_in_area());
}

Test(sf2_sketch, may_fill_its_area)
{
    cr_assert_eq(put_image(AREA_SIZE - HEADER - SEGMENT - 1), AREA_SIZE);
    cr_assert_eq(size_in_area(), AREA_SIZE);
}

Test(sf2_sketch, one_that_goes_beyond_its_area_is_none)
{
    static const uint32_t lengths[] = { AREA_SIZE - HEADER - SEGMENT, AREA_SIZE, UINT32_MAX,
                                        UINT32_MAX - HEADER - SEGMENT + 1 };

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        put_image(1000);
        bytes_put_u32(cells + AREA_AT + HEADER + 4, lengths[i]);
        cr_assert_eq(size_in_area(), 0, "%08X", lengths[i]);
    }
    put_image(1000);
    cells[AREA_AT + 1] = 2; /* a second segment, whose header is blank flash */
    cr_assert_eq(size_in_area(), 0);
}

Test(sf2_sketch, what_is_none_has_no_size)
{
    static const struct {
        uint32_t at;
        uint8_t flip;
        const char *what;
    } damages[] = {
        { 0, 0x01, "magic" },       { 1, 0x10, "17 segments" },  { 1, 0x01, "no segments" },
        { 12, 0x01, "chip id" },    { 13, 0x01, "chip id" },     { HEADER + 8, 0x01, "data" },
        { HEADER + 507, 1, "end" }, { 6, 0x10, "an entry" },     { HEADER + 4, 0x10, "length" },
        { 23, 0x80, "the flag" },   { HEADER + 6, 1, "length" },
    };

    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        uint32_t size = put_image(500);
        cr_assert_eq(size_in_area(), size);
        cells[AREA_AT + damages[i].at] ^= damages[i].flip;
        if (damages[i].at == 6) /* where sketches for the ESP8266 begin */
            bytes_put_u32(cells + AREA_AT + 4, 0x40100000);
        cr_assert_eq(size_in_area(), 0, "%zu: %s", i, damages[i].what);
    }
}

Test(sf2_sketch, blank_or_any_flash_has_none)
{
    uint32_t noise = 1;

    memset(cells, 0xFF, sizeof cells);
    cr_assert_eq(size_in_area(), 0);
    memset(cells, 0, sizeof cells);
    cr_assert_eq(size_in_area(), 0);
    for (unsigned round = 0; round < 100; round++) {
        for (size_t i = 0; i < AREA_SIZE; i++) {
            noise = noise * 1664525u + 1013904223u;
            cells[AREA_AT + i] = (uint8_t)(noise >> 24);
        }
        cr_assert_eq(size_in_area(), 0, "%u", round);
        /* Begins like one. */
        memcpy(cells + AREA_AT, (uint8_t[]){ 0xE9, 3 }, 2);
        memcpy(cells + AREA_AT + 12, (uint8_t[]){ 0xF2, 0x05 }, 2);
        cells[AREA_AT + 23] = round & 1;
        cr_assert_eq(size_in_area(), 0, "%u", round);
    }
}

Test(sf2_sketch, flash_that_cannot_be_read_has_none)
{
    uint32_t size = put_image(9000);

    for (fails_at = 1; size_in_area() != size; fails_at++) {
        cr_assert_lt(fails_at, 100);
        cr_assert_geq(reads, fails_at);
        reads = 0;
        cr_assert_eq(size_in_area(), 0, "read %u", fails_at);
    }
    cr_assert_gt(fails_at, 4);
}

/* --- Reading ---------------------------------------------------------------------------------- */

Test(sf2_sketch, is_read_whole)
{
    struct ota_image expected = on_record(put_image(9000));
    struct sf2_sketch sketch;

    cr_assert(read_sketch(&sketch, &expected));
    cr_assert_eq(sketch.bytes, memory);
    cr_assert_arr_eq(memory, cells + AREA_AT, expected.size);
    cr_assert_eq(memory[expected.size], 0xA5, "more was read than is on record");
    cr_assert_eq(sketch.image.esp.first.segment_count, 1);
    cr_assert_eq(sketch.image.esp.first.entry, ENTRY);
    cr_assert_eq(reads, 1);
}

Test(sf2_sketch, without_a_digest_its_checksum_decides)
{
    struct ota_image nothing = { 0 };
    struct sf2_sketch sketch;

    put_image(9000);
    cr_assert(read_sketch(&sketch, &nothing));
    cr_assert_eq(memory[AREA_SIZE - 1], 0xFF);
    cells[AREA_AT + 5000] ^= 4;
    cr_assert_not(read_sketch(&sketch, &nothing));
}

/* Two equal flips escape the checksum. */
Test(sf2_sketch, another_digest_is_refused)
{
    struct ota_image expected = on_record(put_image(9000));
    struct ota_image nothing = { 0 };
    struct sf2_sketch sketch;

    cells[AREA_AT + 1000] ^= 4;
    cells[AREA_AT + 8000] ^= 4;
    cr_assert(read_sketch(&sketch, &nothing));
    cr_assert_not(read_sketch(&sketch, &expected));
    cells[AREA_AT + 1000] ^= 4;
    cells[AREA_AT + 8000] ^= 4;
    for (size_t i = 0; i < sizeof expected.md5; i++) {
        expected.md5[i] ^= 0x80;
        cr_assert_not(read_sketch(&sketch, &expected), "byte %zu", i);
        expected.md5[i] ^= 0x80;
    }
    cr_assert(read_sketch(&sketch, &expected));
}

/* A digest tells that it is what was uploaded, not that it can run. */
Test(sf2_sketch, no_sketch_is_refused_though_the_digest_is_right)
{
    uint32_t size = put_image(9000);
    struct sf2_sketch sketch;

    cells[AREA_AT + 12] ^= 1;
    struct ota_image other_chip = on_record(size);
    cr_assert_not(read_sketch(&sketch, &other_chip));
    cells[AREA_AT + 12] ^= 1;
    struct ota_image truncated = on_record(size - 1);
    cr_assert_not(read_sketch(&sketch, &truncated));
    cells[AREA_AT + size - 1] ^= 1;
    struct ota_image bad_checksum = on_record(size);
    cr_assert_not(read_sketch(&sketch, &bad_checksum));
}

Test(sf2_sketch, what_has_no_room_is_not_read)
{
    struct ota_image expected = on_record(put_image(9000));
    struct sf2_sketch sketch;

    reads = 0;
    cr_assert_not(sf2_sketch_read(&sketch, &flash, AREA_AT, &expected, expected.size - 1, memory));
    expected.size = UINT32_MAX;
    cr_assert_not(sf2_sketch_read(&sketch, &flash, AREA_AT, &expected, AREA_SIZE, memory));
    cr_assert_eq(reads, 0);
}

Test(sf2_sketch, what_cannot_be_read_is_refused)
{
    struct ota_image expected = on_record(put_image(9000));
    struct ota_image nothing = { 0 };
    struct sf2_sketch sketch;

    fails_at = 1;
    cr_assert_not(read_sketch(&sketch, &expected));
    cr_assert_not(read_sketch(&sketch, &nothing));
}

/* --- Loading ---------------------------------------------------------------------------------- */

/* Memory at an address that a segment can name; a sanitizer has the board's for itself. */
static uint8_t *map_below_4_gib(uint32_t len)
{
    static const uintptr_t places[] = { SF2_SKETCH, 0x60010000, 0x10010000 };
    void *wanted;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        memcpy(&wanted, &places[i], sizeof wanted);
        void *got = mmap(wanted, len, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        if (got == wanted)
            return got;
        if (got != MAP_FAILED)
            munmap(got, len);
    }
    return NULL;
}

Test(sf2_sketch, each_segment_comes_to_where_it_belongs)
{
    uint8_t *loaded = map_below_4_gib(0x10000);
    uint32_t base = (uint32_t)(uintptr_t)loaded;
    uint32_t first = add_segment(begin_image(), base, 400);
    uint32_t second = add_segment(first, base + 0x8000, 1000);
    struct ota_image expected = on_record(end_image(add_segment(second, base + 0x8000 + 1000, 12)));
    const uint8_t *image = cells + AREA_AT;
    struct sf2_sketch sketch;

    cr_assert_not_null(loaded, "no memory at a known address");
    cr_assert(read_sketch(&sketch, &expected));
    memset(loaded, 0x33, 0x10000);
    cr_assert_eq(sf2_sketch_load(&sketch), ENTRY);
    cr_assert_arr_eq(loaded, image + HEADER + SEGMENT, 400);
    cr_assert_arr_eq(loaded + 0x8000, image + first + SEGMENT, 1000);
    cr_assert_arr_eq(loaded + 0x8000 + 1000, image + second + SEGMENT, 12);
    for (size_t i = 400; i < 0x8000; i++)
        cr_assert_eq(loaded[i], 0x33, "at %zx", i);
    for (size_t i = 0x8000 + 1012; i < 0x10000; i++)
        cr_assert_eq(loaded[i], 0x33, "at %zx", i);
}

Test(sf2_sketch, has_a_version_by_its_description)
{
    struct sf2_sketch sketch;
    struct ota_image nothing = { 0 };
    uint32_t end = add_segment(begin_image(), CODE, 1000);
    uint8_t *description = cells + AREA_AT + HEADER + SEGMENT;

    end_image(end);
    cr_assert(read_sketch(&sketch, &nothing));
    cr_assert_str_eq(sf2_sketch_version(&sketch), "?");
    bytes_put_u32(description, 0xABCD5432);
    memset(description + 16, 'v', 32);
    end_image(end);
    cr_assert(read_sketch(&sketch, &nothing));
    cr_assert_str_eq(sf2_sketch_version(&sketch), "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv");
    cr_assert_lt(strlen(sf2_sketch_version(&sketch)), SF2_VERSION_MAX);
}
