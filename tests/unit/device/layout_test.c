#include "ota/layout.h"

#include <criterion/criterion.h>
#include <string.h>

#define KIB 1024u
#define MIB (1024u * KIB)

static const struct ota_flash spi = {
    .size = 4 * MIB, .erase_size = 4096, .block_size = 65536, .write_size = 4
};

/* What fits `spi` in every way, with nothing to spare. */
static const struct ota_layout exchange = {
    .handover = OTA_EXCHANGE,
    .bootloader = { 0, 8 * KIB },
    .record = { { 8 * KIB, 4 * KIB }, { 12 * KIB, 4 * KIB } },
    .slot = { { 64 * KIB, 960 * KIB }, { 1024 * KIB, 964 * KIB } },
    .spare_size = 4 * KIB,
    .filesystem = { 2 * MIB, 2 * MIB },
};

static const struct ota_layout selecting = {
    .handover = OTA_SELECT,
    .bootloader = { 0, 0 },
    .record = { { 0, 4 * KIB }, { 4 * KIB, 4 * KIB } },
    .slot = { { 8 * KIB, 1000 * KIB }, { 1008 * KIB, 900 * KIB } },
    .filesystem = { 0, 0 },
};

static void expect_fault(const struct ota_layout *layout, enum ota_layout_fault expected)
{
    enum ota_layout_fault found = ota_layout_check(layout, &spi);

    cr_assert_eq(found, expected, "\"%s\" instead of \"%s\"", ota_layout_fault_text(found),
                 ota_layout_fault_text(expected));
}

/* --- What is wrong ---------------------------------------------------------------------------- */

Test(layout, what_fits_exactly_is_sound)
{
    expect_fault(&exchange, OTA_LAYOUT_SOUND);
    expect_fault(&selecting, OTA_LAYOUT_SOUND);
    cr_assert_eq(ota_layout_size(&exchange), 4 * MIB);
    cr_assert_eq(ota_layout_size(&selecting), 1908 * KIB);
}

Test(layout, areas_lie_in_any_order)
{
    struct ota_layout layout = { .handover = OTA_EXCHANGE,
                                 .filesystem = { 0, 100 * KIB },
                                 .slot = { { 304 * KIB, 200 * KIB }, { 100 * KIB, 204 * KIB } },
                                 .record = { { 508 * KIB, 4 * KIB }, { 504 * KIB, 4 * KIB } },
                                 .bootloader = { 512 * KIB, 4 * KIB },
                                 .spare_size = 4 * KIB };

    expect_fault(&layout, OTA_LAYOUT_SOUND);
    layout.record[0].offset = layout.record[1].offset;
    expect_fault(&layout, OTA_LAYOUT_OVERLAP);
}

Test(layout, an_unsound_flash_is_found_first)
{
    struct ota_layout layout = exchange;
    struct ota_flash flash = spi;

    flash.erase_size = 4095;
    layout.bootloader.offset = 1;
    cr_assert_eq(ota_layout_check(&layout, &flash), OTA_LAYOUT_FLASH);
}

static struct ota_area *area_of(struct ota_layout *layout, unsigned i)
{
    struct ota_area *areas[] = {
        &layout->bootloader, &layout->record[0], &layout->record[1],
        &layout->slot[0],    &layout->slot[1],   &layout->filesystem,
    };

    return areas[i];
}

Test(layout, every_area_begins_and_ends_at_units)
{
    for (unsigned i = 0; i < 6; i++) {
        struct ota_layout layout = exchange;
        area_of(&layout, i)->offset += 4;
        expect_fault(&layout, OTA_LAYOUT_ALIGNMENT);
        layout = exchange;
        area_of(&layout, i)->size -= 4;
        expect_fault(&layout, OTA_LAYOUT_ALIGNMENT);
    }
    struct ota_layout layout = exchange;
    layout.spare_size = 2 * KIB;
    expect_fault(&layout, OTA_LAYOUT_ALIGNMENT);
}

Test(layout, alignment_comes_before_being_outside)
{
    struct ota_layout layout = exchange;

    layout.filesystem.size += 4 * KIB;
    layout.spare_size = 4 * KIB + 1;
    expect_fault(&layout, OTA_LAYOUT_ALIGNMENT);
    layout.spare_size = 4 * KIB;
    expect_fault(&layout, OTA_LAYOUT_OUTSIDE);
}

Test(layout, every_area_lies_inside_the_flash)
{
    for (unsigned i = 0; i < 6; i++) {
        struct ota_layout layout = exchange;
        area_of(&layout, i)->offset = 4 * MIB - area_of(&layout, i)->size + 4 * KIB;
        expect_fault(&layout, OTA_LAYOUT_OUTSIDE);
        layout = exchange;
        area_of(&layout, i)->offset = 0xFFFFF000;
        expect_fault(&layout, OTA_LAYOUT_OUTSIDE);
    }
}

/* Its size alone says whether an area exists. */
Test(layout, an_area_that_is_missing_lies_nowhere)
{
    struct ota_layout layout = exchange;

    layout.bootloader = (struct ota_area){ 0xFFFFFFFF, 0 };
    layout.filesystem = (struct ota_area){ 64 * KIB + 1, 0 };
    expect_fault(&layout, OTA_LAYOUT_SOUND);
    cr_assert_eq(ota_layout_size(&layout), 1988 * KIB);
}

Test(layout, no_two_areas_overlap)
{
    for (unsigned i = 0; i < 6; i++) {
        for (unsigned j = 0; j < 6; j++) {
            struct ota_layout layout = exchange;
            const struct ota_area *other = area_of(&layout, j);
            if (i == j)
                continue;
            area_of(&layout, i)->offset = other->offset + other->size - 4 * KIB;
            area_of(&layout, i)->size = 4 * KIB;
            expect_fault(&layout, OTA_LAYOUT_OVERLAP);
        }
    }
}

Test(layout, there_are_two_slots)
{
    for (unsigned i = 0; i < 2; i++) {
        struct ota_layout layout = exchange;
        layout.slot[i].size = 0;
        expect_fault(&layout, OTA_LAYOUT_SLOT);
        layout = selecting;
        layout.slot[i].size = 0;
        expect_fault(&layout, OTA_LAYOUT_SLOT);
    }
}

Test(layout, slot_1_has_room_for_the_spare)
{
    struct ota_layout layout = exchange;

    layout.slot[1].size -= 4 * KIB;
    expect_fault(&layout, OTA_LAYOUT_SLOT);
    layout.slot[1].size = 4 * KIB;
    expect_fault(&layout, OTA_LAYOUT_SLOT);
    layout = exchange;
    layout.spare_size = 0;
    expect_fault(&layout, OTA_LAYOUT_SLOT);
    layout.spare_size = 8 * KIB;
    expect_fault(&layout, OTA_LAYOUT_SLOT);
    layout = exchange;
    layout.spare_size = 0x80000000;
    expect_fault(&layout, OTA_LAYOUT_SLOT);
    layout = selecting;
    layout.spare_size = 4 * KIB;
    expect_fault(&layout, OTA_LAYOUT_SLOT);
    layout = exchange;
    layout.handover = (enum ota_handover)2;
    expect_fault(&layout, OTA_LAYOUT_SLOT);
}

Test(layout, each_record_has_room_for_its_marks)
{
    for (unsigned i = 0; i < 2; i++) {
        struct ota_layout layout = exchange;
        layout.record[i].size = 0;
        expect_fault(&layout, OTA_LAYOUT_RECORD);
    }
    /* Beside a body of 88 bytes, 4096 hold 1002 marks: for 495 pieces. */
    struct ota_layout layout = exchange;
    layout.filesystem.size = 0;
    layout.slot[0].size = 496 * 4 * KIB;
    layout.slot[1] = (struct ota_area){ 2 * MIB, 497 * 4 * KIB };
    layout.slot[0].offset = 16 * KIB;
    cr_assert_eq(ota_layout_record_size(&layout, &spi), 8 * KIB);
    expect_fault(&layout, OTA_LAYOUT_RECORD);
    layout.slot[0].size = 495 * 4 * KIB;
    cr_assert_eq(ota_layout_record_size(&layout, &spi), 4 * KIB);
    expect_fault(&layout, OTA_LAYOUT_SOUND);
}

Test(layout, every_fault_has_its_text)
{
    for (int i = OTA_LAYOUT_SOUND; i <= OTA_LAYOUT_RECORD; i++)
        cr_assert_str_neq(ota_layout_fault_text((enum ota_layout_fault)i), "unknown fault");
    cr_assert_str_eq(ota_layout_fault_text(OTA_LAYOUT_OVERLAP), "two areas overlap");
}

/* --- Sizes ------------------------------------------------------------------------------------ */

Test(layout, a_record_takes_a_write_unit_for_each_mark)
{
    struct ota_layout layout = selecting;
    struct ota_flash flash = { .size = MIB, .erase_size = 64, .block_size = 64, .write_size = 1 };

    cr_assert_eq(ota_layout_record_size(&layout, &flash), 192, "88 + 11 * 4 = 132");
    flash.write_size = 16;
    cr_assert_eq(ota_layout_record_size(&layout, &flash), 320, "96 + 11 * 16 = 272");
    flash.erase_size = 256;
    flash.write_size = 256;
    cr_assert_eq(ota_layout_record_size(&layout, &flash), 3072, "256 + 11 * 256");
    layout = exchange;
    layout.slot[0].size = 5 * KIB;
    cr_assert_eq(ota_layout_record_size(&layout, &flash), 4096, "256 + 15 * 256");
    layout.slot[0].size = 0xFFFFFF00;
    layout.spare_size = 256;
    cr_assert_eq(ota_layout_record_size(&layout, &flash), UINT32_MAX, "there is no room for that");
    layout.slot[0].size = 0x3FFF0000;
    cr_assert_eq(ota_layout_record_size(&layout, &flash), 256 * (12 + 2 * 0x3FFF00u));
}

Test(layout, pieces_are_rounded_up)
{
    cr_assert_eq(ota_layout_chunks(&exchange, 0), 0);
    cr_assert_eq(ota_layout_chunks(&exchange, 1), 1);
    cr_assert_eq(ota_layout_chunks(&exchange, 4096), 1);
    cr_assert_eq(ota_layout_chunks(&exchange, 4097), 2);
    cr_assert_eq(ota_layout_chunks(&exchange, UINT32_MAX), MIB);
    cr_assert_eq(ota_layout_chunks(&selecting, 4096), 0);
}

Test(layout, what_is_staged_waits_a_spare_behind_the_start)
{
    cr_assert_eq(ota_layout_staging(&exchange, 0), 64 * KIB);
    cr_assert_eq(ota_layout_staging(&exchange, 1), 1028 * KIB);
    cr_assert_eq(ota_layout_staging(&selecting, 0), 8 * KIB);
    cr_assert_eq(ota_layout_staging(&selecting, 1), 1008 * KIB);
}

Test(layout, the_largest_images)
{
    struct ota_layout layout = exchange;

    layout.slot[1].size = 1000 * KIB;
    cr_assert_eq(ota_layout_sketch_max(&layout, 0), 960 * KIB);
    cr_assert_eq(ota_layout_sketch_max(&layout, 1), 960 * KIB, "it runs in slot 0");
    cr_assert_eq(ota_layout_filesystem_max(&layout, 1), 996 * KIB);
    layout.filesystem.size = 100 * KIB;
    cr_assert_eq(ota_layout_filesystem_max(&layout, 1), 100 * KIB);
    cr_assert_eq(ota_layout_sketch_max(&selecting, 0), 1000 * KIB);
    cr_assert_eq(ota_layout_sketch_max(&selecting, 1), 900 * KIB);
    cr_assert_eq(ota_layout_filesystem_max(&selecting, 1), 0, "there is none");
    layout = selecting;
    layout.filesystem = (struct ota_area){ 2 * MIB, 2 * MIB };
    cr_assert_eq(ota_layout_filesystem_max(&layout, 0), 1000 * KIB);
    cr_assert_eq(ota_layout_filesystem_max(&layout, 1), 900 * KIB);
}
