#include "tests/unit/device/test_flash.h"

#include <criterion/criterion.h>

static const struct ota_flash geometry = {
    .size = 256u << 10, .erase_size = 4096, .block_size = 65536, .write_size = 4
};

static struct test_flash chip;
static struct nor_flash *const nor = &chip.nor;
static const struct ota_flash *const f = &chip.nor.flash;
static const uint8_t zeros[65536];

static void prepare(void)
{
    test_flash_init(&chip, &geometry);
}

static bool program(uint32_t offset, const void *bytes, uint32_t len)
{
    return f->write(f->ctx, offset, bytes, len);
}

static bool erase(uint32_t offset, uint32_t len)
{
    return f->erase(f->ctx, offset, len);
}

static uint8_t byte_at(uint32_t offset)
{
    uint8_t byte = 0x55;

    cr_assert(f->read(f->ctx, offset, &byte, 1));
    return byte;
}

/* The last operation was refused for this; forget it. */
static void expect_broken(enum nor_rule rule, uint32_t at)
{
    cr_assert_eq(nor->broken, rule, "%s", nor_rule_text(nor->broken));
    cr_assert_eq(nor->broken_at, at);
    nor->broken = NOR_RULES_KEPT;
}

TestSuite(nor_flash, .init = prepare);

Test(nor_flash, keeps_what_its_cells_hold)
{
    uint8_t bytes[3];

    memcpy(chip.cells + 4095, "abc", 3);
    nor_flash_init(nor, &geometry, chip.cells, chip.unstable, chip.torn);
    cr_assert(f->read(f->ctx, 4095, bytes, 3));
    cr_assert_arr_eq(bytes, "abc", 3);
    cr_assert(f->read(f->ctx, f->size, bytes, 0));
    cr_assert_eq(nor->broken, NOR_RULES_KEPT);
}

Test(nor_flash, programs_and_erases)
{
    cr_assert(program(65532, "12345678", 8));
    cr_assert(program(131068, "1234", 4));
    cr_assert_eq(byte_at(65532), '1');
    cr_assert_eq(byte_at(65539), '8');
    cr_assert(erase(65536, 65536));
    cr_assert_eq(byte_at(65535), '4');
    cr_assert_eq(byte_at(65536), 0xFF);
    cr_assert_eq(byte_at(131071), 0xFF);
    cr_assert(erase(61440, 4096));
    cr_assert_eq(byte_at(65535), 0xFF);
    cr_assert(program(65532, "1234", 4), "it is erased");
    cr_assert_eq(nor->broken, NOR_RULES_KEPT);
}

Test(nor_flash, refuses_what_is_outside)
{
    uint8_t bytes[8];

    cr_assert_not(f->read(f->ctx, f->size - 4, bytes, 8));
    expect_broken(NOR_RULE_OUTSIDE, f->size - 4);
    cr_assert_not(f->read(f->ctx, UINT32_MAX, bytes, 2));
    expect_broken(NOR_RULE_OUTSIDE, UINT32_MAX);
    cr_assert_not(program(f->size - 4, zeros, 8));
    expect_broken(NOR_RULE_OUTSIDE, f->size - 4);
    cr_assert_not(program(UINT32_MAX - 3, zeros, 8));
    expect_broken(NOR_RULE_OUTSIDE, UINT32_MAX - 3);
    cr_assert_not(erase(f->size, 4096));
    expect_broken(NOR_RULE_OUTSIDE, f->size);
    cr_assert_eq(byte_at(f->size - 1), 0xFF);
}

Test(nor_flash, refuses_what_is_not_aligned)
{
    static const uint32_t programs[][2] = { { 2, 4 }, { 0, 3 }, { 0, 0 }, { 1, 2 } };
    static const uint32_t erases[][2] = {
        { 4, 4096 }, { 0, 8192 }, { 4096, 65536 }, { 0, 0 }, { 2048, 2048 },
    };

    for (unsigned i = 0; i < 4; i++) {
        cr_assert_not(program(programs[i][0], zeros, programs[i][1]), "%u", i);
        expect_broken(NOR_RULE_ALIGNMENT, programs[i][0]);
    }
    for (unsigned i = 0; i < 5; i++) {
        cr_assert_not(erase(erases[i][0], erases[i][1]), "%u", i);
        expect_broken(NOR_RULE_ALIGNMENT, erases[i][0]);
    }
    cr_assert_eq(byte_at(0), 0xFF);
}

Test(nor_flash, the_first_broken_rule_is_remembered)
{
    (void)program(2, zeros, 4);
    (void)erase(f->size, 4096);
    expect_broken(NOR_RULE_ALIGNMENT, 2);
    for (int i = NOR_RULES_KEPT; i <= NOR_RULE_PROTECTED; i++)
        cr_assert_str_neq(nor_rule_text((enum nor_rule)i), "unknown rule");
}

Test(nor_flash, a_unit_is_programmed_once)
{
    cr_assert(program(0, "\xF0\xFF\xFF\xFF", 4));
    cr_assert_not(program(0, "\xF0\xFF\xFF\xFF", 4), "not even the same");
    expect_broken(NOR_RULE_TWICE, 0);
    cr_assert_not(program(0, "\x70\xFF\xFF\xFF", 4), "not even when it only clears bits");
    expect_broken(NOR_RULE_TWICE, 0);
    cr_assert_not(program(0, zeros, 4), "not even zeros");
    expect_broken(NOR_RULE_TWICE, 0);
    cr_assert_not(program(0, "\xFF\xFF\xFF\xFF", 4));
    expect_broken(NOR_RULE_TWICE, 0);
    cr_assert(program(4, "1234", 4), "the unit behind it is another one");
    cr_assert_not(program(4, "5678", 4));
    expect_broken(NOR_RULE_TWICE, 4);
    cr_assert_eq(byte_at(0), 0xF0);
    cr_assert_eq(byte_at(4), '1');
}

Test(nor_flash, what_is_refused_changes_nothing_at_all)
{
    cr_assert(program(8, "1234", 4));
    cr_assert_not(program(0, "5678abcdefgh", 12), "its last unit holds something");
    expect_broken(NOR_RULE_TWICE, 8);
    cr_assert_eq(byte_at(0), 0xFF);
    cr_assert_eq(byte_at(4), 0xFF);
}

Test(nor_flash, zeros_go_over_zeros)
{
    cr_assert(program(0, zeros, 8));
    cr_assert(program(0, zeros, 4));
    cr_assert(program(4, zeros, 8), "zeros, and a blank unit");
    cr_assert_not(program(0, "\0\0\0\1", 4));
    expect_broken(NOR_RULE_TWICE, 0);
    cr_assert_eq(nor->broken, NOR_RULES_KEPT);
}

Test(nor_flash, protected_ranges_stay_as_they_are)
{
    nor_flash_protect(nor, 4096, 4096);
    nor_flash_protect(nor, 16384, 4);
    cr_assert_not(erase(4096, 4096));
    expect_broken(NOR_RULE_PROTECTED, 4096);
    cr_assert_not(erase(0, 65536));
    expect_broken(NOR_RULE_PROTECTED, 0);
    cr_assert_not(program(4092, "12345678", 8));
    expect_broken(NOR_RULE_PROTECTED, 4092);
    cr_assert_not(program(16384, "1234", 4));
    expect_broken(NOR_RULE_PROTECTED, 16384);
    cr_assert(erase(0, 4096));
    cr_assert(erase(8192, 4096));
    cr_assert(program(4092, "1234", 4));
    cr_assert(program(16388, "1234", 4));
    cr_assert_eq(byte_at(4096), 0xFF);
}

Test(nor_flash, too_many_protected_ranges_protect_everything)
{
    for (uint32_t i = 0; i <= NOR_PROTECTED_MAX; i++)
        nor_flash_protect(nor, 4096 * i, 4096);
    cr_assert_not(erase(f->size - 4096, 4096));
    expect_broken(NOR_RULE_PROTECTED, f->size - 4096);
}

Test(nor_flash, time_is_what_data_sheets_say)
{
    cr_assert(program(0, "1234", 4));
    cr_assert_eq(nor->busy_us, 0, "no timing was asked for");
    nor->timing = nor_timing_typical;
    cr_assert(erase(0, 4096));
    cr_assert_eq(nor->busy_us, 45000);
    cr_assert(erase(0, 65536));
    cr_assert_eq(nor->busy_us, 195000);
    cr_assert(program(0, zeros, 4096));
    cr_assert_eq(nor->busy_us, 195000 + 16 * 400);
    cr_assert(program(4096 + 252, zeros, 8), "parts of two pages");
    cr_assert_eq(nor->busy_us, 195000 + 18 * 400);
    cr_assert(program(8192 + 4, zeros, 4));
    cr_assert_eq(nor->busy_us, 195000 + 19 * 400);
    (void)byte_at(0);
    cr_assert_eq(nor->busy_us, 195000 + 19 * 400, "reading takes none");
}

Test(nor_flash, operations_and_wear_are_counted)
{
    cr_assert(program(0, zeros, 4));
    cr_assert(erase(65536, 65536));
    cr_assert(erase(65536, 4096));
    (void)byte_at(0);
    (void)byte_at(0);
    cr_assert_not(program(1, zeros, 4));
    cr_assert_eq(nor->counts.programs, 2);
    cr_assert_eq(nor->counts.erases, 2);
    cr_assert_eq(nor->counts.blocks, 1);
    cr_assert_eq(nor->counts.reads, 2);
    cr_assert_eq(nor->operations, 4);
    cr_assert_eq(chip.wear[15], 0);
    cr_assert_eq(chip.wear[16], 2);
    cr_assert_eq(chip.wear[17], 1);
    cr_assert_eq(chip.wear[31], 1);
    cr_assert_eq(chip.wear[32], 0);
}

Test(nor_flash, operations_fail_when_they_are_told_to)
{
    uint8_t byte;

    nor->fail_read = 2;
    cr_assert(f->read(f->ctx, 0, &byte, 1));
    cr_assert_not(f->read(f->ctx, 0, &byte, 1));
    cr_assert(f->read(f->ctx, 0, &byte, 1));
    nor->fail_write = 1;
    cr_assert_not(program(0, "1234", 4));
    cr_assert_eq(byte_at(0), 0xFF);
    cr_assert(program(0, "1234", 4));
    nor->fail_erase = 2;
    cr_assert(erase(4096, 4096));
    cr_assert_not(erase(0, 4096));
    cr_assert_eq(byte_at(0), '1');
    cr_assert(erase(0, 4096));
    cr_assert_eq(nor->broken, NOR_RULES_KEPT);
}

Test(nor_flash, a_worn_range_does_not_change)
{
    cr_assert(program(4096, "1234", 4));
    nor->worn_offset = 4096;
    nor->worn_size = 4;
    cr_assert_not(erase(4096, 4096));
    cr_assert_not(erase(0, 65536));
    cr_assert_eq(byte_at(4096), '1');
    cr_assert(program(4100, "5678", 4));
    nor->worn_size = 12;
    cr_assert_not(program(4104, "1234", 4));
    cr_assert_eq(byte_at(4104), 0xFF);
    cr_assert(erase(0, 4096));
    cr_assert(erase(8192, 4096));
    cr_assert_eq(nor->broken, NOR_RULES_KEPT);
    nor->worn_size = 0;
    cr_assert(erase(0, 65536), "none is worn");
}

Test(nor_flash, a_stuck_byte_is_misread)
{
    uint8_t bytes[3];

    nor->stuck = 5;
    cr_assert(program(4, "1234", 4));
    cr_assert_eq(byte_at(5), '2' ^ 1);
    cr_assert(f->read(f->ctx, 3, bytes, 3));
    cr_assert_arr_eq(bytes,
                     "\xFF"
                     "1\x33",
                     3);
    cr_assert_eq(byte_at(4), '1');
    cr_assert_eq(byte_at(6), '3');
    nor->stuck = 0;
    cr_assert_eq(byte_at(0), 0xFE);
}
