/* Starts on which nothing is pending, with and without a record. */
#include "tests/unit/device/boot_rig.h"

static struct rig rig;

/* Make a copy of the record one that no longer counts, nor is blank. */
static void damage(unsigned copy)
{
    rig.cells[rig.layout.record[copy].offset + 20] ^= 0x10;
}

static bool fails(enum ota_boot_fault fault)
{
    return !rig_boot(&rig) && rig.boot.fault == fault && rig.boot.image.size == 0 &&
           !rig.boot.trial;
}

/* --- Configuration ---------------------------------------------------------------------------- */

Test(boot_start, a_layout_that_does_not_fit_runs_nothing)
{
    rig_begin(&rig, &rig_select, 1000);
    rig.layout.slot[1].offset -= 256;
    cr_assert(fails(OTA_BOOT_LAYOUT));
    rig_begin(&rig, &rig_select, 1000);
    rig.nor.flash.write_size = 3;
    uint64_t reads = rig.nor.counts.reads;
    cr_assert(fails(OTA_BOOT_LAYOUT));
    cr_assert_eq(rig.nor.counts.reads, reads);
}

Test(boot_start, an_unusable_configuration_runs_nothing)
{
    static const uint32_t sizes[] = { 2, 1022, 1025 };

    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        rig_begin(&rig, &rig_select, 1000);
        rig.config.buffer_size = sizes[i];
        cr_assert(fails(OTA_BOOT_LAYOUT), "a buffer of %u bytes", sizes[i]);
    }
    rig_begin(&rig, &rig_select, 1000);
    rig.config.trial_boots = OTA_TRIAL_BOOTS_MAX + 1;
    cr_assert(fails(OTA_BOOT_LAYOUT));
}

static void take_buffer(void)
{
    rig.config.buffer = NULL;
    rig.config.buffer_size = 0;
}

Test(boot_start, without_a_buffer_nothing_is_moved)
{
    rig_stage(&rig, &rig_select, 1000, RIG_NEW, 500);
    take_buffer();
    rig_boots(&rig, RIG_NEW, 500, OTA_BOOT_TRYING);
    rig_stage(&rig, &rig_exchange, 1000, RIG_NEW, 500);
    take_buffer();
    nor_flash_protect(&rig.nor, rig.layout.slot[0].offset, rig.layout.slot[0].size);
    rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_DROPPED);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
    rig_stage(&rig, &rig_select, 1000, RIG_FILES, 500);
    take_buffer();
    nor_flash_protect(&rig.nor, rig.layout.filesystem.offset, rig.layout.filesystem.size);
    rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_DROPPED);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
    rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_NOTHING);
}

Test(boot_start, every_fault_has_a_text)
{
    for (int fault = OTA_BOOT_SOUND; fault <= OTA_BOOT_NO_IMAGE; fault++)
        cr_assert_str_neq(ota_boot_fault_text((enum ota_boot_fault)fault), "unknown fault");
    cr_assert_str_eq(ota_boot_fault_text(OTA_BOOT_RECORD),
                     "both copies of the boot record are damaged");
    cr_assert_str_eq(ota_boot_fault_text((enum ota_boot_fault)99), "unknown fault");
}

/* --- No record -------------------------------------------------------------------------------- */

static void adopts(const struct rig_shape *shape)
{
    rig_init(&rig, shape);
    rig_place(&rig, RIG_OLD, rig.layout.slot[0].offset, 1000);
    rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_ADOPTED);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_SOUND);
    cr_assert_eq(rig_read_record(&rig), OTA_RECORD_FOUND);
    cr_assert_eq(rig.record.copies, 3);
    cr_assert(rig.record.active == 0 && rig.record.pending == OTA_PENDING_NONE);
    cr_assert(rig.record.slot[0].size == 1000 && rig.record.slot[1].size == 0);
    cr_assert(rig.record.clean[0] == 0 && rig.record.clean[1] == 0);
    rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_NOTHING);
}

Test(boot_start, adopts_what_was_flashed_by_wire)
{
    adopts(&rig_select);
    adopts(&rig_exchange);
}

Test(boot_start, adopts_a_whole_slot_when_nobody_knows_the_size)
{
    struct ota_image whole;

    rig_init(&rig, &rig_select);
    rig.config.image_size = NULL;
    rig_place(&rig, RIG_OLD, rig.layout.slot[0].offset, 1000);
    cr_assert(rig_boot(&rig));
    cr_assert_eq(rig.boot.event, OTA_BOOT_ADOPTED);
    cr_assert_eq(rig.boot.image.size, rig.layout.slot[0].size);
    cr_assert_eq(rig_read_record(&rig), OTA_RECORD_FOUND);
    struct digest digest;
    digest_init(&digest, DIGEST_MD5);
    digest_update(&digest, rig.cells + rig.layout.slot[0].offset, rig.layout.slot[0].size);
    digest_finish(&digest, whole.md5);
    cr_assert_arr_eq(rig.record.slot[0].md5, whole.md5, sizeof whole.md5);
}

Test(boot_start, runs_nothing_on_blank_flash)
{
    rig_init(&rig, &rig_select);
    cr_assert(fails(OTA_BOOT_NO_IMAGE));
    rig.config.image_size = NULL;
    cr_assert(fails(OTA_BOOT_NO_IMAGE));
    cr_assert_eq(rig.nor.operations, 0);
    /* Only slot 0 is flashed by wire. */
    rig_place(&rig, RIG_OLD, rig.layout.slot[1].offset, 1000);
    cr_assert(fails(OTA_BOOT_NO_IMAGE));
}

Test(boot_start, does_not_adopt_an_image_that_is_larger_than_its_slot)
{
    rig_init(&rig, &rig_select);
    rig_place(&rig, RIG_OLD, rig.layout.slot[0].offset, 1000);
    bytes_put_u32(rig.cells + rig.layout.slot[0].offset + 4, rig.layout.slot[0].size + 1);
    cr_assert(fails(OTA_BOOT_NO_IMAGE));
}

Test(boot_start, runs_what_it_cannot_record)
{
    rig_init(&rig, &rig_select);
    rig_place(&rig, RIG_OLD, rig.layout.slot[0].offset, 1000);
    rig_wear_out(&rig, rig.layout.record[0].offset, 2 * rig.layout.record[0].size);
    rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_NOTHING);
    cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
    cr_assert_eq(rig_read_record(&rig), OTA_RECORD_EMPTY);
}

/* --- A record, and nothing pending ------------------------------------------------------------ */

Test(boot_start, runs_the_active_slot_and_writes_nothing)
{
    for (unsigned active = 0; active < 2; active++) {
        rig_begin(&rig, &rig_select, 1000);
        rig.record.slot[1] = rig_place(&rig, RIG_NEW, rig.layout.slot[1].offset, 777);
        rig.record.active = (uint8_t)active;
        rig_write_record(&rig);
        uint64_t operations = rig.nor.operations;
        rig_boots(&rig, active ? RIG_NEW : RIG_OLD, active ? 777 : 1000, OTA_BOOT_NOTHING);
        cr_assert_eq(rig.boot.slot, active);
        cr_assert_eq(rig.boot.fault, OTA_BOOT_SOUND);
        cr_assert_not(rig.boot.trial);
        cr_assert_eq(rig.nor.operations, operations);
    }
}

Test(boot_start, runs_what_is_there_when_the_record_does_not_know_it)
{
    rig_begin(&rig, &rig_select, 0);
    cr_assert(fails(OTA_BOOT_NO_IMAGE));
    rig_place(&rig, RIG_OLD, rig.layout.slot[0].offset, 1000);
    uint64_t operations = rig.nor.operations;
    cr_assert(rig_boot(&rig));
    cr_assert_eq(rig.boot.fault, OTA_BOOT_SOUND);
    cr_assert_eq(rig.boot.image.size, 0);
    cr_assert_eq(rig.boot.offset, rig.layout.slot[0].offset);
    cr_assert_eq(rig.nor.operations, operations);
}

Test(boot_start, an_unreadable_record_runs_nothing)
{
    rig_begin(&rig, &rig_select, 1000);
    rig.nor.off = true;
    cr_assert(fails(OTA_BOOT_READ));
    rig.nor.off = false;
    rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_NOTHING);
}

/* --- Damage ----------------------------------------------------------------------------------- */

Test(boot_start, mends_a_copy_of_the_record)
{
    for (unsigned copy = 0; copy < 2; copy++) {
        rig_begin(&rig, &rig_select, 1000);
        damage(copy);
        rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_NOTHING);
        cr_assert_eq(rig.boot.fault, OTA_BOOT_SOUND);
        cr_assert_eq(rig_read_record(&rig), OTA_RECORD_FOUND);
        cr_assert_eq(rig.record.copies, 3);
    }
}

Test(boot_start, a_copy_that_cannot_be_mended_is_told_and_no_more)
{
    for (unsigned copy = 0; copy < 2; copy++) {
        rig_begin(&rig, &rig_select, 1000);
        damage(copy);
        rig_wear_out(&rig, rig.layout.record[copy].offset, rig.layout.record[copy].size);
        rig_boots(&rig, RIG_OLD, 1000, OTA_BOOT_NOTHING);
        cr_assert_eq(rig.boot.fault, OTA_BOOT_FLASH);
    }
}

Test(boot_start, without_either_copy_the_first_slot_with_a_sketch_runs)
{
    rig_begin(&rig, &rig_select, 1000);
    rig_place(&rig, RIG_NEW, rig.layout.slot[1].offset, 777);
    damage(0);
    damage(1);
    uint64_t operations = rig.nor.operations;
    cr_assert(rig_boot(&rig));
    cr_assert_eq(rig.boot.fault, OTA_BOOT_RECORD);
    cr_assert_eq(rig.boot.slot, 0);
    cr_assert_eq(rig.boot.image.size, 0);
    memset(rig.cells + rig.layout.slot[0].offset, 0xFF, 1000);
    cr_assert(rig_boot(&rig));
    cr_assert_eq(rig.boot.fault, OTA_BOOT_RECORD);
    cr_assert_eq(rig.boot.slot, 1);
    cr_assert_eq(rig.boot.offset, rig.layout.slot[1].offset);
    cr_assert_eq(rig.boot.image.size, 0);
    memset(rig.cells + rig.layout.slot[1].offset, 0xFF, 777);
    cr_assert(fails(OTA_BOOT_NO_IMAGE));
    cr_assert_eq(rig.nor.operations, operations);
}

Test(boot_start, without_either_copy_slot_1_does_not_run_where_it_cannot)
{
    rig_begin(&rig, &rig_exchange, 0);
    rig_place(&rig, RIG_NEW, rig.layout.slot[1].offset, 777);
    damage(0);
    damage(1);
    cr_assert(fails(OTA_BOOT_NO_IMAGE));
    rig_place(&rig, RIG_OLD, rig.layout.slot[0].offset, 1000);
    cr_assert(rig_boot(&rig));
    cr_assert_eq(rig.boot.fault, OTA_BOOT_RECORD);
    cr_assert_eq(rig.boot.slot, 0);
}
