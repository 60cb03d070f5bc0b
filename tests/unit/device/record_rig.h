/*
 * A boot record in a simulated flash, for the tests of the record.
 */
#ifndef RECORD_RIG_H
#define RECORD_RIG_H

#include "ota/record.h"
#include "ota/record_write.h"
#include "tests/unit/device/record_model.h"
#include "tests/unit/device/test_flash.h"

#include <criterion/criterion.h>

/* Sizes of erase and write units; the bodies and marks of some share a unit, those of others not.
 */
static const struct record_geometry {
    uint32_t erase_size;
    uint32_t write_size;
} record_geometries[] = { { 4096, 4 }, { 64, 16 }, { 256, 256 }, { 256, 1 } };

#define RECORD_GEOMETRIES 4u

/* Pieces of slot 0: so many step marks, twice, has a record. */
#define RIG_PIECES 5u

struct record_rig {
    struct test_flash chip;
    struct ota_layout layout;
    const struct ota_flash *f;
};

/* Erased flash with copy 0, copy 1, slots, and file system behind each other. */
static inline void rig_init(struct record_rig *rig, const struct record_geometry *geometry)
{
    uint32_t unit = geometry->erase_size;
    struct ota_flash flash = { .erase_size = unit,
                               .block_size = unit,
                               .write_size = geometry->write_size };
    struct ota_layout *layout = &rig->layout;

    *layout = (struct ota_layout){ .handover = OTA_EXCHANGE, .spare_size = unit };
    layout->slot[0].size = RIG_PIECES * unit;
    uint32_t record_size = (uint32_t)ota_layout_record_size(layout, &flash);
    layout->record[0] = (struct ota_area){ 0, record_size };
    layout->record[1] = (struct ota_area){ record_size, record_size };
    layout->slot[0].offset = 2 * record_size;
    layout->slot[1] =
        (struct ota_area){ 2 * record_size + RIG_PIECES * unit, (RIG_PIECES + 1) * unit };
    layout->filesystem =
        (struct ota_area){ layout->slot[1].offset + layout->slot[1].size, 3 * unit };
    flash.size = layout->filesystem.offset + layout->filesystem.size;
    test_flash_init(&rig->chip, &flash);
    rig->f = &rig->chip.nor.flash;
    cr_assert_eq(ota_layout_check(layout, rig->f), OTA_LAYOUT_SOUND);
}

static inline uint8_t *rig_copy(struct record_rig *rig, unsigned copy)
{
    return rig->chip.cells + rig->layout.record[copy].offset;
}

static inline uint32_t rig_mark_size(const struct record_rig *rig)
{
    return rig->f->write_size > 4 ? rig->f->write_size : 4;
}

static inline uint8_t *rig_mark(struct record_rig *rig, unsigned copy, uint32_t mark)
{
    uint32_t size = rig_mark_size(rig);

    return rig_copy(rig, copy) + (RECORD_MODEL_SIZE + size - 1) / size * size + mark * size;
}

/* What a copy holds from now on: these 88 bytes and the commit mark. */
static inline void rig_place_bytes(struct record_rig *rig, unsigned copy,
                                   const uint8_t body[RECORD_MODEL_SIZE])
{
    memset(rig_copy(rig, copy), 0xFF, rig->layout.record[copy].size);
    memcpy(rig_copy(rig, copy), body, RECORD_MODEL_SIZE);
    memset(rig_mark(rig, copy, 0), 0, rig_mark_size(rig));
}

static inline void rig_place(struct record_rig *rig, unsigned copy, const struct ota_record *record)
{
    uint8_t body[RECORD_MODEL_SIZE];

    record_model_encode(body, record);
    rig_place_bytes(rig, copy, body);
}

/* A record that fits every rig's layout, and differs from others of another `variant`. */
static inline struct ota_record rig_record(uint32_t sequence, uint8_t variant)
{
    struct ota_record record = { .sequence = sequence, .pending = variant % 4 };

    record.slot[0] = (struct ota_image){ 100u + variant, { variant, 1, 2, 3 } };
    record.slot[1] = (struct ota_image){ 150u + variant % 40, { 4, variant, 5, 6 } };
    record.filesystem = (struct ota_image){ variant % 150u, { 7, 8, variant, 9 } };
    record.clean[0] = 10u + variant;
    record.clean[1] = 20u + variant;
    return record;
}

/* A record that was made here, and is to be written to the rig's flash. */
static inline void rig_bind(const struct record_rig *rig, struct ota_record *record)
{
    record->flash = rig->f;
    record->layout = &rig->layout;
}

/* Are the stored fields the same, or all but the sequence? */
static inline bool rig_is_same(const struct ota_record *a, const struct ota_record *b,
                               bool sequence_too)
{
    uint8_t bytes[2][RECORD_MODEL_SIZE];

    record_model_encode(bytes[0], a);
    record_model_encode(bytes[1], b);
    return memcmp(bytes[0] + 12, bytes[1] + 12, 72) == 0 &&
           (!sequence_too || a->sequence == b->sequence);
}

static inline enum ota_record_state rig_read(const struct record_rig *rig, struct ota_record *out)
{
    memset(out, 0xA5, sizeof *out);
    return ota_record_read(rig->f, &rig->layout, out);
}

static inline struct ota_record rig_found(const struct record_rig *rig)
{
    struct ota_record record;

    cr_assert_eq(rig_read(rig, &record), OTA_RECORD_FOUND);
    return record;
}

/* Whether a mark is set, by either copy that holds the record. */
static inline bool rig_is_set(const struct record_rig *rig, const struct ota_record *record,
                              uint32_t mark)
{
    bool set;

    cr_assert_eq(record->flash, rig->f);
    cr_assert(ota_record_get_mark(record, mark, &set));
    return set;
}

static inline uint32_t rig_count(const struct record_rig *rig, const struct ota_record *record,
                                 uint32_t first, uint32_t max)
{
    uint32_t count;

    cr_assert_eq(record->flash, rig->f);
    cr_assert(ota_record_count_marks(record, first, max, &count));
    return count;
}

#endif
