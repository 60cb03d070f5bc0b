/* Trials and going back where either slot can run, and file systems, for either hand-over. */
#include "tests/unit/device/boot_rig.h"

#define OLD 1000u
#define NEW 1777u

static struct rig rig;

static void protect_slots(void)
{
    nor_flash_protect(&rig.nor, rig.layout.slot[0].offset, rig.layout.slot[0].size);
    nor_flash_protect(&rig.nor, rig.layout.slot[1].offset, rig.layout.slot[1].size);
}

/* A staged sketch, in slots that nothing may be written to. */
static void stage(void)
{
    rig_stage(&rig, &rig_select, OLD, RIG_NEW, NEW);
    protect_slots();
}

static uint32_t mark_at(unsigned copy, uint32_t mark)
{
    return rig.layout.record[copy].offset + 88 + 4 * mark;
}

static void record_says(unsigned active, uint32_t size_0, uint32_t size_1)
{
    cr_assert_eq(rig_read_record(&rig), OTA_RECORD_FOUND);
    cr_assert_eq(rig.record.pending, OTA_PENDING_NONE);
    cr_assert_eq(rig.record.active, active);
    cr_assert_eq(rig.record.slot[0].size, size_0);
    cr_assert_eq(rig.record.slot[1].size, size_1);
}

/* --- Trial ------------------------------------------------------------------------------------ */

static void is_given_up_after(unsigned boots)
{
    for (unsigned i = 0; i < boots; i++) {
        rig_boots(&rig, RIG_NEW, NEW, i == 0 ? OTA_BOOT_TRYING : OTA_BOOT_TRYING_MORE);
        cr_assert(rig.boot.trial);
        cr_assert_eq(rig.boot.boots_left, boots - i - 1);
        cr_assert_eq(rig.boot.slot, 1);
    }
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_GIVEN_UP);
    cr_assert_not(rig.boot.trial);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_SOUND);
    record_says(0, OLD, 0);
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
}

Test(boot_select, a_sketch_that_never_confirms_is_given_up)
{
    stage();
    is_given_up_after(OTA_TRIAL_BOOTS);
}

Test(boot_select, a_trial_has_as_many_boots_as_configured)
{
    for (uint8_t boots = 1; boots <= OTA_TRIAL_BOOTS_MAX; boots++) {
        stage();
        rig.config.trial_boots = boots;
        is_given_up_after(boots);
    }
}

Test(boot_select, a_confirmed_sketch_stays)
{
    stage();
    rig_boots(&rig, RIG_NEW, NEW, OTA_BOOT_TRYING);
    cr_assert_eq(rig_confirm(&rig), OTA_OK);
    record_says(1, OLD, NEW);
    for (unsigned i = 0; i < 5; i++) {
        rig_boots(&rig, RIG_NEW, NEW, OTA_BOOT_NOTHING);
        cr_assert_not(rig.boot.trial);
    }
}

Test(boot_select, a_trial_can_be_given_up_at_once)
{
    stage();
    rig_boots(&rig, RIG_NEW, NEW, OTA_BOOT_TRYING);
    cr_assert_eq(rig_rollback(&rig), OTA_OK);
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_GIVEN_UP);
    record_says(0, OLD, 0);
}

Test(boot_select, a_failed_trial_leaves_the_clean_bytes)
{
    stage();
    rig.record.clean[0] = 512;
    rig.record.clean[1] = 2048;
    rig_write_record(&rig);
    is_given_up_after(OTA_TRIAL_BOOTS);
    cr_assert_eq(rig.record.clean[0], 512);
    cr_assert_eq(rig.record.clean[1], 2048);
}

Test(boot_select, a_staged_sketch_that_is_not_whole_never_runs)
{
    stage();
    rig.record.clean[1] = 2048;
    rig_write_record(&rig);
    rig.cells[rig.layout.slot[1].offset + NEW - 1] ^= 1;
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_DROPPED);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_IMAGE);
    record_says(0, OLD, 0);
    cr_assert_eq(rig.record.clean[1], 0, "who knows what changed there");
}

/* Of the record, of a mark or of the sketch. */
Test(boot_select, one_read_that_fails_does_not_matter)
{
    for (unsigned nth = 1; nth <= 30; nth++) {
        stage();
        rig.nor.fail_read = nth;
        rig_boots(&rig, RIG_NEW, NEW, OTA_BOOT_TRYING);
    }
}

Test(boot_select, without_a_sketch_to_go_back_to_a_trial_never_ends)
{
    rig_stage(&rig, &rig_select, 0, RIG_NEW, NEW);
    for (unsigned i = 0; i < 2 * OTA_TRIAL_BOOTS_MAX; i++) {
        rig_boots(&rig, RIG_NEW, NEW, i == 0 ? OTA_BOOT_TRYING : OTA_BOOT_TRYING_MORE);
        cr_assert(rig.boot.trial);
        cr_assert_eq(rig_rollback(&rig), OTA_ERROR_NO_DATA);
    }
    cr_assert_eq(rig_confirm(&rig), OTA_OK);
    rig_boots(&rig, RIG_NEW, NEW, OTA_BOOT_NOTHING);
}

Test(boot_select, a_boot_that_cannot_be_counted_is_not_made)
{
    for (uint32_t boots = 0; boots < 3; boots++) {
        stage();
        for (uint32_t i = 0; i < boots; i++)
            rig_boots(&rig, RIG_NEW, NEW, i == 0 ? OTA_BOOT_TRYING : OTA_BOOT_TRYING_MORE);
        /* In copy 0 alone it is no harm. */
        rig_wear_out(&rig, mark_at(0, OTA_MARK_BOOT + boots), 4);
        rig_boots(&rig, RIG_NEW, NEW, boots == 0 ? OTA_BOOT_TRYING : OTA_BOOT_TRYING_MORE);
        stage();
        for (uint32_t i = 0; i < boots; i++)
            (void)rig_boot(&rig);
        rig_wear_out(&rig, mark_at(0, OTA_MARK_BOOT + boots),
                     mark_at(1, 11) - mark_at(0, 3 + boots));
        cr_assert(rig_boot(&rig));
        rig_runs(&rig, RIG_OLD, OLD);
        cr_assert_not(rig.boot.trial);
        cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
        cr_assert_eq(rig.boot.event, OTA_BOOT_NOTHING, "the record cannot be written either");
        rig.nor.worn_size = 0;
        rig_boots(&rig, RIG_OLD, OLD, boots == 0 ? OTA_BOOT_DROPPED : OTA_BOOT_GIVEN_UP);
        record_says(0, OLD, 0);
    }
}

/* --- Rollback --------------------------------------------------------------------------------- */

static void confirm_new(void)
{
    stage();
    rig_boots(&rig, RIG_NEW, NEW, OTA_BOOT_TRYING);
    cr_assert_eq(rig_confirm(&rig), OTA_OK);
}

Test(boot_select, rolls_back_and_forth)
{
    confirm_new();
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(rig_rollback(&rig), OTA_OK);
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_ROLLED_BACK);
        record_says(0, OLD, NEW);
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
        cr_assert_eq(rig_rollback(&rig), OTA_OK);
        rig_boots(&rig, RIG_NEW, NEW, OTA_BOOT_ROLLED_BACK);
        record_says(1, OLD, NEW);
    }
}

Test(boot_select, does_not_roll_back_to_what_is_not_whole)
{
    confirm_new();
    cr_assert_eq(rig_rollback(&rig), OTA_OK);
    rig.cells[rig.layout.slot[0].offset] ^= 1;
    rig_boots(&rig, RIG_NEW, NEW, OTA_BOOT_DROPPED);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_IMAGE);
    record_says(1, 0, NEW);
    rig_boots(&rig, RIG_NEW, NEW, OTA_BOOT_NOTHING);
}

/* --- File systems ----------------------------------------------------------------------------- */

static void stage_files(const struct rig_shape *shape, uint32_t size)
{
    rig_stage(&rig, shape, OLD, RIG_FILES, size);
    rig.record.clean[1] = 1024;
    rig_write_record(&rig);
    protect_slots();
}

Test(boot_filesystem, is_moved_to_its_area)
{
    static const uint32_t sizes[] = { 1, 255, 256, 257, 600, 1024 };

    for (unsigned i = 0; i < 2 * sizeof sizes / sizeof *sizes; i++) {
        uint32_t size = sizes[i / 2];
        struct ota_image image = rig_image(RIG_FILES, size);
        stage_files(i % 2 ? &rig_exchange : &rig_select, size);
        memset(rig.cells + rig.layout.filesystem.offset, 0, rig.layout.filesystem.size);
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_MOVED);
        cr_assert_eq(rig.boot.fault, OTA_BOOT_SOUND);
        cr_assert(rig_holds(&rig, RIG_FILES, rig.layout.filesystem.offset, size));
        record_says(0, OLD, 0);
        cr_assert_eq(rig.record.filesystem.size, size);
        cr_assert_arr_eq(rig.record.filesystem.md5, image.md5, sizeof image.md5);
        cr_assert_eq(rig.record.clean[1], 1024);
        cr_assert_gt(rig.ticks, 0);
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
    }
}

Test(boot_filesystem, is_dropped_when_it_is_not_whole)
{
    stage_files(&rig_select, 600);
    rig.record.filesystem = rig_place(&rig, RIG_FILES, rig.layout.filesystem.offset, 500);
    rig_write_record(&rig);
    rig.nor.protected_count = 2; /* There is no room for more than four. */
    nor_flash_protect(&rig.nor, rig.layout.filesystem.offset, rig.layout.filesystem.size);
    rig.cells[rig.layout.slot[1].offset + 5] ^= 1;
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_DROPPED);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_IMAGE);
    record_says(0, OLD, 0);
    cr_assert_eq(rig.record.filesystem.size, 500, "the one before is still there");
}

Test(boot_filesystem, is_gone_when_flash_does_not_take_it)
{
    stage_files(&rig_exchange, 600);
    rig.record.filesystem = rig_image(RIG_FILES, 500);
    rig_write_record(&rig);
    rig_wear_out(&rig, rig.layout.filesystem.offset + 256, 256);
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_DROPPED);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
    record_says(0, OLD, 0);
    cr_assert_eq(rig.record.filesystem.size, 0);
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
}

Test(boot_filesystem, is_moved_in_spite_of_one_failure)
{
    stage_files(&rig_select, 600);
    rig.nor.fail_write = 1;
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_MOVED);
    stage_files(&rig_select, 600);
    rig.nor.fail_erase = 2;
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_MOVED);
    cr_assert(rig_holds(&rig, RIG_FILES, rig.layout.filesystem.offset, 600));
}

/* What the sketch has written to its files since must not be lost at each start. */
Test(boot_filesystem, is_moved_once_though_the_record_cannot_be_written_any_more)
{
    uint8_t *files = rig.cells;

    stage_files(&rig_select, 600);
    files += rig.layout.filesystem.offset;
    rig_wear_out(&rig, rig.layout.record[0].offset, rig.layout.record[0].size);
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
    cr_assert(rig_holds(&rig, RIG_FILES, rig.layout.filesystem.offset, 600));
    files[5] = 0;
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
    cr_assert_eq(files[5], 0);
    rig.nor.worn_size = 0;
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_MOVED);
    cr_assert_eq(files[5], 0);
    record_says(0, OLD, 0);
}

/* Other bytes in the area than were programmed: only reading back tells. */
Test(boot_filesystem, is_read_back)
{
    stage_files(&rig_select, 600);
    rig.nor.stuck = rig.layout.filesystem.offset + 599;
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_DROPPED);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
}

Test(boot_filesystem, is_erased_in_the_largest_steps)
{
    stage_files(&rig_select, 1024);
    uint64_t erases = rig.nor.counts.erases;
    uint64_t blocks = rig.nor.counts.blocks;
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_MOVED);
    cr_assert_eq(rig.nor.counts.blocks - blocks, 1);
    cr_assert_eq(rig.nor.counts.erases - erases, 1 + 2, "and both copies of the record");
    stage_files(&rig_select, 700);
    blocks = rig.nor.counts.blocks;
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_MOVED);
    cr_assert_eq(rig.nor.counts.blocks, blocks, "the last unit is not the image's");
}

Test(boot_filesystem, also_moves_when_the_active_slot_is_the_second)
{
    rig_begin(&rig, &rig_select, 0);
    rig.record.slot[1] = rig_place(&rig, RIG_NEW, rig.layout.slot[1].offset, NEW);
    rig.record.slot[0] = rig_place(&rig, RIG_FILES, rig.layout.slot[0].offset, 700);
    rig.record.active = 1;
    rig.record.pending = OTA_PENDING_FILESYSTEM;
    rig_write_record(&rig);
    protect_slots();
    rig_boots(&rig, RIG_NEW, NEW, OTA_BOOT_MOVED);
    cr_assert(rig_holds(&rig, RIG_FILES, rig.layout.filesystem.offset, 700));
    record_says(1, 0, NEW);
}
