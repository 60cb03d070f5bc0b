/*
 * The usual order, for many flashes: always sound, and as large as it can be.
 */
#include "ota/layout.h"

#include <criterion/criterion.h>
#include <string.h>

#define KIB 1024u
#define MIB (1024u * KIB)

/* What is asked for. */
struct wish {
    struct ota_flash flash;
    uint32_t bootloader;
    uint32_t filesystem;
    uint32_t spare;
};

static void expect_order(const struct ota_layout *layout, const struct wish *wish)
{
    const struct ota_area *in_order[] = { &layout->record[0], &layout->record[1], &layout->slot[0],
                                          &layout->slot[1] };
    uint64_t at = wish->bootloader;

    cr_assert_eq(layout->bootloader.size, wish->bootloader);
    cr_assert_eq(layout->bootloader.offset, 0);
    for (unsigned i = 0; i < 4; i++) {
        cr_assert_geq(in_order[i]->offset, at);
        cr_assert_gt(in_order[i]->size, 0);
        at = (uint64_t)in_order[i]->offset + in_order[i]->size;
    }
    cr_assert_eq(layout->filesystem.size, wish->filesystem);
    if (wish->filesystem > 0) {
        cr_assert_geq(layout->filesystem.offset, at);
        at = (uint64_t)layout->filesystem.offset + layout->filesystem.size;
    }
    cr_assert_leq(at, wish->flash.size);
}

static void expect_slots(const struct ota_layout *layout, const struct wish *wish)
{
    const struct ota_area *slot = layout->slot;

    cr_assert_eq(layout->handover, wish->spare > 0 ? OTA_EXCHANGE : OTA_SELECT);
    cr_assert_eq(layout->spare_size, wish->spare);
    cr_assert_eq(slot[1].size, slot[0].size + wish->spare);
    cr_assert_eq(slot[1].offset, slot[0].offset + slot[0].size);
}

/*
 * How large slots could be that begin at units, found by trying: the areas behind each other, with
 * no gap.
 */
static uint32_t largest_slot(const struct wish *wish)
{
    struct ota_layout layout = { .spare_size = wish->spare };
    uint32_t unit = wish->flash.erase_size;
    uint32_t best = 0;

    for (uint64_t size = unit; size <= wish->flash.size / 2; size += unit) {
        layout.slot[0].size = (uint32_t)size;
        uint64_t record = ota_layout_record_size(&layout, &wish->flash);
        if (wish->bootloader + 2 * record + 2 * size + wish->spare + wish->filesystem <=
            wish->flash.size)
            best = (uint32_t)size;
    }
    return best;
}

static void expect_arranged(const struct wish *wish)
{
    struct ota_layout layout;
    uint32_t largest = largest_slot(wish);
    bool arranged =
        ota_layout_arrange(&layout, &wish->flash, wish->bootloader, wish->filesystem, wish->spare);

    cr_assert_eq(arranged, largest > 0);
    if (!arranged)
        return;
    cr_assert_eq(ota_layout_check(&layout, &wish->flash), OTA_LAYOUT_SOUND);
    expect_order(&layout, wish);
    expect_slots(&layout, wish);
    cr_assert_geq(layout.slot[0].size, largest - largest / 8);
    bool at_blocks = layout.slot[0].offset % wish->flash.block_size == 0 &&
                     layout.slot[1].offset % wish->flash.block_size == 0 &&
                     layout.filesystem.offset % wish->flash.block_size == 0;
    cr_assert(at_blocks || layout.slot[0].size == largest);
}

/* Every combination; most of them are sensible. */
Test(layout_arrange, all_flashes_are_used_well)
{
    static const uint32_t erase_sizes[] = { 256, 4096, 65536 };
    static const uint32_t write_sizes[] = { 1, 4, 16, 256 };
    static const uint32_t units[] = { 1, 2, 3, 5, 8, 13, 40, 100, 256, 1024 };
    static const uint32_t parts[] = { 0, 1, 3, 17 };
    unsigned tried = 0;

    for (unsigned n = 0; n < 3 * 4 * 10 * 4 * 4 * 3 * 2; n++) {
        unsigned i = n;
        struct wish wish = { .flash = { .erase_size = erase_sizes[i % 3] } };
        i /= 3;
        wish.flash.write_size = write_sizes[i % 4];
        i /= 4;
        wish.flash.size = units[i % 10] * wish.flash.erase_size;
        i /= 10;
        wish.bootloader = parts[i % 4] * wish.flash.erase_size;
        i /= 4;
        wish.filesystem = parts[i % 4] * wish.flash.erase_size;
        i /= 4;
        wish.spare = parts[i % 3] * wish.flash.erase_size;
        i /= 3;
        wish.flash.block_size = (i % 2 ? 16 : 1) * wish.flash.erase_size;
        expect_arranged(&wish);
        tried++;
    }
    cr_assert_eq(tried, 11520);
}

static struct ota_layout arrange(uint32_t size, uint32_t bootloader, uint32_t filesystem,
                                 uint32_t spare)
{
    const struct ota_flash flash = {
        .size = size, .erase_size = 4096, .block_size = 65536, .write_size = 4
    };
    struct ota_layout layout;

    cr_assert(ota_layout_arrange(&layout, &flash, bootloader, filesystem, spare));
    return layout;
}

Test(layout_arrange, large_slots_begin_at_blocks)
{
    struct ota_layout layout = arrange(4 * MIB, 8 * KIB, 2 * MIB, 4 * KIB);

    cr_assert_eq(layout.record[0].offset, 8 * KIB);
    cr_assert_eq(layout.record[1].offset, 12 * KIB);
    cr_assert_eq(layout.slot[0].offset, 64 * KIB);
    cr_assert_eq(layout.slot[0].size, 960 * KIB);
    cr_assert_eq(layout.slot[1].offset, 1024 * KIB);
    cr_assert_eq(layout.slot[1].size, 964 * KIB);
    cr_assert_eq(layout.filesystem.offset, 2 * MIB);
}

Test(layout_arrange, a_large_file_system_begins_at_a_block)
{
    struct ota_layout layout = arrange(4 * MIB, 0, MIB - 4 * KIB, 0);

    cr_assert_eq(layout.filesystem.offset, 3 * MIB);
    cr_assert_eq(layout.filesystem.size, MIB - 4 * KIB);
}

Test(layout_arrange, small_slots_begin_where_there_is_room)
{
    struct ota_layout layout = arrange(512 * KIB, 8 * KIB, 0, 4 * KIB);

    cr_assert_eq(layout.slot[0].offset, 16 * KIB);
    cr_assert_eq(layout.slot[0].size, 244 * KIB);
    cr_assert_eq(layout.slot[1].size, 248 * KIB);
    cr_assert_eq(ota_layout_size(&layout), 508 * KIB);
}

/* With units as small as pages, marks take as much room as the slots themselves. */
Test(layout_arrange, marks_may_take_more_than_the_slots)
{
    const struct ota_flash flash = {
        .size = 128 * KIB, .erase_size = 256, .block_size = 256, .write_size = 256
    };
    struct ota_layout layout;

    cr_assert(ota_layout_arrange(&layout, &flash, 0, 0, 256));
    cr_assert_eq(layout.slot[0].size, 81 * 256);
    cr_assert_eq(layout.record[0].size, (12 + 2 * 81) * 256);
}

Test(layout_arrange, the_largest_flash_there_can_be)
{
    const struct ota_flash flash = {
        .size = 0xFFFFF000, .erase_size = 4096, .block_size = 65536, .write_size = 256
    };
    struct ota_layout layout;

    cr_assert(ota_layout_arrange(&layout, &flash, 0, 0xC0000000, 4096));
    cr_assert_eq(ota_layout_check(&layout, &flash), OTA_LAYOUT_SOUND);
    cr_assert_leq(ota_layout_size(&layout), flash.size);
    cr_assert_gt(layout.slot[0].size, 400 * MIB);
    cr_assert(ota_layout_arrange(&layout, &flash, 0, 0, 0xF0000000));
    cr_assert_eq(ota_layout_check(&layout, &flash), OTA_LAYOUT_SOUND);
}

Test(layout_arrange, what_cannot_be_is_refused)
{
    static const uint32_t refused[][3] = {
        { 4 * MIB, 0, 0 },
        { 0, 4 * MIB, 0 },
        { 0, 0, 4 * MIB },
        { 4 * MIB - 16 * KIB, 0, 4 * KIB },
        { 4097, 0, 0 },
        { 0, 4097, 0 },
        { 0, 0, 4097 },
        { 0xFFFFF000, 0xFFFFF000, 0xFFFFF000 },
        { 0xFFFFF000, 2 * MIB, 0 },
        { 3 * MIB, MIB - 8 * KIB, 4 * KIB },
    };
    struct ota_flash flash = {
        .size = 4 * MIB, .erase_size = 4096, .block_size = 65536, .write_size = 4
    };
    struct ota_layout untouched;
    struct ota_layout layout;

    memset(&untouched, 0x5A, sizeof untouched);
    layout = untouched;
    for (unsigned i = 0; i < sizeof refused / sizeof *refused; i++)
        cr_assert_not(
            ota_layout_arrange(&layout, &flash, refused[i][0], refused[i][1], refused[i][2]), "%u",
            i);
    flash.write_size = 3;
    cr_assert_not(ota_layout_arrange(&layout, &flash, 0, 0, 0));
    cr_assert_eq(memcmp(&layout, &untouched, sizeof layout), 0);
}
