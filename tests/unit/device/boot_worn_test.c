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
Test(boot_worn, a_healthy_device_records_what_it_did_again)
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

/* Start, and cut it in the nth operation; false when it has fewer. */
static bool cut_start(uint64_t n)
{
    nor_flash_cut_in(&rig.nor, n, NOR_CUT_HALF);
    (void)rig_boot(&rig);
    if (!rig.nor.off)
        return false;
    nor_flash_power_on(&rig.nor);
    return true;
}

/* A cut in the work itself leaves no doubt about the mark: it is done once more, and not for ever.
 */
Test(boot_worn, files_that_are_moved_again_after_a_cut_are_then_left_alone)
{
    unsigned again = 0;

    for (uint64_t n = 1; n <= 10; n++) {
        rig_stage(&rig, &rig_select, OLD, RIG_FILES, FILES);
        uint8_t *files = rig.cells + rig.layout.filesystem.offset;
        wear_a_copy_out();
        cr_assert(cut_start(n));
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
        cr_assert(rig_holds(&rig, RIG_FILES, rig.layout.filesystem.offset, FILES));
        /* In the marks themselves there is doubt. */
        if (rig_mark(&rig, OTA_MARK_VOID))
            continue;
        again++;
        files[5] = 0;
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
        cr_assert_eq(files[5], 0, "cut at %u", (unsigned)n);
    }
    cr_assert_geq(again, 8);
}

static uint64_t erases_of_a_start(void)
{
    uint64_t before = rig.nor.counts.erases;

    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
    return rig.nor.counts.erases - before;
}

/* Or slot 0 would wear out. */
Test(boot_worn, a_sketch_that_is_restored_again_after_a_cut_is_then_left_alone)
{
    for (uint64_t n = 4; n <= 10; n++) {
        rig_stage(&rig, &rig_exchange, OLD, RIG_NEW, NEW);
        rig_boots(&rig, RIG_NEW, NEW, OTA_BOOT_TRYING);
        cr_assert_eq(rig_rollback(&rig), OTA_OK);
        wear_a_copy_out();
        cr_assert(cut_start(n));
        uint64_t second = erases_of_a_start();
        uint64_t third = erases_of_a_start();
        cr_assert_lt(third, second, "cut at %u", (unsigned)n);
        cr_assert_eq(erases_of_a_start(), third);
    }
}

/* What is done, and only not on record, is not done again because of one read. */
Test(boot_worn, a_read_that_fails_once_does_not_move_files_again)
{
    for (uint64_t n = 1; n <= 30; n++) {
        move_files();
        uint8_t *files = rig.cells + rig.layout.filesystem.offset;
        files[5] = 0;
        rig.nor.fail_read = n;
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
        rig.nor.fail_read = 0;
        cr_assert_eq(files[5], 0, "read %u", (unsigned)n);
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
        cr_assert_eq(files[5], 0, "read %u", (unsigned)n);
    }
}

/* Gone back to, and not on record: slot 0 is whole, whatever becomes of what it was copied from. */
Test(boot_worn, a_rollback_that_is_done_runs_without_its_source)
{
    rig_stage(&rig, &rig_exchange, OLD, RIG_NEW, NEW);
    rig_boots(&rig, RIG_NEW, NEW, OTA_BOOT_TRYING);
    cr_assert_eq(rig_confirm(&rig), OTA_OK);
    cr_assert_eq(rig_rollback(&rig), OTA_OK);
    wear_a_copy_out();
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
    rig.cells[rig.layout.slot[1].offset + 500] ^= 1;
    rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
}
