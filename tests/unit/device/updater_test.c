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
    cr_assert(rig_stages(&rig, 10001));
    sketch_md5(rig.image, 10001, md5);
    const struct ota_stored *stored = ota_updater_stored(&rig.updater);
    cr_assert_eq(stored->offset, rig.layout.slot[1].offset);
    cr_assert_eq(stored->size, 10001);
    cr_assert_arr_eq(stored->md5, md5, sizeof md5);
    cr_assert_eq(rig_record(&rig).copies, 3, "in both copies");
    cr_assert(ota_updater_has_succeeded(&rig.updater));
    cr_assert_not(ota_updater_is_running(&rig.updater));
    cr_assert_eq(rig.starts, 1);
    cr_assert_eq(rig.ends, 1);
    cr_assert_eq(rig.errors, 0);
    cr_assert_eq(rig.done, 10001);
    cr_assert_eq(rig.total, 10001);
    cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
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
                cr_assert(rig_stages(&rig, sizes[s]));
                cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
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
        cr_assert(rig_stages(&rig, 20003));
        cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
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
    cr_assert(rig_stages(&rig, 9000));
}

Test(updater, poll_does_one_operation_of_flash_at_most)
{
    rig_init(&rig);
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_OK);
    for (uint32_t at = 0; ota_updater_is_running(&rig.updater);) {
        at += (uint32_t)ota_updater_offer(&rig.updater, rig.image + at, 9000 - at);
        if (ota_updater_is_complete(&rig.updater))
            cr_assert_eq(ota_updater_finish(&rig.updater, false), OTA_OK);
        uint64_t before = rig_operations(&rig);
        ota_updater_poll(&rig.updater);
        cr_assert_leq(rig_operations(&rig) - before, 1);
    }
    cr_assert(rig_stages(&rig, 9000));
}

Test(updater, goes_to_the_slot_that_is_not_active)
{
    rig_init(&rig);
    for (unsigned i = 0; i < 4; i++) {
        uint32_t size = 50000 + 10000 * i;
        cr_assert_eq(rig_install(&rig, size), OTA_OK);
        cr_assert_eq(ota_updater_stored(&rig.updater)->offset, rig.layout.slot[1 - i % 2].offset);
        cr_assert(rig_stages(&rig, size));
        cr_assert(rig_boot_and_confirm(&rig));
        cr_assert(rig_runs(&rig, size));
    }
    cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
}

Test(updater, where_only_slot_0_can_run_all_go_behind_the_spare_of_slot_1)
{
    rig_init_exchange(&rig);
    for (unsigned i = 0; i < 3; i++) {
        uint32_t size = 50000 + 10000 * i;
        cr_assert_eq(rig_install(&rig, size), OTA_OK);
        cr_assert_eq(ota_updater_stored(&rig.updater)->offset,
                     rig.layout.slot[1].offset + rig.layout.spare_size);
        cr_assert(rig_stages(&rig, size));
        cr_assert(rig_boot_and_confirm(&rig));
        cr_assert(rig_runs(&rig, size));
    }
    cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
}

Test(updater, a_sketch_may_fill_its_slot)
{
    rig_init(&rig);
    cr_assert_eq(rig_install(&rig, rig.layout.slot[1].size), OTA_OK);
    cr_assert(rig_stages(&rig, rig.layout.slot[1].size));
    rig_init_exchange(&rig);
    cr_assert_eq(rig_install(&rig, rig.layout.slot[0].size), OTA_OK);
    cr_assert(rig_stages(&rig, rig.layout.slot[0].size));
    cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
}

Test(updater, the_running_sketch_is_never_touched)
{
    static uint8_t before[sizeof rig.cells];

    rig_init(&rig);
    cr_assert_eq(rig_install(&rig, 40000), OTA_OK);
    cr_assert(rig_boot_and_confirm(&rig));
    memcpy(before, rig.cells, sizeof before);
    sketch_esp8266(rig.image, sizeof rig.image, 1, 99);
    cr_assert_eq(rig_install(&rig, 200000), OTA_OK);
    cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
    cr_assert_arr_eq(rig.cells + rig.layout.slot[1].offset, before + rig.layout.slot[1].offset,
                     rig.layout.slot[1].size);
}

Test(updater, a_file_system_is_staged_for_the_bootloader)
{
    const struct ota_area *area = &rig.layout.filesystem;

    rig_init(&rig);
    cr_assert_eq(rig_install(&rig, 5000), OTA_OK);
    cr_assert(rig_boot_and_confirm(&rig));
    sketch_noise(rig.image, sizeof rig.image, 3);
    cr_assert_eq(rig_update(&rig, area->size, area->size, OTA_FILESYSTEM), OTA_OK);
    cr_assert(rig_staged(&rig, area->size, OTA_PENDING_FILESYSTEM));
    cr_assert_eq(rig_record(&rig).filesystem.size, 0, "not yet");
    cr_assert_eq(rig_record(&rig).slot[1].size, 5000);
    cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT, "its area is left to the bootloader");
    cr_assert(rig_boot(&rig));
    cr_assert_arr_eq(rig.cells + area->offset, rig.image, area->size);
    cr_assert(rig_runs(&rig, 5000));
    cr_assert_eq(ota_updater_begin(&rig.updater, area->size + 1, OTA_FILESYSTEM), OTA_ERROR_SPACE);
}

Test(updater, even_if_remaining_ends_the_image_early)
{
    rig_init(&rig);
    cr_assert_eq(ota_updater_begin(&rig.updater, 100000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 5001), 5001);
    cr_assert_not(ota_updater_is_finished(&rig.updater));
    cr_assert_eq(ota_updater_end(&rig.updater, true), OTA_OK);
    cr_assert(rig_stages(&rig, 5001));
}

Test(updater, even_if_remaining_still_checks_a_short_header)
{
    rig_init(&rig);
    cr_assert_eq(ota_updater_begin(&rig.updater, 100000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, "short", 5), 5);
    cr_assert_eq(ota_updater_end(&rig.updater, true), OTA_ERROR_MAGIC_BYTE);
    cr_assert_eq(rig.nor.counts.erases, 0);
}

Test(updater, without_an_expected_md5_any_content_is_taken)
{
    rig_init(&rig);
    cr_assert_eq(ota_updater_begin(&rig.updater, 500, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 500), 500);
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_OK);
    cr_assert(rig_stages(&rig, 500));
}

Test(updater, abort_leaves_what_counted_before)
{
    rig_init(&rig);
    cr_assert_eq(rig_install(&rig, 5000), OTA_OK);
    cr_assert(rig_boot_and_confirm(&rig));
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

/* The slot is marked first, and the record comes last. */
Test(updater, flash_is_worked_on_in_one_order)
{
    struct ota_record record;
    bool marked;

    rig_init(&rig);
    cr_assert_eq(rig_install(&rig, 5000), OTA_OK);
    cr_assert(rig_boot_and_confirm(&rig));
    record = rig_record(&rig);
    cr_assert_eq(rig_begin(&rig, 9000, OTA_SKETCH), OTA_OK);
    for (uint32_t at = 0; rig.updater.phase != OTA_UPDATER_RECORD;) {
        uint64_t operations = rig.nor.operations;
        at += (uint32_t)ota_updater_offer(&rig.updater, rig.image + at, 9000 - at);
        if (ota_updater_is_complete(&rig.updater))
            cr_assert_eq(ota_updater_finish(&rig.updater, false), OTA_OK);
        cr_assert(ota_record_get_mark(&record, OTA_MARK_WRITING, &marked));
        cr_assert(ota_updater_poll(&rig.updater));
        if (rig.nor.operations > operations && !marked)
            cr_assert_eq(rig.updater.phase, OTA_UPDATER_MARK);
        cr_assert(rig_runs(&rig, 5000));
    }
    cr_assert(marked);
    cr_assert_arr_eq(rig.cells + rig_target_offset(&rig), rig.image, 9000);
    nor_flash_protect(&rig.nor, rig.layout.slot[0].offset, rig.layout.slot[0].size);
    while (ota_updater_poll(&rig.updater))
        ;
    cr_assert(rig_stages(&rig, 9000));
    cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
}

Test(updater, end_reports_the_error_the_update_had)
{
    rig_init(&rig);
    rig.nor.fail_erase = 1;
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_ERROR_NO_DATA);
    cr_assert_eq(ota_updater_begin(&rig.updater, 9000, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 9000), 0);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 9000), 0);
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_ERROR_ERASE);
    cr_assert_eq(rig.errors, 1);
    cr_assert_eq(rig.last_error, OTA_ERROR_ERASE);
}
