/*
 * Every error number of the updater, each with its text, and what must not have happened to flash.
 */
#include "tests/unit/device/updater_outcome.h"

#include <criterion/criterion.h>

Test(updater_error, not_enough_space)
{
    given_a_running_sketch();
    cr_assert_eq(rig_install(&rig, rig.layout.slot[0].size + 1), OTA_ERROR_SPACE);
    expect_failed(OTA_ERROR_SPACE, "ERROR[4]: Not Enough Space");
}

Test(updater_error, a_file_system_that_does_not_fit)
{
    given_a_running_sketch();
    cr_assert_eq(rig_update(&rig, RIG_FILESYSTEM_SIZE + 1, 0, OTA_FILESYSTEM), OTA_ERROR_SPACE);
    expect_failed(OTA_ERROR_SPACE, "ERROR[4]: Not Enough Space");
    rig.layout.slot[0].size = 8192;
    cr_assert_eq(rig_update(&rig, 8193, 0, OTA_FILESYSTEM), OTA_ERROR_SPACE, "nor into the slot");
    rig.layout.filesystem.size = 0;
    cr_assert_eq(rig_update(&rig, 1, 0, OTA_FILESYSTEM), OTA_ERROR_SPACE, "there is none");
}

Test(updater_error, four_gibibytes_and_more_are_too_much_space)
{
    static const uint64_t sizes[] = { UINT32_MAX, 1ull << 32, (1ull << 32) + 5000, UINT64_MAX };

    given_a_running_sketch();
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(ota_updater_begin(&rig.updater, sizes[i], OTA_SKETCH), OTA_ERROR_SPACE);
        cr_assert_eq(ota_updater_begin(&rig.updater, sizes[i], OTA_FILESYSTEM), OTA_ERROR_SPACE);
    }
}

Test(updater_error, more_bytes_than_announced)
{
    given_a_running_sketch();
    cr_assert_eq(rig_update(&rig, 9000, 9001, OTA_SKETCH), OTA_ERROR_SPACE);
    expect_failed(OTA_ERROR_SPACE, "ERROR[4]: Not Enough Space");
    cr_assert_eq(rig.nor.counts.erases, 0);
}

Test(updater_error, bad_size)
{
    given_a_running_sketch();
    cr_assert_eq(rig_install(&rig, 0), OTA_ERROR_SIZE);
    expect_failed(OTA_ERROR_SIZE, "ERROR[5]: Bad Size Given");
}

Test(updater_error, bytes_are_missing_at_the_end)
{
    given_a_running_sketch();
    cr_assert_eq(rig_update(&rig, 9000, 8999, OTA_SKETCH), OTA_ERROR_STREAM);
    expect_failed(OTA_ERROR_STREAM, "ERROR[6]: Stream Read Timeout");
}

Test(updater_error, md5_differs)
{
    uint8_t md5[DIGEST_MD5_SIZE] = { 0xAB };

    given_a_running_sketch();
    memset(rig.image, 0, 100);
    cr_assert_eq(ota_updater_begin(&rig.updater, 100, OTA_FILESYSTEM), OTA_OK);
    ota_updater_expect_md5(&rig.updater, md5);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 100), 100);
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_ERROR_MD5);
    /* The second is what `head -c 100 /dev/zero | md5sum` prints. */
    cr_assert_str_eq(error_line(), "ERROR[7]: MD5 verification failed: expected: "
                                   "ab000000000000000000000000000000, calculated: "
                                   "6d0bb00954ceb7fbee436bb55a8397a9");
    cr_assert(rig_runs(&rig, 5000));
}

Test(updater_error, the_layout_does_not_fit_the_flash)
{
    rig_init(&rig);
    rig.layout.filesystem.size += 8192;
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_FLASH_CONFIG);
    cr_assert_str_eq(error_line(), "ERROR[8]: Flash config wrong real: 524288 IDE: 532480");
}

Test(updater_error, the_layout_is_not_sound)
{
    rig_init(&rig);
    rig.layout.slot[0].size--;
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_FLASH_CONFIG);
    cr_assert_str_eq(error_line(), "ERROR[8]: Flash config wrong: bad layout");
    rig_init(&rig);
    rig.layout.record[1].offset = rig.layout.slot[1].offset;
    uint64_t operations = rig_operations(&rig);
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_FLASH_CONFIG);
    cr_assert_str_eq(error_line(), "ERROR[8]: Flash config wrong: bad layout");
    cr_assert_eq(rig_operations(&rig), operations, "not even read");
}

Test(updater_error, a_flash_that_is_not_as_its_contract)
{
    static const struct {
        uint32_t erase, block, write;
    } bad[] = { { 4096, 4096, 0 }, { 4096, 4096, 3 }, { 4096, 4096, 512 }, { 32, 32, 4 },
                { 0, 0, 4 },       { 4096, 0, 4 },    { 4096, 5000, 4 },   { 4098, 4098, 4 } };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        rig_init(&rig);
        rig.nor.flash.erase_size = bad[i].erase;
        rig.nor.flash.block_size = bad[i].block;
        rig.nor.flash.write_size = bad[i].write;
        cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_FLASH_CONFIG, "geometry %zu", i);
    }
}

Test(updater_error, both_records_are_damaged)
{
    given_a_running_sketch();
    rig.nor.operations = 0;
    rig.cells[rig.layout.record[0].offset] ^= 1;
    rig.cells[rig.layout.record[1].offset] = 0;
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_FLASH_CONFIG);
    cr_assert_str_eq(error_line(), "ERROR[8]: Flash config wrong: both records are damaged");
    cr_assert_eq(rig.nor.operations, 0);
}

Test(updater_error, the_record_is_of_another_layout)
{
    struct ota_record record;

    given_a_running_sketch();
    record = rig_record(&rig);
    record.slot[1].size = rig.layout.slot[1].size + 1;
    cr_assert_eq(ota_record_write(&record), OTA_OK);
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_FLASH_CONFIG);
}

Test(updater_error, an_image_for_a_larger_flash)
{
    given_a_running_sketch();
    rig.image[3] = 0x40;
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_NEW_FLASH_CONFIG);
    cr_assert_str_eq(error_line(), "ERROR[9]: new Flash config wrong, real size: 524288");
    cr_assert_eq(rig.nor.counts.erases, 0, "nothing was erased for it");
    rig.image[3] = 0x00;
    cr_assert_eq(rig_install(&rig, 9000), OTA_OK, "512 KiB are just what there is");
}

static void expect_refused_unseen(const char *line)
{
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_MAGIC_BYTE);
    cr_assert_str_eq(error_line(), line);
    cr_assert_eq(rig.nor.counts.erases, 0, "nothing was erased for it");
}

Test(updater_error, the_magic_byte_is_missing)
{
    given_a_running_sketch();
    rig.image[0] = 0xE8;
    expect_refused_unseen("ERROR[10]: Magic byte is not 0xE9");
}

Test(updater_error, an_image_for_another_chip)
{
    given_a_running_sketch();
    sketch_esp32(rig.image, 9000, 0);
    expect_refused_unseen("ERROR[10]: Image is for another chip");
    rig.config.family = IMAGE_ESP32;
    cr_assert_eq(rig_install(&rig, 9000), OTA_OK);
    cr_assert(rig_boot_and_confirm(&rig));
    sketch_esp32(rig.image, 9000, 5);
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_MAGIC_BYTE, "an ESP32-C3's, for an ESP32");
    sketch_esp8266(rig.image, 9000, 1, 1);
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_MAGIC_BYTE);
}

Test(updater_error, a_compressed_sketch)
{
    given_a_running_sketch();
    rig.image[0] = 0x1F;
    rig.image[1] = 0x8B;
    expect_refused_unseen("ERROR[10]: Compressed image");
}

Test(updater_error, a_second_update_before_the_restart)
{
    static const enum ota_target targets[] = { OTA_SKETCH, OTA_FILESYSTEM };

    for (size_t i = 0; i < 2; i++) {
        rig_init(&rig);
        cr_assert_eq(rig_update(&rig, 5000, 5000, targets[i]), OTA_OK);
        cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_BOOTSTRAP);
        cr_assert_eq(rig_update(&rig, 100, 100, OTA_FILESYSTEM), OTA_ERROR_BOOTSTRAP);
        rig_restart(&rig);
        cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_BOOTSTRAP, "flash is believed, not memory");
        cr_assert_str_eq(error_line(), "ERROR[11]: Invalid bootstrapping state, reset ESP8266 "
                                       "before updating");
        cr_assert(rig_staged(&rig, 5000, i == 0 ? OTA_PENDING_SKETCH : OTA_PENDING_FILESYSTEM));
        cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
    }
}

Test(updater_error, the_running_sketch_is_on_trial)
{
    given_a_running_sketch();
    cr_assert_eq(rig_install(&rig, 9000), OTA_OK);
    cr_assert(rig_boot(&rig));
    uint64_t operations = rig.nor.operations;
    cr_assert_eq(rig_install(&rig, 7000), OTA_ERROR_BOOTSTRAP);
    cr_assert_str_eq(error_line(), "ERROR[11]: The sketch is on trial: confirm it");
    cr_assert_eq(rig_update(&rig, 100, 100, OTA_FILESYSTEM), OTA_ERROR_BOOTSTRAP);
    cr_assert_eq(rig.nor.operations, operations, "not one operation");
    cr_assert_eq(ota_boot_confirm(&rig.nor.flash, &rig.layout), OTA_OK);
    rig_guard(&rig);
    cr_assert_eq(rig_install(&rig, 7000), OTA_OK, "no restart is needed");
    cr_assert_eq(ota_updater_stored(&rig.updater)->offset, rig.layout.slot[1].offset);
}

Test(updater_error, the_sketch_on_trial_is_given_up)
{
    given_a_running_sketch();
    cr_assert_eq(rig_install(&rig, 9000), OTA_OK);
    cr_assert(rig_boot(&rig));
    cr_assert_eq(ota_boot_rollback(&rig.nor.flash, &rig.layout), OTA_OK);
    cr_assert_eq(rig_install(&rig, 7000), OTA_ERROR_BOOTSTRAP);
    cr_assert_str_eq(error_line(),
                     "ERROR[11]: Invalid bootstrapping state, reset ESP8266 before "
                     "updating",
                     "to confirm it would not help");
    cr_assert(rig_boot(&rig));
    cr_assert(rig_runs(&rig, 5000));
    cr_assert_eq(rig_install(&rig, 7000), OTA_OK);
}

Test(updater_error, no_data)
{
    given_a_running_sketch();
    cr_assert_eq(rig_update(&rig, 9000, 0, OTA_SKETCH), OTA_ERROR_NO_DATA);
    expect_failed(OTA_ERROR_NO_DATA, "ERROR[13]: No data supplied");
}

Test(updater_error, no_buffer_or_a_useless_one)
{
    given_a_running_sketch();
    rig.config.buffer = NULL;
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_OOM);
    expect_failed(OTA_ERROR_OOM, "ERROR[14]: Out of memory");
    rig.config.buffer = rig.buffer;
    rig.config.buffer_size = 20;
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_OOM);
    rig.config.buffer_size = 4095;
    cr_assert_eq(rig_install(&rig, 9000), OTA_ERROR_OOM);
}

Test(updater_error, already_running_does_not_disturb_the_running_one)
{
    rig_init(&rig);
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 4500), 4500);
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_ERROR_RUNNING);
    cr_assert_eq(rig.last_error, OTA_ERROR_RUNNING);
    cr_assert_eq(ota_updater_error(&rig.updater), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image + 4500, 4500), 4500);
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_OK);
    cr_assert(rig_stages(&rig, 9000));
}

Test(updater_error, unknown_command)
{
    given_a_running_sketch();
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, (enum ota_target)7),
                 OTA_ERROR_UNKNOWN_COMMAND);
    expect_failed(OTA_ERROR_UNKNOWN_COMMAND, "ERROR[16]: Unknown update command");
}

Test(updater_error, every_number_has_its_text)
{
    char line[OTA_ERROR_LINE_MAX];

    cr_assert_str_eq(ota_error_text(OTA_OK), "No Error");
    cr_assert_str_eq(ota_error_text(OTA_ERROR_SIGNATURE), "Signature verification failed");
    cr_assert_str_eq(ota_error_text((enum ota_error)17), "UNKNOWN");
    cr_assert_eq(ota_error_line(OTA_ERROR_SPACE, NULL, line, 12), 11);
    cr_assert_str_eq(line, "ERROR[4]: N", "cut, never overrun");
}
