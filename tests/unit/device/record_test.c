#include "ota/record.h"
#include "tests/unit/device/ram_flash.h"

#include <criterion/criterion.h>

static struct ram_flash ram;

#define RECORD_SIZE 64u

static const struct ota_stored sketch_a = { 0, 1000, { 0xAA, 1 } };
static const struct ota_stored sketch_b = { 4096, 2000, { 0xBB, 2 } };

static uint32_t copy_at(unsigned copy)
{
    return ota_layout_record(&ram.flash, copy);
}

static enum ota_error write_sketch(const struct ota_stored *sketch)
{
    struct ota_record record;

    (void)ota_record_read(&ram.flash, &record);
    record.sketch = *sketch;
    return ota_record_write(&ram.flash, &record);
}

static uint32_t read_sketch_size(void)
{
    struct ota_record record;

    cr_assert_eq(ota_record_read(&ram.flash, &record), OTA_RECORD_FOUND);
    return record.sketch.size;
}

Test(record, nothing_is_recorded_on_blank_flash)
{
    struct ota_record record;

    ram_flash_init(&ram, 4096, 4);
    cr_assert_eq(ota_record_read(&ram.flash, &record), OTA_RECORD_EMPTY);
    cr_assert_eq(record.sketch.size, 0);
    cr_assert_eq(record.filesystem.size, 0);
}

Test(record, is_read_as_it_was_written)
{
    struct ota_record record = { .sketch = sketch_a, .filesystem = sketch_b };

    ram_flash_init(&ram, 4096, 256);
    cr_assert_eq(ota_record_write(&ram.flash, &record), OTA_OK);
    record = (struct ota_record){ 0 };
    cr_assert_eq(ota_record_read(&ram.flash, &record), OTA_RECORD_FOUND);
    cr_assert_eq(record.sequence, 1);
    cr_assert_eq(record.sketch.offset, 0);
    cr_assert_eq(record.sketch.size, 1000);
    cr_assert_arr_eq(record.sketch.md5, sketch_a.md5, DIGEST_MD5_SIZE);
    cr_assert_eq(record.filesystem.offset, 4096);
    cr_assert_eq(record.filesystem.size, 2000);
    cr_assert_arr_eq(record.filesystem.md5, sketch_b.md5, DIGEST_MD5_SIZE);
}

/* Computed apart from the code: the fields of SPEC.md packed, and their CRC-32/MPEG-2. */
Test(record, its_bytes_are_those_of_the_specification)
{
    static const uint8_t expected[RECORD_SIZE] = {
        0x4F, 0x54, 0x41, 0x52, 0x01, 0x00, 0x40, 0x00, 0x04, 0x03, 0x02, 0x01, 0x00,
        0x00, 0x01, 0x00, 0x45, 0x23, 0x01, 0x00, 0x11, 0x22, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x20,
        0x00, 0x9A, 0x78, 0x06, 0x00, 0x33, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0D, 0x94, 0xF2, 0x1C,
    };
    struct ota_record record = { .sequence = 0x01020303,
                                 .sketch = { 0x10000, 0x12345, { 0x11, 0x22 } },
                                 .filesystem = { 0x200000, 0x6789A, { 0x33 } } };

    ram_flash_init(&ram, 4096, 1);
    cr_assert_eq(ota_record_write(&ram.flash, &record), OTA_OK);
    cr_assert_arr_eq(ram.cells + RAM_FLASH_SIZE - 8192, expected, sizeof expected);
    cr_assert_eq(ram.cells[RAM_FLASH_SIZE - 8192 + RECORD_SIZE], 0xFF);
}

Test(record, writes_take_turns)
{
    ram_flash_init(&ram, 4096, 4);
    for (uint32_t i = 1; i <= 5; i++) {
        struct ota_stored sketch = { 0, i, { 0 } };
        cr_assert_eq(write_sketch(&sketch), OTA_OK);
        cr_assert_eq(read_sketch_size(), i);
        uint32_t used = copy_at((i - 1) % 2);
        cr_assert_eq(ram.cells[used + 16], i, "write %u is in the other copy than the one before",
                     i);
    }
    cr_assert_not(ram.rule_broken);
}

Test(record, can_be_written_again_without_being_read)
{
    struct ota_record record;

    ram_flash_init(&ram, 4096, 4);
    (void)ota_record_read(&ram.flash, &record);
    for (uint32_t i = 1; i <= 4; i++) {
        record.sketch.size = i;
        cr_assert_eq(ota_record_write(&ram.flash, &record), OTA_OK);
        cr_assert_eq(read_sketch_size(), i);
    }
}

/* A write that is torn after `bytes` bytes, then what is found, then a write that works. */
static void expect_survives_tear(uint32_t bytes, unsigned writes_before)
{
    struct ota_record record;

    ram_flash_init(&ram, 4096, 1);
    for (unsigned i = 0; i < writes_before; i++)
        cr_assert_eq(write_sketch(&sketch_a), OTA_OK);
    ram.fail_write = 1;
    ram.torn = true;
    ram.torn_bytes = bytes;
    cr_assert_eq(write_sketch(&sketch_b), OTA_ERROR_WRITE);
    if (bytes < RECORD_SIZE && writes_before == 0)
        cr_assert_eq(ota_record_read(&ram.flash, &record), OTA_RECORD_EMPTY, "at byte %u", bytes);
    else
        cr_assert_eq(read_sketch_size(), bytes < RECORD_SIZE ? 1000 : 2000, "at byte %u", bytes);
    cr_assert_eq(write_sketch(&sketch_b), OTA_OK);
    cr_assert_eq(read_sketch_size(), 2000);
    cr_assert_not(ram.rule_broken);
}

Test(record, survives_a_write_torn_at_every_byte)
{
    for (uint32_t bytes = 0; bytes <= RECORD_SIZE; bytes++) {
        expect_survives_tear(bytes, 0);
        expect_survives_tear(bytes, 1);
        expect_survives_tear(bytes, 2);
    }
}

Test(record, without_a_valid_copy_torn_writes_leave_the_blank_one_alone)
{
    struct ota_record record;

    for (unsigned scrap = 0; scrap < 2; scrap++) {
        ram_flash_init(&ram, 4096, 1);
        ram.cells[copy_at(scrap)] = 0;
        ram.fail_write = 1;
        ram.torn = true;
        ram.torn_bytes = 20;
        cr_assert_eq(write_sketch(&sketch_a), OTA_ERROR_WRITE);
        cr_assert_eq(ota_record_read(&ram.flash, &record), OTA_RECORD_EMPTY);
    }
}

Test(record, survives_an_erase_that_fails)
{
    ram_flash_init(&ram, 4096, 4);
    cr_assert_eq(write_sketch(&sketch_a), OTA_OK);
    ram.fail_erase = 1;
    cr_assert_eq(write_sketch(&sketch_b), OTA_ERROR_ERASE);
    cr_assert_eq(read_sketch_size(), 1000);
}

Test(record, notices_that_something_else_is_read_back)
{
    ram_flash_init(&ram, 4096, 4);
    cr_assert_eq(write_sketch(&sketch_a), OTA_OK);
    ram.dead_cell = copy_at(1) + 30;
    struct ota_stored sketch = { 0, 3000, { 0 } };
    cr_assert_eq(write_sketch(&sketch), OTA_ERROR_WRITE);
    cr_assert_eq(read_sketch_size(), 1000);
}

Test(record, a_copy_with_any_bit_wrong_does_not_count)
{
    for (uint32_t bit = 0; bit < 8 * RECORD_SIZE; bit++) {
        ram_flash_init(&ram, 4096, 4);
        cr_assert_eq(write_sketch(&sketch_a), OTA_OK);
        cr_assert_eq(write_sketch(&sketch_b), OTA_OK);
        ram.cells[copy_at(1) + bit / 8] ^= (uint8_t)(1u << bit % 8);
        cr_assert_eq(read_sketch_size(), 1000, "bit %u", bit);
    }
}

Test(record, both_copies_bad_is_damage_and_not_emptiness)
{
    struct ota_record record;

    ram_flash_init(&ram, 4096, 4);
    cr_assert_eq(write_sketch(&sketch_a), OTA_OK);
    cr_assert_eq(write_sketch(&sketch_b), OTA_OK);
    ram.cells[copy_at(0)] ^= 1;
    ram.cells[copy_at(1) + 60] ^= 1;
    cr_assert_eq(ota_record_read(&ram.flash, &record), OTA_RECORD_DAMAGED);
    cr_assert_eq(record.sketch.size, 0);
    cr_assert_eq(write_sketch(&sketch_a), OTA_OK, "the way out");
    cr_assert_eq(read_sketch_size(), 1000);
}

Test(record, sequence_numbers_wrap)
{
    struct ota_record record = { .sequence = UINT32_MAX - 1, .sketch = sketch_a };

    ram_flash_init(&ram, 4096, 4);
    cr_assert_eq(ota_record_write(&ram.flash, &record), OTA_OK);
    for (uint32_t i = 1; i <= 3; i++) {
        struct ota_stored sketch = { 0, i, { 0 } };
        cr_assert_eq(write_sketch(&sketch), OTA_OK);
        cr_assert_eq(read_sketch_size(), i);
    }
    cr_assert_eq(ota_record_read(&ram.flash, &record), OTA_RECORD_FOUND);
    cr_assert_eq(record.sequence, 2);
}

Test(record, flash_that_cannot_be_read)
{
    struct ota_record record;

    ram_flash_init(&ram, 4096, 4);
    cr_assert_eq(write_sketch(&sketch_a), OTA_OK);
    ram.fail_read = 2;
    cr_assert_eq(ota_record_read(&ram.flash, &record), OTA_RECORD_UNREADABLE);
    cr_assert_eq(record.sketch.size, 0);
    ram.fail_read = 3;
    cr_assert_eq(write_sketch(&sketch_b), OTA_ERROR_READ);
}
