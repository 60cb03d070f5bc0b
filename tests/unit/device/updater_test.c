#include "tests/unit/device/updater_rig.h"

#include <criterion/criterion.h>

static struct updater_rig rig;

static const char *error_line(void)
{
    static char line[OTA_ERROR_LINE_MAX];

    ota_updater_error_line(&rig.updater, line, sizeof line);
    return line;
}

Test(updater, installs_a_sketch_and_tells_so)
{
    uint8_t md5[DIGEST_MD5_SIZE];

    rig_init(&rig);
    cr_assert_eq(rig_install(&rig, 10001), OTA_OK);
    cr_assert(rig_runs(&rig, 10001));
    sketch_md5(rig.image, 10001, md5);
    cr_assert_arr_eq(rig_record(&rig).sketch.md5, md5, sizeof md5);
    cr_assert(ota_updater_has_succeeded(&rig.updater));
    cr_assert_not(ota_updater_is_running(&rig.updater));
    cr_assert_eq(rig.starts, 1);
    cr_assert_eq(rig.ends, 1);
    cr_assert_eq(rig.errors, 0);
    cr_assert_eq(rig.done, 10001);
    cr_assert_eq(rig.total, 10001);
    cr_assert_not(rig.ram.rule_broken);
}

Test(updater, works_on_every_geometry)
{
    static const uint32_t erase_sizes[] = { 256, 4096, 65536 };
    static const uint32_t write_sizes[] = { 1, 4, 16, 256 };
    static const uint32_t sizes[] = { 24, 255, 256, 257, 4095, 4096, 4097, 65535, 65537, 131072 };

    for (size_t e = 0; e < 3; e++) {
        for (size_t w = 0; w < 4; w++) {
            for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
                rig_init_geometry(&rig, erase_sizes[e], write_sizes[w]);
                cr_assert_eq(rig_install(&rig, sizes[s]), OTA_OK, "erase %u write %u size %u",
                             erase_sizes[e], write_sizes[w], sizes[s]);
                cr_assert(rig_runs(&rig, sizes[s]));
                cr_assert_not(rig.ram.rule_broken);
            }
        }
    }
}

Test(updater, works_with_any_buffer_of_whole_write_units)
{
    static const uint32_t buffers[] = { 24, 28, 100, 4092, 8192, 65536 };

    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++) {
        rig_init(&rig);
        rig.config.buffer_size = buffers[i];
        cr_assert_eq(rig_install(&rig, 20003), OTA_OK, "buffer of %u", buffers[i]);
        cr_assert(rig_runs(&rig, 20003));
        cr_assert_not(rig.ram.rule_broken);
    }
}

Test(updater, writes_in_pieces_of_any_size)
{
    rig_init(&rig);
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_OK);
    for (uint32_t at = 0, n = 1; at < 9000; at += n, n = n * 3 % 1461 + 1) {
        if (n > 9000 - at)
            n = 9000 - at;
        cr_assert_eq(ota_updater_write(&rig.updater, rig.image + at, n), n);
    }
    cr_assert(ota_updater_is_finished(&rig.updater));
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_OK);
    cr_assert(rig_runs(&rig, 9000));
}

Test(updater, poll_does_one_operation_of_flash_at_most)
{
    rig_init(&rig);
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_OK);
    for (uint32_t at = 0; ota_updater_is_running(&rig.updater);) {
        at += (uint32_t)ota_updater_offer(&rig.updater, rig.image + at, 9000 - at);
        if (ota_updater_is_complete(&rig.updater))
            cr_assert_eq(ota_updater_finish(&rig.updater, false), OTA_OK);
        unsigned before = ram_flash_operations(&rig.ram);
        ota_updater_poll(&rig.updater);
        cr_assert_leq(ram_flash_operations(&rig.ram) - before, 1);
    }
    cr_assert(rig_runs(&rig, 9000));
}

Test(updater, stages_beside_the_running_sketch_and_moves_up_and_down)
{
    rig_init(&rig);
    cr_assert_eq(rig_install(&rig, 100000), OTA_OK);
    cr_assert_eq(rig_record(&rig).sketch.offset, 0);
    rig_restart(&rig);
    cr_assert_eq(rig_install(&rig, 50000), OTA_OK);
    cr_assert_eq(rig_record(&rig).sketch.offset, RAM_FLASH_SIZE / 2 - 53248);
    rig_restart(&rig);
    cr_assert_eq(rig_install(&rig, 200000), OTA_OK);
    cr_assert_eq(rig_record(&rig).sketch.offset, 0);
    cr_assert(rig_runs(&rig, 200000));
    cr_assert_not(rig.ram.rule_broken);
}

Test(updater, flash_is_twice_the_sketch)
{
    rig_init(&rig);
    cr_assert_eq(rig_install(&rig, 4097), OTA_OK);
    rig_restart(&rig);
    /* The running sketch takes two units. */
    uint32_t fits = RAM_FLASH_SIZE / 2 - 2 * 4096;
    cr_assert_eq(ota_updater_begin(&rig.updater, fits + 1, OTA_SKETCH), OTA_ERROR_SPACE);
    cr_assert_str_eq(error_line(), "ERROR[4]: Not Enough Space");
    cr_assert_eq(rig_install(&rig, fits), OTA_OK);
    rig_restart(&rig);
    cr_assert_eq(ota_updater_begin(&rig.updater, 8193, OTA_SKETCH), OTA_ERROR_SPACE);
    cr_assert_eq(ota_updater_begin(&rig.updater, 8192, OTA_SKETCH), OTA_OK);
}

Test(updater, the_running_sketch_is_never_touched)
{
    static uint8_t before[40000];

    rig_init(&rig);
    cr_assert_eq(rig_install(&rig, 40000), OTA_OK);
    memcpy(before, rig.ram.cells, sizeof before);
    rig_restart(&rig);
    sketch_esp8266(rig.image, sizeof rig.image, 1, 99);
    cr_assert_eq(rig_install(&rig, 200000), OTA_OK);
    cr_assert_arr_eq(rig.ram.cells, before, sizeof before);
}

Test(updater, a_file_system_is_written_in_place)
{
    rig_init(&rig);
    cr_assert_eq(rig_install(&rig, 5000), OTA_OK);
    rig_restart(&rig);
    sketch_noise(rig.image, sizeof rig.image, 3);
    cr_assert_eq(rig_update(&rig, 131072, 131072, OTA_FILESYSTEM), OTA_OK);
    struct ota_record record = rig_record(&rig);
    cr_assert_eq(record.filesystem.offset, RAM_FLASH_SIZE / 2);
    cr_assert_eq(record.filesystem.size, 131072);
    cr_assert_eq(record.sketch.size, 5000);
    cr_assert_arr_eq(rig.ram.cells + RAM_FLASH_SIZE / 2, rig.image, 131072);
    cr_assert_eq(ota_updater_begin(&rig.updater, 131073, OTA_FILESYSTEM), OTA_ERROR_SPACE);
}

Test(updater, even_if_remaining_ends_the_image_early)
{
    rig_init(&rig);
    cr_assert_eq(ota_updater_begin(&rig.updater, 100000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 5001), 5001);
    cr_assert_not(ota_updater_is_finished(&rig.updater));
    cr_assert_eq(ota_updater_end(&rig.updater, true), OTA_OK);
    cr_assert(rig_runs(&rig, 5001));
}

Test(updater, even_if_remaining_still_checks_a_short_header)
{
    rig_init(&rig);
    cr_assert_eq(ota_updater_begin(&rig.updater, 100000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, "short", 5), 5);
    cr_assert_eq(ota_updater_end(&rig.updater, true), OTA_ERROR_MAGIC_BYTE);
    cr_assert_eq(rig.ram.erases, 0);
}

Test(updater, without_an_expected_md5_any_content_is_taken)
{
    rig_init(&rig);
    cr_assert_eq(ota_updater_begin(&rig.updater, 500, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 500), 500);
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_OK);
    cr_assert(rig_runs(&rig, 500));
}

Test(updater, abort_leaves_what_counted_before)
{
    rig_init(&rig);
    cr_assert_eq(rig_install(&rig, 5000), OTA_OK);
    rig_restart(&rig);
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 9000), 9000);
    ota_updater_abort(&rig.updater, OTA_OK);
    cr_assert_not(ota_updater_is_running(&rig.updater));
    cr_assert_not(ota_updater_has_succeeded(&rig.updater));
    cr_assert_str_eq(error_line(), "ERROR[0]: Aborted");
    cr_assert_eq(rig.errors, 0, "it is no error");
    cr_assert(rig_runs(&rig, 5000));
    cr_assert_eq(rig_install(&rig, 9000), OTA_OK);
}

Test(updater, the_record_is_written_after_everything_else)
{
    unsigned total;

    rig_init(&rig);
    cr_assert_eq(rig_install(&rig, 9000), OTA_OK);
    total = ram_flash_operations(&rig.ram);
    cr_assert_eq(rig.ram.erases, 3 + 1);
    cr_assert_eq(rig.ram.writes, 3 + 1);

    /* Stopping before the record's erase, program and read back: nothing runs but at the last. */
    for (unsigned left = 1; left <= 3; left++) {
        rig_init(&rig);
        cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_OK);
        cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 9000), 9000);
        cr_assert_eq(ota_updater_finish(&rig.updater, false), OTA_OK);
        while (ram_flash_operations(&rig.ram) < total - left)
            ota_updater_poll(&rig.updater);
        cr_assert_eq(rig_runs(&rig, 9000), left == 1, "%u operations before the end", left);
    }
}

Test(updater, end_reports_the_error_the_update_had)
{
    rig_init(&rig);
    rig.ram.fail_erase = 1;
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_ERROR_NO_DATA);
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 9000), 0);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 9000), 0);
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_ERROR_ERASE);
    cr_assert_eq(rig.errors, 1);
    cr_assert_eq(rig.last_error, OTA_ERROR_ERASE);
}
