/* What the application is told about the running sketch, and what it may ask for. */
#include "tests/unit/device/boot_rig.h"

#define OLD 1000u
#define NEW 900u

static struct rig rig;

static const struct rig_shape *const both[] = { &rig_select, &rig_exchange };

static void is(enum ota_boot_status status, enum rig_name name, uint32_t size, bool has_previous)
{
    uint64_t operations = rig.nor.operations;
    struct ota_boot_info info = rig_state(&rig);
    struct ota_image image = rig_image(name, size);

    cr_assert_eq(info.status, status, "status %d", (int)info.status);
    cr_assert_eq(info.image.size, size);
    cr_assert_arr_eq(info.image.md5, image.md5, sizeof image.md5);
    cr_assert_eq(info.offset, rig.layout.slot[info.slot].offset);
    cr_assert(rig_holds(&rig, name, info.offset, size), "another sketch runs");
    cr_assert_eq(info.has_previous, has_previous);
    cr_assert_eq(rig.nor.operations, operations);
}

static void set_mark(uint32_t mark)
{
    cr_assert_eq(rig_read_record(&rig), OTA_RECORD_FOUND);
    cr_assert_eq(ota_record_set_mark(&rig.record, mark), OTA_OK);
}

static void refuses_both(enum ota_error error)
{
    uint64_t operations = rig.nor.operations;

    cr_assert_eq(rig_confirm(&rig), error);
    cr_assert_eq(rig_rollback(&rig), error);
    cr_assert_eq(rig.nor.operations, operations);
}

Test(boot_state, of_a_sketch_that_is_confirmed)
{
    for (unsigned i = 0; i < 2; i++) {
        rig_begin(&rig, both[i], OLD);
        is(OTA_BOOT_CONFIRMED, RIG_OLD, OLD, false);
        uint64_t operations = rig.nor.operations;
        cr_assert_eq(rig_confirm(&rig), OTA_OK);
        cr_assert_eq(rig_rollback(&rig), OTA_ERROR_NO_DATA);
        cr_assert_eq(rig.nor.operations, operations);
    }
}

Test(boot_state, of_a_sketch_on_trial)
{
    for (unsigned i = 0; i < 2; i++) {
        rig_stage(&rig, both[i], OLD, RIG_NEW, NEW);
        (void)rig_boot(&rig);
        is(OTA_BOOT_ON_TRIAL, RIG_NEW, NEW, true);
        cr_assert_eq(rig_confirm(&rig), OTA_OK);
        is(OTA_BOOT_CONFIRMED, RIG_NEW, NEW, true);
    }
}

/* The sketch goes on until the restart. */
Test(boot_state, of_a_sketch_that_has_been_given_up)
{
    for (unsigned i = 0; i < 2; i++) {
        rig_stage(&rig, both[i], OLD, RIG_NEW, NEW);
        (void)rig_boot(&rig);
        cr_assert_eq(rig_rollback(&rig), OTA_OK);
        is(OTA_BOOT_STAGED, RIG_NEW, NEW, true);
        cr_assert_eq(rig_confirm(&rig), OTA_ERROR_BOOTSTRAP);
        uint64_t operations = rig.nor.operations;
        cr_assert_eq(rig_rollback(&rig), OTA_OK);
        cr_assert_gt(rig.nor.operations, operations, "the mark is made firm");
        (void)rig_boot(&rig);
        is(OTA_BOOT_CONFIRMED, RIG_OLD, OLD, false);
    }
}

Test(boot_state, of_a_sketch_that_has_staged_another_one)
{
    for (unsigned i = 0; i < 2; i++) {
        rig_stage(&rig, both[i], OLD, RIG_NEW, NEW);
        is(OTA_BOOT_STAGED, RIG_OLD, OLD, false);
        refuses_both(OTA_ERROR_BOOTSTRAP);
    }
}

Test(boot_state, of_a_sketch_that_has_staged_a_file_system)
{
    for (unsigned i = 0; i < 2; i++) {
        rig_stage(&rig, both[i], OLD, RIG_FILES, NEW);
        is(OTA_BOOT_STAGED, RIG_OLD, OLD, false);
        refuses_both(OTA_ERROR_BOOTSTRAP);
    }
}

Test(boot_state, of_a_sketch_that_is_to_be_rolled_back)
{
    for (unsigned i = 0; i < 2; i++) {
        rig_stage(&rig, both[i], OLD, RIG_NEW, NEW);
        (void)rig_boot(&rig);
        cr_assert_eq(rig_confirm(&rig), OTA_OK);
        cr_assert_eq(rig_rollback(&rig), OTA_OK);
        is(OTA_BOOT_STAGED, RIG_NEW, NEW, true);
        refuses_both(OTA_ERROR_BOOTSTRAP);
    }
}

Test(boot_state, of_a_sketch_whose_predecessor_is_being_overwritten)
{
    for (unsigned i = 0; i < 2; i++) {
        rig_stage(&rig, both[i], OLD, RIG_NEW, NEW);
        (void)rig_boot(&rig);
        cr_assert_eq(rig_confirm(&rig), OTA_OK);
        set_mark(OTA_MARK_WRITING);
        is(OTA_BOOT_CONFIRMED, RIG_NEW, NEW, false);
        cr_assert_eq(rig_rollback(&rig), OTA_ERROR_NO_DATA);
    }
}

Test(boot_state, is_unknown_without_a_record)
{
    struct ota_boot_info info;

    rig_init(&rig, &rig_exchange);
    info = rig_state(&rig);
    cr_assert_eq(info.status, OTA_BOOT_UNKNOWN);
    cr_assert_eq(info.slot, 0);
    cr_assert_eq(info.offset, rig.layout.slot[0].offset);
    cr_assert_eq(info.image.size, 0);
    cr_assert_not(info.has_previous);
    refuses_both(OTA_ERROR_FLASH_CONFIG);
    rig_begin(&rig, &rig_exchange, OLD);
    rig.cells[rig.layout.record[0].offset] ^= 1;
    rig.cells[rig.layout.record[1].offset] ^= 1;
    cr_assert_eq(rig_state(&rig).status, OTA_BOOT_UNKNOWN);
    refuses_both(OTA_ERROR_FLASH_CONFIG);
    rig_begin(&rig, &rig_exchange, OLD);
    rig.layout.spare_size = 0;
    cr_assert_eq(rig_state(&rig).status, OTA_BOOT_UNKNOWN);
    refuses_both(OTA_ERROR_FLASH_CONFIG);
}

Test(boot_state, is_unknown_when_flash_cannot_be_read)
{
    rig_stage(&rig, &rig_exchange, OLD, RIG_NEW, NEW);
    (void)rig_boot(&rig);
    rig.nor.off = true;
    cr_assert_eq(rig_state(&rig).status, OTA_BOOT_UNKNOWN);
    cr_assert_eq(rig_confirm(&rig), OTA_ERROR_READ);
    cr_assert_eq(rig_rollback(&rig), OTA_ERROR_READ);
    rig.nor.off = false;
    is(OTA_BOOT_ON_TRIAL, RIG_NEW, NEW, true);
}

Test(boot_state, a_confirmation_that_fails_leaves_the_trial)
{
    for (unsigned i = 0; i < 2; i++) {
        rig_stage(&rig, both[i], OLD, RIG_NEW, NEW);
        (void)rig_boot(&rig);
        rig.nor.fail_erase = 1;
        cr_assert_eq(rig_confirm(&rig), OTA_ERROR_ERASE);
        is(OTA_BOOT_ON_TRIAL, RIG_NEW, NEW, true);
        cr_assert_eq(rig_confirm(&rig), OTA_OK);
        is(OTA_BOOT_CONFIRMED, RIG_NEW, NEW, true);
    }
}

/* --- A sketch that did not get to stay -------------------------------------------------------- */

static void nothing_was_given_up(void)
{
    uint8_t md5[DIGEST_MD5_SIZE] = "untouched";

    cr_assert_not(ota_boot_given_up(&rig.nor.flash, &rig.layout, md5));
    cr_assert_str_eq((const char *)md5, "untouched");
}

static void was_given_up(enum rig_name name, uint32_t size)
{
    uint64_t operations = rig.nor.operations;
    uint8_t md5[DIGEST_MD5_SIZE];

    cr_assert(ota_boot_given_up(&rig.nor.flash, &rig.layout, md5));
    cr_assert_arr_eq(md5, rig_image(name, size).md5, sizeof md5);
    cr_assert_eq(rig.nor.operations, operations);
}

/* For as long as nothing else is on record, whatever is written to its slot meanwhile. */
Test(boot_state, tells_the_sketch_that_was_given_up)
{
    for (unsigned i = 0; i < 2; i++) {
        rig_stage(&rig, both[i], OLD, RIG_NEW, NEW);
        for (unsigned boot = 0; boot < OTA_TRIAL_BOOTS; boot++) {
            nothing_was_given_up();
            (void)rig_boot(&rig);
        }
        nothing_was_given_up();
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_GIVEN_UP);
        was_given_up(RIG_NEW, NEW);
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_NOTHING);
        was_given_up(RIG_NEW, NEW);
        set_mark(OTA_MARK_WRITING);
        was_given_up(RIG_NEW, NEW);
        cr_assert_eq(rig_read_record(&rig), OTA_RECORD_FOUND);
        rig.record.slot[1] =
            rig_place(&rig, RIG_NEWER, ota_layout_staging(&rig.layout, 1), NEW + 1);
        rig.record.pending = OTA_PENDING_SKETCH;
        rig_write_record(&rig);
        nothing_was_given_up();
        (void)rig_boot(&rig);
        cr_assert_eq(rig_confirm(&rig), OTA_OK);
        nothing_was_given_up();
    }
}

/* To take it again would bring about the same. */
Test(boot_state, tells_the_sketch_that_was_not_whole)
{
    for (unsigned i = 0; i < 2; i++) {
        rig_stage(&rig, both[i], OLD, RIG_NEW, NEW);
        rig.cells[ota_layout_staging(&rig.layout, 1) + 100] ^= 1;
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_DROPPED);
        was_given_up(RIG_NEW, NEW);
    }
}

Test(boot_state, tells_no_other_image_as_given_up)
{
    for (unsigned i = 0; i < 2; i++) {
        rig_init(&rig, both[i]);
        nothing_was_given_up();
        rig_begin(&rig, both[i], OLD);
        nothing_was_given_up();
        rig.record.filesystem = rig_image(RIG_FILES, 100);
        rig_write_record(&rig);
        nothing_was_given_up();
        rig_stage(&rig, both[i], OLD, RIG_FILES, NEW);
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_MOVED);
        nothing_was_given_up();
        rig_stage(&rig, both[i], OLD, RIG_NEW, NEW);
        (void)rig_boot(&rig);
        cr_assert_eq(rig_confirm(&rig), OTA_OK);
        cr_assert_eq(rig_rollback(&rig), OTA_OK);
        nothing_was_given_up();
        rig_boots(&rig, RIG_OLD, OLD, OTA_BOOT_ROLLED_BACK);
        nothing_was_given_up();
    }
}
