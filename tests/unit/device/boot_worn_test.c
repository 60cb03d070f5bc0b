/*
 * A copy of the record is worn, so that the bootloader cannot record what it has done and sets a
 * mark; and the power is cut while it sets the mark, and again while it does its work once more.
 */
#include "tests/unit/device/boot_rig.h"

#define OLD   1000u
#define NEW   900u
#define FILES 600u

#define BODY 88u

static struct rig rig;

/* What the torn mark of the only copy reads as: both may be seen, one after the other. */
static void done_reads_as(uint8_t bytes)
{
    memset(rig.cells + rig.layout.record[1].offset + BODY + 4 * OTA_MARK_DONE, bytes, 4);
}

/* Cut in the nth operation of a start, which does not see the mark; the next one sees it. */
static bool is_cut_at(uint64_t n)
{
    done_reads_as(0xFF);
    nor_flash_cut_in(&rig.nor, n, NOR_CUT_AFTER);
    (void)rig_boot(&rig);
    if (!rig.nor.off)
        return false;
    nor_flash_power_on(&rig.nor);
    done_reads_as(0);
    return true;
}

static void wear_a_copy_out(void)
{
    rig_wear_out(&rig, rig.layout.record[0].offset, rig.layout.record[0].size);
}

/* The file system has been moved, which is marked. */
static void move_files(void)
{
    rig_stage(&rig, &rig_select, OLD, RIG_FILES, FILES);
    wear_a_copy_out();
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
    cr_assert(rig_mark(&rig, OTA_MARK_DONE));
}

Test(boot_worn, a_torn_mark_does_not_hide_that_files_are_being_moved_again)
{
    uint64_t n = 1;

    for (move_files(); is_cut_at(n); move_files()) {
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
        cr_assert(rig_holds(&rig, RIG_FILES, rig.layout.filesystem.offset, FILES), "cut at %u",
                  (unsigned)n);
        n++;
    }
    cr_assert_gt(n, 6, "it has been done again");
    cr_assert(rig_holds(&rig, RIG_FILES, rig.layout.filesystem.offset, FILES));
}

/* The old sketch has been restored, which is marked. */
static void go_back(void)
{
    rig_stage(&rig, &rig_exchange, OLD, RIG_NEW, NEW);
    rig_boots(&rig, RIG_NEW, NEW, OTA_BOOT_TRYING);
    cr_assert_eq(rig_rollback(&rig), OTA_OK);
    wear_a_copy_out();
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
    cr_assert(rig_mark(&rig, OTA_MARK_DONE));
}

Test(boot_worn, a_torn_mark_does_not_hide_that_a_sketch_is_being_restored_again)
{
    uint64_t n = 1;

    for (go_back(); is_cut_at(n); go_back()) {
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
        n++;
    }
    cr_assert_gt(n, 10, "it has been done again");
    rig_runs(&rig, RIG_OLD, OLD);
}

/* A healthy device that is cut while it moves files records the end of it all the same. */
Test(boot_worn, what_was_begun_again_is_recorded)
{
    for (uint64_t n = 1; n <= 5; n++) {
        rig_stage(&rig, &rig_select, OLD, RIG_FILES, FILES);
        for (unsigned cuts = 0; cuts < 4; cuts++) {
            nor_flash_cut_in(&rig.nor, n, NOR_CUT_HALF);
            cr_assert_not(rig_boot(&rig) && !rig.nor.off);
            nor_flash_power_on(&rig.nor);
        }
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_MOVED);
        cr_assert_eq(rig_read_record(&rig), OTA_RECORD_FOUND);
        cr_assert_eq(rig.record.pending, OTA_PENDING_NONE);
        cr_assert(rig_holds(&rig, RIG_FILES, rig.layout.filesystem.offset, FILES));
    }
}
