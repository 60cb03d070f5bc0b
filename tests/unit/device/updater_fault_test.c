/*
 * Flash that fails at this operation or that, or always: what the updater tells, and what still
 * counts.
 */
#include "tests/unit/device/updater_outcome.h"

#include <criterion/criterion.h>

Test(updater_fault, write_failed)
{
    given_a_running_sketch();
    rig.nor.fail_write = 2 + 2;
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_WRITE);
    expect_failed(OTA_ERROR_WRITE, "ERROR[1]: Flash Write Failed");
}

Test(updater_fault, flash_that_is_worn)
{
    given_a_running_sketch();
    rig.nor.worn_offset = rig_target_offset(&rig) + 8192;
    rig.nor.worn_size = 4096;
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_ERASE);
    expect_failed(OTA_ERROR_ERASE, "ERROR[2]: Flash Erase Failed");
    cr_assert_eq(rig_install(&rig, 8192), OTA_OK, "so far it works");
}

Test(updater_fault, a_cell_that_misreads)
{
    static const uint32_t cells[] = { 0, 4095, 8191 };

    for (size_t i = 0; i < 3; i++) {
        given_a_running_sketch();
        rig.nor.stuck = rig_target_offset(&rig) + cells[i];
        cr_assert_eq(rig_install(&rig, 8192), OTA_ERROR_WRITE);
        expect_failed(OTA_ERROR_WRITE, "ERROR[1]: Flash Write Failed");
    }
}

Test(updater_fault, the_slot_cannot_be_marked)
{
    given_a_running_sketch();
    rig.nor.worn_offset = rig.layout.record[0].offset;
    rig.nor.worn_size = 2 * 4096;
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_WRITE);
    expect_failed(OTA_ERROR_WRITE, "ERROR[1]: Flash Write Failed");
    cr_assert_eq(rig.nor.counts.erases, 0);
}

Test(updater_fault, one_copy_of_the_record_is_worn)
{
    for (unsigned copy = 0; copy < 2; copy++) {
        given_a_running_sketch();
        rig.nor.worn_offset = rig.layout.record[copy].offset;
        rig.nor.worn_size = 4096;
        enum ota_error error = rig_install(&rig, 9000);
        cr_assert_eq(error, copy == 0 ? OTA_ERROR_ERASE : OTA_ERROR_WRITE, "copy %u", copy);
        expect_nothing_changed();
    }
}

Test(updater_fault, erase_failed)
{
    given_a_running_sketch();
    rig.nor.fail_erase = 2;
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_ERASE);
    expect_failed(OTA_ERROR_ERASE, "ERROR[2]: Flash Erase Failed");
}

Test(updater_fault, read_of_the_record_failed)
{
    given_a_running_sketch();
    rig.nor.off = true;
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_ERROR_READ);
    rig.nor.off = false;
    expect_failed(OTA_ERROR_READ, "ERROR[3]: Flash Read Failed");
}

Test(updater_fault, read_back_failed)
{
    given_a_running_sketch();
    cr_assert_eq(rig_begin(&rig, 9000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 4096), 4096);
    rig.nor.fail_read = 2;
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image + 4096, 4096), 0);
    expect_failed(OTA_ERROR_READ, "ERROR[3]: Flash Read Failed");
}

Test(updater_fault, the_record_cannot_be_written)
{
    given_a_running_sketch();
    rig.nor.fail_erase = 3 + 1;
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_ERASE);
    expect_failed(OTA_ERROR_ERASE, "ERROR[2]: Flash Erase Failed");
    given_a_running_sketch();
    rig.nor.fail_write = 2 + 3 + 2;
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_WRITE);
    expect_failed(OTA_ERROR_WRITE, "ERROR[1]: Flash Write Failed");
}

static bool is_stable(uint32_t offset, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        if (rig.unstable[offset + i])
            return false;
    }
    return true;
}

/* Without a restart, the same image is the hardest case. */
static void expect_the_same_again_works(void)
{
    cr_assert_eq(rig_install(&rig, 9000), OTA_OK);
    cr_assert(rig_stages(&rig, 9000));
    cr_assert(is_stable(rig_target_offset(&rig), 9000));
    cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
}

/* Flash is the truth, not what was told. */
static void expect_it_goes_on(enum ota_error error)
{
    /* A record that reads differently each time is for the bootloader to settle. */
    if (!is_stable(rig.layout.record[0].offset, 2 * 4096))
        cr_assert(rig_boot(&rig));
    if (rig_stages(&rig, 9000)) {
        cr_assert_eq(rig_install(&rig, 100), OTA_ERROR_BOOTSTRAP);
        return;
    }
    cr_assert_neq(error, OTA_OK);
    cr_assert(rig_runs(&rig, 5000));
    expect_the_same_again_works();
}

/* Fail the nth operation of a kind; false when the update had fewer. */
static bool fails_at(uint64_t *countdown, uint64_t nth, enum nor_cut failure, unsigned *landed)
{
    enum ota_error expected = countdown == &rig.nor.fail_read    ? OTA_ERROR_READ
                              : countdown == &rig.nor.fail_write ? OTA_ERROR_WRITE
                                                                 : OTA_ERROR_ERASE;

    given_a_running_sketch();
    rig.nor.failure = failure;
    rig.nor.random = nth;
    *countdown = nth;
    enum ota_error error = rig_install(&rig, 9000);
    bool failed = *countdown == 0;
    *countdown = 0;
    cr_assert(error == OTA_OK || error == expected, "error %d at %u", error, (unsigned)nth);
    cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
    *landed += error != OTA_OK && rig_stages(&rig, 9000);
    expect_it_goes_on(error);
    return failed;
}

Test(updater_fault, any_read_may_fail)
{
    unsigned landed = 0;
    uint64_t nth;

    for (nth = 1; fails_at(&rig.nor.fail_read, nth, NOR_CUT_BEFORE, &landed); nth++)
        ;
    cr_assert_gt(nth, 3 * 16);
    cr_assert_eq(landed, 0, "what is told to have failed has");
}

Test(updater_fault, any_program_may_fail_whatever_it_has_done)
{
    unsigned landed = 0;
    uint64_t nth;

    for (unsigned failure = 0; failure < NOR_CUT_KINDS; failure++) {
        for (nth = 1; fails_at(&rig.nor.fail_write, nth, (enum nor_cut)failure, &landed); nth++)
            ;
        cr_assert_gt(nth, 2 + 3 + 5);
    }
    cr_assert_gt(landed, 0, "the commit mark was programmed, but that was not told");
}

Test(updater_fault, any_erase_may_fail_whatever_it_has_done)
{
    unsigned landed = 0;
    uint64_t nth;

    for (unsigned failure = 0; failure < NOR_CUT_KINDS; failure++) {
        for (nth = 1; fails_at(&rig.nor.fail_erase, nth, (enum nor_cut)failure, &landed); nth++)
            ;
        cr_assert_gt(nth, 3 + 2);
    }
}
