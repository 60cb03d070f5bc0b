/*
 * Sketches whose segments do not fit into them, whatever their digest says.
 */
#include "tests/unit/device/updater_rig.h"

#include <criterion/criterion.h>

#define SIZE 20000u

static struct updater_rig rig;

static void given_a_running_sketch(void)
{
    cr_assert(rig_init_running(&rig, 5000));
}

/* `count` segments, the last of which ends at `end`. */
static void given_segments(unsigned count, uint32_t end)
{
    bool is_esp32 = rig.config.family == IMAGE_ESP32;
    size_t at = is_esp32 ? 24 : 8;

    rig.image[1] = (uint8_t)count;
    for (unsigned i = 1; i < count; i++)
        at = sketch_segment(rig.image, at, 40 * i);
    (void)sketch_segment(rig.image, at, end - (uint32_t)at - 8);
}

static void given_esp32(void)
{
    given_a_running_sketch();
    rig.config.family = IMAGE_ESP32;
    rig.config.chip_id = 5;
    sketch_esp32(rig.image, sizeof rig.image, 5);
}

static void expect_cut_short(void)
{
    char line[OTA_ERROR_LINE_MAX];

    rig.errors = 0;
    cr_assert_eq(rig_install(&rig, SIZE), OTA_ERROR_MAGIC_BYTE);
    ota_updater_error_line(&rig.updater, line, sizeof line);
    cr_assert_str_eq(line, "ERROR[10]: Image is cut short");
    cr_assert_eq(rig.errors, 1);
    cr_assert(rig_runs(&rig, 5000));
    cr_assert_eq(rig_record(&rig).slot[0].size, 0, "it is not on record");
}

Test(updater_segments, that_fit_are_taken)
{
    static const unsigned counts[] = { 1, 2, 16 };

    for (size_t i = 0; i < 3; i++) {
        for (uint32_t end = SIZE - 1; end <= SIZE; end++) {
            given_a_running_sketch();
            given_segments(counts[i], end);
            cr_assert_eq(rig_install(&rig, SIZE), OTA_OK, "%u segments", counts[i]);
            given_esp32();
            given_segments(counts[i], end);
            cr_assert_eq(rig_install(&rig, SIZE), OTA_OK, "%u segments", counts[i]);
        }
    }
}

Test(updater_segments, that_do_not_fit_are_refused)
{
    static const unsigned counts[] = { 1, 2, 16 };

    for (size_t i = 0; i < 3; i++) {
        given_a_running_sketch();
        given_segments(counts[i], SIZE + 1);
        expect_cut_short();
        given_esp32();
        given_segments(counts[i], SIZE + 1);
        expect_cut_short();
    }
}

Test(updater_segments, a_length_beyond_everything)
{
    static const uint32_t lengths[] = { 0xFFFFFFFF, 0xFFFFFFF8, 0xFFFFFFF0, 0x80000000 };

    given_a_running_sketch();
    for (size_t i = 0; i < 4; i++) {
        (void)sketch_segment(rig.image, 8, lengths[i]);
        expect_cut_short();
    }
}

Test(updater_segments, a_header_that_is_cut)
{
    for (uint32_t end = SIZE - 7; end <= SIZE; end++) {
        given_a_running_sketch();
        given_segments(2, end);
        rig.image[1] = 3;
        expect_cut_short();
    }
    given_a_running_sketch();
    given_segments(2, SIZE - 8);
    rig.image[1] = 3;
    memset(rig.image + SIZE - 8, 0, 8);
    cr_assert_eq(rig_install(&rig, SIZE), OTA_OK, "an empty segment fits");
}

/* Other bytes follow the first image of an ESP8266 sketch, and mean nothing to this check. */
Test(updater_segments, what_follows_them_is_not_looked_at)
{
    given_a_running_sketch();
    given_segments(1, 4096);
    memset(rig.image + 4096, 0xE9, SIZE - 4096);
    cr_assert_eq(rig_install(&rig, SIZE), OTA_OK);
}

Test(updater_segments, an_image_that_is_ended_early)
{
    given_a_running_sketch();
    given_segments(1, SIZE);
    cr_assert_eq(ota_updater_begin(&rig.updater, SIZE, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, SIZE - 1), SIZE - 1);
    cr_assert_eq(ota_updater_end(&rig.updater, true), OTA_ERROR_MAGIC_BYTE);
    cr_assert_eq(rig_install(&rig, SIZE), OTA_OK);
}

Test(updater_segments, cannot_be_read)
{
    for (unsigned nth = 1; nth <= 3; nth++) {
        given_a_running_sketch();
        given_segments(2, SIZE);
        cr_assert_eq(rig_begin(&rig, SIZE, OTA_SKETCH), OTA_OK);
        cr_assert_eq(ota_updater_write(&rig.updater, rig.image, SIZE), SIZE);
        rig.nor.fail_read = nth;
        cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_ERROR_READ);
        cr_assert(rig_runs(&rig, 5000));
    }
}

Test(updater_segments, a_file_system_has_none)
{
    given_a_running_sketch();
    given_segments(1, SIZE + 1);
    cr_assert_eq(rig_update(&rig, SIZE, SIZE, OTA_FILESYSTEM), OTA_OK);
}
