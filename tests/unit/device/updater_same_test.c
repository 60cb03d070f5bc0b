/*
 * Images that are there already, all of them or in part.
 */
#include "tests/unit/device/updater_rig.h"

#include <criterion/criterion.h>

#define SECTOR 4096u

static struct updater_rig rig;
static uint32_t wear[RIG_FLASH_SIZE / SECTOR];

static void count_from_here(void)
{
    memset(wear, 0, sizeof wear);
    rig.nor.wear = wear;
    rig.nor.counts = (struct nor_counts){ 0 };
}

static uint32_t wear_of(unsigned slot, uint32_t sector)
{
    return wear[rig.layout.slot[slot].offset / SECTOR + sector];
}

/* A sketch of 40000 bytes in slot 1, and another one that runs in slot 0. */
static void given_a_previous_sketch(void)
{
    cr_assert(rig_init_running(&rig, 40000));
    rig.image[100] ^= 1;
    cr_assert_eq(rig_install(&rig, 30000), OTA_OK);
    cr_assert(rig_boot_and_confirm(&rig));
    rig.image[100] ^= 1;
    count_from_here();
}

Test(updater_same, what_the_slot_holds_already_is_not_written)
{
    given_a_previous_sketch();
    cr_assert_eq(rig_install(&rig, 40000), OTA_OK);
    cr_assert(rig_stages(&rig, 40000));
    cr_assert_eq(rig.nor.counts.erases, 2, "the record's");
    cr_assert_eq(rig.nor.counts.programs, 5, "the record's");
    cr_assert(rig_boot_and_confirm(&rig));
    cr_assert(rig_runs(&rig, 40000));
}

Test(updater_same, whole_units_are_compared_whatever_the_buffer)
{
    static const uint32_t sizes[] = { SECTOR, 2 * SECTOR, 16 * SECTOR, 100, 3 * SECTOR / 2 };

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        given_a_previous_sketch();
        rig.config.buffer_size = sizes[i];
        cr_assert_eq(rig_install(&rig, 40000), OTA_OK);
        cr_assert(rig_stages(&rig, 40000));
        cr_assert_eq(rig.nor.counts.erases, i < 3 ? 2 : 2 + 10, "buffer of %u", sizes[i]);
        cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
    }
}

Test(updater_same, from_the_first_difference_on_it_is_written)
{
    static const uint32_t at[] = { 9 * SECTOR + 17, 39999, 5 * SECTOR, 100 };

    for (size_t i = 0; i < 4; i++) {
        given_a_previous_sketch();
        rig.image[at[i]] ^= 0x10;
        cr_assert_eq(rig_install(&rig, 40000), OTA_OK);
        cr_assert(rig_stages(&rig, 40000));
        for (uint32_t sector = 0; sector < 10; sector++)
            cr_assert_eq(wear_of(1, sector), sector >= at[i] / SECTOR, "sector %u", sector);
        cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
    }
}

Test(updater_same, the_bytes_behind_the_image_up_to_a_write_unit_are_compared_too)
{
    given_a_previous_sketch();
    cr_assert_eq(rig_install(&rig, 39998), OTA_OK, "the last unit has two bytes more");
    cr_assert(rig_stages(&rig, 39998));
    cr_assert_eq(wear_of(1, 8), 0);
    cr_assert_eq(wear_of(1, 9), 1);
    cr_assert_eq(rig.cells[rig.layout.slot[1].offset + 39998], 0xFF);
    given_a_previous_sketch();
    cr_assert_eq(rig_install(&rig, 39996), OTA_OK);
    cr_assert_eq(rig.nor.counts.erases, 2, "what follows means nothing");
}

static void break_off(uint32_t at)
{
    cr_assert_eq(rig_begin(&rig, 100000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, at), at);
    ota_updater_abort(&rig.updater, OTA_OK);
}

static void expect_the_rest_alone_is_written(void)
{
    count_from_here();
    cr_assert_eq(rig_install(&rig, 100000), OTA_OK);
    cr_assert(rig_stages(&rig, 100000));
    /* 22 of 25 sectors were there; ahead of them, one was erased and is blank. */
    cr_assert_leq(rig.nor.counts.erases, 3 + 2);
    cr_assert_leq(rig.nor.counts.programs, 3 + 5 + 2);
    cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
}

Test(updater_same, an_update_that_was_broken_off_goes_on_where_it_stopped)
{
    rig_init(&rig);
    break_off(90300);
    break_off(50000);
    expect_the_rest_alone_is_written();

    rig_init_exchange(&rig);
    break_off(90300);
    expect_the_rest_alone_is_written();

    cr_assert(rig_init_running(&rig, 5000));
    break_off(90300);
    expect_the_rest_alone_is_written();
}

/* The power may have been cut in it: nothing there can be believed. */
Test(updater_same, after_a_restart_it_begins_again)
{
    for (unsigned starts = 0; starts < 2; starts++) {
        given_a_previous_sketch();
        rig.image[50] ^= 1;
        break_off(30000);
        for (unsigned i = 0; i < starts; i++)
            rig_restart(&rig);
        count_from_here();
        cr_assert_eq(rig_install(&rig, 40000), OTA_OK);
        for (uint32_t sector = 0; sector < 7; sector++)
            cr_assert_eq(wear_of(1, sector), starts, "sector %u", sector);
    }
}

Test(updater_same, a_slot_is_marked_once_after_each_start)
{
    cr_assert(rig_init_running(&rig, 5000));
    for (unsigned start = 0; start < 2; start++) {
        break_off(SECTOR);
        cr_assert_eq(rig.nor.counts.programs, 2 + 1, "a mark in both copies, then the sector");
        break_off(2 * SECTOR);
        cr_assert_eq(rig.nor.counts.programs, 2 + 2);
        rig_restart(&rig);
        count_from_here();
    }
}

Test(updater_same, what_is_known_of_a_slot_is_forgotten_with_the_record)
{
    struct ota_record record;

    cr_assert(rig_init_running(&rig, 5000));
    break_off(90300);
    record = rig_record(&rig);
    record.active = 0;
    record.slot[0] = record.slot[1];
    cr_assert_eq(ota_record_write(&record), OTA_OK);
    rig_guard(&rig);
    count_from_here();
    cr_assert_eq(rig_install(&rig, 20000), OTA_OK);
    cr_assert_eq(wear_of(1, 4), 1, "so much of that slot was never written");
    cr_assert_eq(rig.nor.counts.programs, 2 + 4 + 5, "marked anew; the first sector is the same");
    cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
}

/* One copy could not be marked, and is all that is left when the other one could not be written. */
Test(updater_same, a_slot_is_marked_again_after_a_failure)
{
    struct ota_record record;
    bool marked;

    cr_assert(rig_init_running(&rig, 5000));
    rig.nor.fail_write = 2;
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 9000), 9000);
    rig.nor.failure = NOR_CUT_AFTER;
    rig.nor.fail_erase = 1;
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_ERROR_ERASE, "of the record");
    record = rig_record(&rig);
    cr_assert_eq(record.copies, 2);
    cr_assert(ota_record_get_mark(&record, OTA_MARK_WRITING, &marked));
    cr_assert_not(marked);
    break_off(SECTOR);
    cr_assert(ota_record_get_mark(&record, OTA_MARK_WRITING, &marked));
    cr_assert(marked);
}

Test(updater_same, a_sector_that_is_to_be_blank_is_not_programmed)
{
    cr_assert(rig_init_running(&rig, 5000));
    memset(rig.image + SECTOR, 0xFF, SECTOR);
    cr_assert_eq(rig_install(&rig, 3 * SECTOR), OTA_OK);
    cr_assert(rig_stages(&rig, 3 * SECTOR));
    cr_assert_eq(rig.nor.counts.programs, 2 + 2 + 5);
}

/* --- The running sketch ----------------------------------------------------------------------- */

Test(updater_same, the_running_sketch_is_not_written_at_all)
{
    struct ota_record before;

    cr_assert(rig_init_running(&rig, 40000));
    before = rig_record(&rig);
    uint64_t operations = rig.nor.operations;
    cr_assert_eq(rig_install(&rig, 40000), OTA_OK);
    cr_assert(ota_updater_has_succeeded(&rig.updater));
    cr_assert(ota_updater_is_unchanged(&rig.updater));
    cr_assert_eq(rig.nor.operations, operations, "no erase and no program");
    cr_assert_eq(rig.ends, 1);
    cr_assert_eq(rig.done, 40000);
    cr_assert_eq(ota_updater_stored(&rig.updater)->offset, rig.layout.slot[1].offset);
    cr_assert_eq(rig_record(&rig).sequence, before.sequence);
    cr_assert(rig_runs(&rig, 40000));
    cr_assert_eq(rig_install(&rig, 30000), OTA_OK, "nothing waits for a restart");
    cr_assert_not(ota_updater_is_unchanged(&rig.updater));
}

Test(updater_same, the_running_sketch_with_exchange)
{
    rig_init_exchange(&rig);
    cr_assert_eq(rig_install(&rig, 40000), OTA_OK);
    cr_assert(rig_boot_and_confirm(&rig));
    uint64_t operations = rig.nor.operations;
    cr_assert_eq(rig_install(&rig, 40000), OTA_OK);
    cr_assert(ota_updater_is_unchanged(&rig.updater));
    cr_assert_eq(rig.nor.operations, operations);
    cr_assert_eq(ota_updater_stored(&rig.updater)->offset, rig.layout.slot[0].offset);
}

Test(updater_same, a_running_sketch_that_was_damaged_is_written_anew)
{
    static const uint32_t at[] = { 0, 20000, 39999 };

    for (size_t i = 0; i < 3; i++) {
        cr_assert(rig_init_running(&rig, 40000));
        rig.cells[rig.layout.slot[1].offset + at[i]] ^= 1;
        cr_assert_eq(rig_install(&rig, 40000), OTA_OK);
        cr_assert_not(ota_updater_is_unchanged(&rig.updater));
        cr_assert(rig_stages(&rig, 40000));
    }
}

Test(updater_same, only_a_digest_can_tell)
{
    cr_assert(rig_init_running(&rig, 40000));
    cr_assert_eq(ota_updater_begin(&rig.updater, 40000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 40000), 40000);
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_OK);
    cr_assert(rig_stages(&rig, 40000));
    cr_assert(rig_init_running(&rig, 40000));
    cr_assert_eq(rig_update(&rig, 40000, 40000, OTA_FILESYSTEM), OTA_OK);
    cr_assert(rig_staged(&rig, 40000, OTA_PENDING_FILESYSTEM));
}

Test(updater_same, what_was_announced_as_the_running_sketch_must_be_it)
{
    cr_assert(rig_init_running(&rig, 40000));
    uint64_t operations = rig.nor.operations;
    cr_assert_eq(rig_begin(&rig, 40000, OTA_SKETCH), OTA_OK);
    rig.image[39999] ^= 1;
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 40000), 40000);
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_ERROR_MD5);
    cr_assert_eq(rig_begin(&rig, 40000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(rig.nor.operations, operations);

    /* Another digest is announced when the bytes are gone. */
    uint8_t md5[DIGEST_MD5_SIZE];
    rig.image[39999] ^= 1;
    sketch_md5(rig.image, 40000, md5);
    ota_updater_expect_md5(&rig.updater, md5);
    rig.image[39999] ^= 1;
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 20000), 20000);
    sketch_md5(rig.image, 40000, md5);
    ota_updater_expect_md5(&rig.updater, md5);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image + 20000, 20000), 20000);
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_ERROR_MD5, "it is nowhere in flash");
    cr_assert_eq(rig.nor.operations, operations);
}

Test(updater_same, the_running_sketch_cannot_be_read)
{
    cr_assert(rig_init_running(&rig, 40000));
    cr_assert_eq(rig_begin(&rig, 40000, OTA_SKETCH), OTA_OK);
    rig.nor.fail_read = 7;
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 40000), 0);
    cr_assert_eq(ota_updater_error(&rig.updater), OTA_ERROR_READ);
    cr_assert_eq(ota_updater_progress(&rig.updater), 0);
}
