/* The exchange of slots, and the way back. */
#include "tests/unit/device/boot_rig.h"

static struct rig rig;

static uint32_t slot_at(unsigned slot)
{
    return rig.layout.slot[slot].offset;
}

static void record_says(uint32_t size_0, uint32_t size_1)
{
    cr_assert_eq(rig_read_record(&rig), OTA_RECORD_FOUND);
    cr_assert_eq(rig.record.pending, OTA_PENDING_NONE);
    cr_assert_eq(rig.record.active, 0);
    cr_assert_eq(rig.record.slot[0].size, size_0);
    cr_assert_eq(rig.record.slot[1].size, size_1);
}

/* --- Sizes and geometries --------------------------------------------------------------------- */

static const struct rig_shape shapes[] = {
    { 256, 256, 1, 6, 1, 0 },      { 256, 1024, 4, 8, 1, 1 },    { 256, 1024, 16, 8, 2, 1 },
    { 256, 256, 256, 6, 1, 0 },    { 256, 4096, 4, 48, 16, 16 }, { 4096, 65536, 1, 10, 1, 1 },
    { 4096, 65536, 4, 20, 16, 0 }, { 4096, 4096, 256, 5, 2, 0 }, { 65536, 65536, 1, 2, 1, 0 },
    { 65536, 65536, 16, 3, 2, 0 }, { 64, 64, 4, 9, 2, 0 },
};

#define SHAPES (sizeof shapes / sizeof *shapes)

/* The sizes worth trying: around a write unit, an erase unit, pieces, and the slot. */
static unsigned list_sizes(uint32_t *sizes, const struct rig_shape *shape)
{
    uint32_t piece = shape->spare * shape->erase;
    uint32_t slot = shape->slot * shape->erase;
    const uint32_t all[] = { 1,         shape->erase + 1,         piece - 1, piece, piece + 1,
                             2 * piece, 2 * piece + shape->write, slot - 1,  slot };
    unsigned count = 0;

    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i] <= slot)
            sizes[count++] = all[i];
    }
    return count;
}

/* A staged sketch in a slot that was clean. */
static void stage(const struct rig_shape *shape, uint32_t old, uint32_t new)
{
    rig_stage(&rig, shape, old, RIG_NEW, new);
    rig.record.clean[1] = rig.layout.slot[1].size;
    rig_write_record(&rig);
}

/* There, and back by giving up. */
static void gives_up(const struct rig_shape *shape, uint32_t old, uint32_t new)
{
    stage(shape, old, new);
    rig_boots(&rig, RIG_NEW, new, OTA_BOOT_TRYING);
    cr_assert_eq(rig.boot.boots_left, 2);
    rig_boots(&rig, RIG_NEW, new, OTA_BOOT_TRYING_MORE);
    rig_boots(&rig, RIG_NEW, new, OTA_BOOT_TRYING_MORE);
    cr_assert_eq(rig.boot.boots_left, 0);
    rig_boots(&rig, RIG_OLD, old, OTA_BOOT_GIVEN_UP);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_SOUND);
    record_says(old, 0);
    cr_assert_eq(rig.record.clean[1], 0);
    rig_boots(&rig, RIG_OLD, old, OTA_BOOT_NOTHING);
}

/* There for good, and back by a rollback. */
static void rolls_back(const struct rig_shape *shape, uint32_t old, uint32_t new)
{
    stage(shape, old, new);
    rig_boots(&rig, RIG_NEW, new, OTA_BOOT_TRYING);
    cr_assert_eq(rig_confirm(&rig), OTA_OK);
    record_says(new, old);
    cr_assert(rig_holds(&rig, RIG_OLD, slot_at(1), old));
    rig_boots(&rig, RIG_NEW, new, OTA_BOOT_NOTHING);
    cr_assert_eq(rig_rollback(&rig), OTA_OK);
    rig_boots(&rig, RIG_OLD, old, OTA_BOOT_ROLLED_BACK);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_SOUND);
    record_says(old, 0);
    cr_assert_eq(rig.record.clean[1], 0);
    rig_boots(&rig, RIG_OLD, old, OTA_BOOT_NOTHING);
}

static void all_sizes(const struct rig_shape *shape,
                      void (*check)(const struct rig_shape *shape, uint32_t old, uint32_t new))
{
    uint32_t sizes[16];
    unsigned count = list_sizes(sizes, shape);

    for (unsigned i = 0; i < count; i++) {
        for (unsigned j = 0; j < count; j++)
            check(shape, sizes[i], sizes[j]);
    }
}

Test(boot_exchange, gives_up_whatever_the_sizes)
{
    for (unsigned i = 0; i < 5; i++)
        all_sizes(&shapes[i], gives_up);
    all_sizes(&shapes[SHAPES - 1], gives_up);
}

Test(boot_exchange, rolls_back_whatever_the_sizes)
{
    for (unsigned i = 0; i < 5; i++)
        all_sizes(&shapes[i], rolls_back);
    all_sizes(&shapes[SHAPES - 1], rolls_back);
}

Test(boot_exchange, works_in_larger_geometries)
{
    for (unsigned i = 5; i < SHAPES - 1; i++) {
        uint32_t slot = shapes[i].slot * shapes[i].erase;
        uint32_t piece = shapes[i].spare * shapes[i].erase;
        gives_up(&shapes[i], piece + 5, slot);
        gives_up(&shapes[i], slot, 100);
        rolls_back(&shapes[i], slot - 1, piece - 1);
        rolls_back(&shapes[i], piece, slot);
    }
}

/* Behind the images, nothing changes but what erasing whole units takes along. */
Test(boot_exchange, copies_no_more_than_the_images)
{
    rig_stage(&rig, &rig_exchange, 257, RIG_NEW, 500);
    memset(rig.cells + slot_at(0) + 257, 0xEE, 2048 - 257);
    memset(rig.cells + slot_at(1) + 256 + 500, 0xDD, 2048 - 500);
    rig_boots(&rig, RIG_NEW, 500, OTA_BOOT_TRYING);
    for (uint32_t i = 500; i < 512; i++)
        cr_assert_eq(rig.cells[slot_at(0) + i], 0xFF);
    for (uint32_t i = 512; i < 2048; i++)
        cr_assert_eq(rig.cells[slot_at(0) + i], 0xEE);
    for (uint32_t i = 257; i < 512; i++)
        cr_assert_eq(rig.cells[slot_at(1) + i], 0xFF);
    for (uint32_t i = 256 + 500; i < 256 + 2048; i++)
        cr_assert_eq(rig.cells[slot_at(1) + i], 0xDD);
}

Test(boot_exchange, erases_in_the_largest_steps)
{
    static const struct rig_shape shape = { 256, 1024, 4, 16, 4, 0 };

    rig_stage(&rig, &shape, 4096, RIG_NEW, 4096);
    uint64_t erases = rig.nor.counts.erases;
    uint64_t blocks = rig.nor.counts.blocks;
    rig_boots(&rig, RIG_NEW, 4096, OTA_BOOT_TRYING);
    cr_assert_eq(rig.nor.counts.blocks - blocks, 8);
    cr_assert_eq(rig.nor.counts.erases - erases, 8 + 2, "and both copies of the record");
    cr_assert_gt(rig.ticks, 16);
}

Test(boot_exchange, works_with_the_smallest_buffer_and_with_one_that_is_no_divisor)
{
    static const uint32_t sizes[] = { 4, 64, 100, 4096 };

    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        rig_stage(&rig, &rig_exchange, 1999, RIG_NEW, 2001);
        rig.config.buffer_size = sizes[i];
        rig_boots(&rig, RIG_NEW, 2001, OTA_BOOT_TRYING);
        cr_assert_eq(rig_rollback(&rig), OTA_OK);
        rig_boots(&rig, RIG_OLD, 1999, OTA_BOOT_GIVEN_UP);
    }
}

/* --- Confirming ------------------------------------------------------------------------------- */

/* What the exchange has written is clean, and what was before still is. */
Test(boot_exchange, confirming_tells_what_is_clean)
{
    static const uint32_t before[] = { 0, 512, 2304 };
    static const uint32_t after[] = { 768, 768, 2304 };

    for (unsigned i = 0; i < 3; i++) {
        rig_stage(&rig, &rig_exchange, 700, RIG_NEW, 2000);
        rig.record.clean[1] = before[i];
        rig_write_record(&rig);
        rig_boots(&rig, RIG_NEW, 2000, OTA_BOOT_TRYING);
        cr_assert_eq(rig_confirm(&rig), OTA_OK);
        record_says(2000, 700);
        cr_assert_eq(rig.record.clean[0], 0);
        cr_assert_eq(rig.record.clean[1], after[i]);
    }
}

/* --- What is not whole ------------------------------------------------------------------------ */

Test(boot_exchange, does_not_begin_with_a_sketch_that_is_not_whole)
{
    rig_stage(&rig, &rig_exchange, 1000, RIG_NEW, 900);
    rig.record.clean[1] = 2304;
    rig_write_record(&rig);
    rig.cells[slot_at(1) + 256 + 899] ^= 1;
    nor_flash_protect(&rig.nor, slot_at(0), 2048);
    nor_flash_protect(&rig.nor, slot_at(1), 2304);
    rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_DROPPED);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_IMAGE);
    record_says(1000, 0);
    cr_assert_eq(rig.record.clean[1], 0);
}

/* A bit that changes between the last step and the first boot. */
Test(boot_exchange, goes_back_when_something_else_arrives)
{
    rig_stage(&rig, &rig_exchange, 1000, RIG_NEW, 900);
    /* Cut before the first boot is counted: the exchange is complete then. */
    uint64_t operations = rig.nor.operations;
    rig_boots(&rig, RIG_NEW, 900, OTA_BOOT_TRYING);
    operations = rig.nor.operations - operations;
    rig_stage(&rig, &rig_exchange, 1000, RIG_NEW, 900);
    nor_flash_cut_in(&rig.nor, operations - 1, NOR_CUT_BEFORE);
    (void)rig_boot(&rig);
    nor_flash_power_on(&rig.nor);
    rig.cells[slot_at(0) + 100] ^= 1;
    rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_DROPPED);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
    record_says(1000, 0);
}

Test(boot_exchange, does_not_roll_back_to_what_is_not_whole)
{
    rig_stage(&rig, &rig_exchange, 1000, RIG_NEW, 900);
    rig_boots(&rig, RIG_NEW, 900, OTA_BOOT_TRYING);
    cr_assert_eq(rig_confirm(&rig), OTA_OK);
    cr_assert_eq(rig_rollback(&rig), OTA_OK);
    rig.cells[slot_at(1) + 999] ^= 1;
    nor_flash_protect(&rig.nor, slot_at(0), 2048);
    rig_boots(&rig, RIG_NEW, 900, OTA_BOOT_DROPPED);
    record_says(900, 0);
}

/* The sketch that was backed up was not the one on record; what is known of it is all there. */
Test(boot_exchange, runs_an_old_sketch_that_never_was_what_the_record_says)
{
    rig_stage(&rig, &rig_exchange, 1000, RIG_NEW, 900);
    rig.cells[slot_at(0) + 999] ^= 1;
    rig_boots(&rig, RIG_NEW, 900, OTA_BOOT_TRYING);
    cr_assert_eq(rig_rollback(&rig), OTA_OK);
    cr_assert(rig_boot(&rig));
    cr_assert_eq(rig.boot.event, OTA_BOOT_GIVEN_UP);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_IMAGE);
    rig.cells[slot_at(0) + 999] ^= 1;
    cr_assert(rig_holds(&rig, RIG_OLD, slot_at(0), 1000));
}

/* --- Nothing to go back to -------------------------------------------------------------------- */

Test(boot_exchange, without_an_old_sketch_a_trial_never_ends)
{
    rig_stage(&rig, &rig_exchange, 0, RIG_NEW, 900);
    for (unsigned i = 0; i < 10; i++) {
        rig_boots(&rig, RIG_NEW, 900, i == 0 ? OTA_BOOT_TRYING : OTA_BOOT_TRYING_MORE);
        cr_assert(rig.boot.trial);
        cr_assert_eq(rig_rollback(&rig), OTA_ERROR_NO_DATA);
    }
    cr_assert_eq(rig_confirm(&rig), OTA_OK);
    record_says(900, 0);
    cr_assert_eq(rig_state(&rig).has_previous, false);
}

Test(boot_exchange, without_an_old_sketch_a_worn_slot_runs_nothing)
{
    rig_stage(&rig, &rig_exchange, 0, RIG_NEW, 900);
    rig_wear_out(&rig, slot_at(0) + 512, 256);
    cr_assert_not(rig_boot(&rig));
    cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
    rig_wear_out(&rig, 0, 0);
    rig_boots(&rig, RIG_NEW, 900, OTA_BOOT_TRYING);
}

/* --- Wear ------------------------------------------------------------------------------------- */

Test(boot_exchange, goes_back_when_slot_1_is_worn)
{
    for (uint32_t unit = 0; unit < 4; unit++) {
        rig_stage(&rig, &rig_exchange, 1000, RIG_NEW, 900);
        rig_wear_out(&rig, slot_at(1) + unit * 256, 256);
        rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_DROPPED);
        cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
        record_says(1000, 0);
        rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_NOTHING);
    }
}

Test(boot_exchange, goes_on_after_a_failure_or_two)
{
    for (uint64_t nth = 1; nth <= 40; nth++) {
        rig_stage(&rig, &rig_exchange, 1000, RIG_NEW, 900);
        rig.nor.fail_write = nth;
        cr_assert(rig_boot(&rig));
        rig_runs(&rig, rig.boot.trial ? RIG_NEW : RIG_OLD, rig.boot.trial ? 900 : 1000);
        rig_stage(&rig, &rig_exchange, 1000, RIG_NEW, 900);
        rig.nor.fail_erase = nth;
        cr_assert(rig_boot(&rig));
        rig_runs(&rig, rig.boot.trial ? RIG_NEW : RIG_OLD, rig.boot.trial ? 900 : 1000);
    }
}

/* Neither image can be put there. Nothing else is lost: with a better slot all would be well. */
Test(boot_exchange, runs_nothing_when_slot_0_is_worn)
{
    for (uint32_t unit = 0; unit < 4; unit++) {
        rig_stage(&rig, &rig_exchange, 1000, RIG_NEW, 900);
        rig_wear_out(&rig, slot_at(0) + unit * 256, 256);
        cr_assert_not(rig_boot(&rig));
        cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
        cr_assert_not(rig_boot(&rig));
        rig_wear_out(&rig, 0, 0);
        rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_DROPPED);
        record_says(1000, 0);
    }
}

Test(boot_exchange, a_rollback_waits_when_slot_0_is_worn)
{
    rig_stage(&rig, &rig_exchange, 1000, RIG_NEW, 900);
    rig_boots(&rig, RIG_NEW, 900, OTA_BOOT_TRYING);
    cr_assert_eq(rig_confirm(&rig), OTA_OK);
    cr_assert_eq(rig_rollback(&rig), OTA_OK);
    rig_wear_out(&rig, slot_at(0) + 256, 256);
    cr_assert_not(rig_boot(&rig));
    cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
    rig_wear_out(&rig, 0, 0);
    rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_ROLLED_BACK);
}

/* No digest is taken of what is saved: every step reads back. */
Test(boot_exchange, goes_back_when_a_saved_piece_reads_wrong)
{
    for (uint32_t i = 0; i < 4; i++) {
        rig_stage(&rig, &rig_exchange, 1000, RIG_NEW, 100);
        rig.nor.stuck = slot_at(1) + i * 256 + (i == 1 ? 200 : 7);
        rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_DROPPED);
        cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
    }
}

/* Operations before the first step: settling, and each copy's erase, body and commit mark. */
#define RENEWING (2 * 4u)

static uint32_t mark_at(unsigned copy, uint32_t mark)
{
    return rig.layout.record[copy].offset + 88 + 4 * mark;
}

/* Set in one of the copies, a mark is set. */
Test(boot_exchange, goes_on_when_a_step_is_marked_in_one_copy)
{
    for (uint32_t step = 0; step < 8; step++) {
        rig_stage(&rig, &rig_exchange, 1000, RIG_NEW, 900);
        /* Copy 1 is not renewed then, and not used. */
        rig_wear_out(&rig, mark_at(1, OTA_MARK_STEP + step), 4);
        rig_boots(&rig, RIG_NEW, 900, OTA_BOOT_TRYING);
        cr_assert_eq(rig_rollback(&rig), OTA_OK);
        cr_assert(rig_boot(&rig));
        rig_runs(&rig, RIG_OLD, 1000);
    }
}

/* What only one copy knows must not get lost when it is written anew. */
Test(boot_exchange, goes_back_after_a_cut_when_the_copies_differ)
{
    for (uint32_t step = 0; step < 7; step++) {
        for (unsigned copy = 0; copy < 2; copy++) {
            rig_stage(&rig, &rig_exchange, 1000, RIG_NEW, 900);
            /* A step erases, programs, and sets two marks. */
            nor_flash_cut_in(&rig.nor, RENEWING + 4 * (step + 1) + 2, NOR_CUT_BEFORE);
            (void)rig_boot(&rig);
            nor_flash_power_on(&rig.nor);
            cr_assert(rig_mark(&rig, OTA_MARK_STEP + step));
            memset(rig.cells + mark_at(copy, OTA_MARK_STEP + step), 0xFF, 4);
            rig_wear_out(&rig, mark_at(copy, OTA_MARK_STEP + step), 4);
            cr_assert(rig_boot(&rig));
            rig_runs(&rig, RIG_OLD, 1000);
            rig_wear_out(&rig, 0, 0);
            cr_assert(rig_boot(&rig));
            rig_runs(&rig, RIG_OLD, 1000);
            record_says(1000, 0);
        }
    }
}

/* One copy of the record: nothing could be done twice, so it is not begun. */
Test(boot_exchange, does_not_begin_with_a_single_copy_of_the_record)
{
    for (unsigned copy = 0; copy < 2; copy++) {
        rig_stage(&rig, &rig_exchange, 1000, RIG_NEW, 900);
        rig.cells[rig.layout.record[copy].offset] ^= 1;
        rig_wear_out(&rig, rig.layout.record[copy].offset, rig.layout.record[copy].size);
        cr_assert(rig_boot(&rig));
        rig_runs(&rig, RIG_OLD, 1000);
        cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
        cr_assert_not(rig.boot.trial);
    }
}
