/*
 * What a power cut in the middle of an operation leaves in a nor_flash.
 */
#include "tests/unit/device/nor_cut_rig.h"

TestSuite(nor_cut, .init = prepare);

Test(nor_cut, comes_at_the_operation_that_was_named)
{
    nor_flash_cut_in(nor, 3, NOR_CUT_BEFORE);
    cr_assert(program(0, zeros, 4));
    cr_assert(f->erase(f->ctx, 4096, 4096));
    cr_assert_not(nor->off);
    cr_assert_not(program(4, zeros, 4));
    cr_assert(nor->off);
}

Test(nor_cut, everything_fails_until_the_power_is_back)
{
    uint8_t byte = 0;

    cr_assert(program(0, "1234", 4));
    nor_flash_cut_in(nor, 1, NOR_CUT_AFTER);
    cr_assert_not(program(4, "5678", 4));
    uint64_t operations = nor->operations;
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_not(f->read(f->ctx, 0, &byte, 1));
        cr_assert_not(program(8, "9abc", 4));
        cr_assert_not(f->erase(f->ctx, 0, 4096));
    }
    cr_assert_eq(nor->operations, operations);
    nor_flash_power_on(nor);
    read_at(0, &byte, 1);
    cr_assert_eq(byte, '1');
    read_at(8, &byte, 1);
    cr_assert_eq(byte, 0xFF);
    cr_assert(program(8, "9abc", 4));
    cr_assert(f->erase(f->ctx, 0, 4096), "there is no further cut");
}

Test(nor_cut, before_and_after_tear_nothing)
{
    uint8_t bytes[8];

    cut_program(NOR_CUT_BEFORE, (const uint8_t *)"12345678", 8);
    read_at(256, bytes, 8);
    cr_assert(is_all(bytes, 8, 0xFF));
    cut_program(NOR_CUT_AFTER, (const uint8_t *)"12345678", 8);
    read_at(256, bytes, 8);
    cr_assert_arr_eq(bytes, "12345678", 8);
    cut_erase(NOR_CUT_BEFORE, 0xA5, 4096);
    cr_assert(is_all(chip.cells, 4096, 0xA5));
    cut_erase(NOR_CUT_AFTER, 0xA5, 4096);
    cr_assert(is_all(chip.cells, 4096, 0xFF));
    cr_assert_eq(chip.cells[4096], 0xA5);
    cr_assert(is_all(chip.torn, f->size / 4, 0));
    cr_assert(is_all(chip.unstable, f->size, 0));
    cr_assert(program(0, "1234", 4));
}

Test(nor_cut, half_of_a_program)
{
    uint8_t bytes[16];

    cut_program(NOR_CUT_HALF, zeros, 16);
    read_at(256, bytes, 16);
    cr_assert(is_all(bytes, 8, 0x00));
    cr_assert(is_all(bytes + 8, 8, 0xFF));
    begin(0);
    cut_program(NOR_CUT_HALF, zeros, 4);
    read_at(256, bytes, 4);
    cr_assert_arr_eq(bytes, "\0\0\xFF\xFF", 4, "in the middle of a unit");
    cr_assert(is_all(chip.unstable, f->size, 0));
}

Test(nor_cut, half_of_an_erase)
{
    cut_erase(NOR_CUT_HALF, 0xA5, 4096);
    cr_assert(is_all(chip.cells, 2048, 0xFF));
    cr_assert(is_all(chip.cells + 2048, 4096, 0xA5));
    cut_erase(NOR_CUT_HALF, 0xA5, 16384);
    cr_assert(is_all(chip.cells, 8192, 0xFF));
    cr_assert(is_all(chip.cells + 8192, 8192, 0xA5));
}

Test(nor_cut, some_bits_of_a_program)
{
    uint8_t before[16];

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        uint8_t in[16] = { [8] = 0xFF, [9] = 0x0F };
        uint8_t bytes[16];
        begin(seed);
        cut_program(NOR_CUT_BITS, in, 16);
        read_at(256, bytes, 16);
        expect_about_half(count_bits(bytes, 16));
        cr_assert_eq(bytes[8], 0xFF, "nothing was to change here");
        cr_assert_eq(bytes[9] & 0x0F, 0x0F);
        cr_assert(is_all(chip.unstable, f->size, 0));
        cr_assert(seed == 0 || memcmp(bytes, before, 16) != 0, "the seed decides");
        memcpy(before, bytes, 16);
    }
    begin(SEEDS - 1);
    cut_program(NOR_CUT_BITS, (const uint8_t[16]){ [8] = 0xFF, [9] = 0x0F }, 16);
    cr_assert_arr_eq(chip.cells + 256, before, 16, "and nothing else does");
}

Test(nor_cut, some_bits_of_an_erase)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        begin(seed);
        cut_erase(NOR_CUT_BITS, 0x0F, 4096);
        for (uint32_t i = 0; i < 4096; i++)
            cr_assert_eq(chip.cells[i] & 0x0F, 0x0F, "erasing sets bits only");
        cr_assert(is_all(chip.cells + 4096, 4096, 0x0F));
        unsigned set = count_bits(chip.cells, 4096) - 4 * 4096;
        cr_assert(set > 7000 && set < 9400, "half of 16384, not %u", set);
        cr_assert(is_all(chip.unstable, f->size, 0));
    }
}

/* Some bits have changed and some have not, and some of each are unstable. */
Test(nor_cut, some_bits_unstable)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        uint8_t flickering[16];
        begin(seed);
        cut_program(NOR_CUT_UNSTABLE, zeros, 16);
        expect_about_half(count_bits(chip.unstable + 256, 16));
        expect_about_half(count_bits(chip.cells + 256, 16));
        find_flickering(256, flickering);
        cr_assert_arr_eq(flickering, chip.unstable + 256, 16);
        cr_assert_eq(count_bits(chip.unstable, f->size), count_bits(flickering, 16));
        cut_erase(NOR_CUT_UNSTABLE, 0, 4096);
        unsigned unstable = count_bits(chip.unstable, 4096);
        cr_assert(unstable > 15000 && unstable < 17800, "half of 32768, not %u", unstable);
        find_flickering(0, flickering);
        cr_assert_arr_eq(flickering, chip.unstable, 16);
    }
}

/* Only bits that an operation changes can come out of it unstable. */
Test(nor_cut, what_an_operation_leaves_alone_stays_stable)
{
    static const enum nor_cut cuts[] = { NOR_CUT_UNSTABLE, NOR_CUT_UNSTABLE_FEW,
                                         NOR_CUT_UNSTABLE_START };

    for (uint64_t seed = 0; seed < 3 * (uint64_t)SEEDS; seed++) {
        uint8_t in[16];
        memset(in, 0xF5, sizeof in);
        begin(seed);
        cut_program(cuts[seed % 3], in, 16);
        for (unsigned i = 0; i < 16; i++) {
            cr_assert_eq(chip.unstable[256 + i] & 0xF5, 0);
            cr_assert_eq(chip.cells[256 + i] & 0xF5, 0xF5);
        }
        cut_erase(cuts[seed % 3], 0xF5, 4096);
        for (unsigned i = 0; i < 4096; i++)
            cr_assert_eq(chip.unstable[i] & 0xF5, 0);
    }
}

/* One to three bits are unstable; all others are as they were to become, or as they were. */
Test(nor_cut, few_bits_unstable)
{
    unsigned seen[4] = { 0 };

    for (uint64_t seed = 0; seed < 4 * (uint64_t)SEEDS; seed++) {
        bool start = seed % 2 == 1;
        enum nor_cut cut = start ? NOR_CUT_UNSTABLE_START : NOR_CUT_UNSTABLE_FEW;
        unsigned unstable;
        begin(seed);
        cut_program(cut, zeros, 16);
        unstable = count_bits(chip.unstable + 256, 16);
        cr_assert(unstable >= 1 && unstable <= 3, "%u", unstable);
        for (unsigned i = 256; i < 272; i++)
            cr_assert_eq(chip.cells[i] | chip.unstable[i], start ? 0xFF : chip.unstable[i]);
        seen[unstable]++;
        cut_erase(cut, 0x0F, 16384);
        unstable = count_bits(chip.unstable, 16384);
        cr_assert(unstable >= 1 && unstable <= 3, "%u", unstable);
        for (unsigned i = 0; i < 16384; i++)
            cr_assert_eq(chip.cells[i] | chip.unstable[i], start ? 0x0F | chip.unstable[i] : 0xFF);
    }
    cr_assert(seen[1] > 0 && seen[2] > 0 && seen[3] > 0);
}

/* The content reads as complete now and then, and now and then not. */
Test(nor_cut, few_unstable_bits_look_complete_at_times)
{
    unsigned complete = 0;

    cut_program(NOR_CUT_UNSTABLE_FEW, zeros, 16);
    for (unsigned n = 0; n < 200; n++) {
        uint8_t bytes[16];
        read_at(256, bytes, 16);
        complete += is_all(bytes, 16, 0);
    }
    cr_assert(complete > 0 && complete < 200, "%u", complete);
}

Test(nor_cut, without_unstable_bits_it_is_random_bits)
{
    for (int cut = NOR_CUT_BITS; cut < NOR_CUT_KINDS; cut++) {
        begin(3);
        nor_flash_init(nor, &geometry, chip.cells, NULL, chip.torn);
        cut_program((enum nor_cut)cut, zeros, 16);
        expect_about_half(count_bits(chip.cells + 256, 16));
        expect_refused_twice(256, "1234", 4);
    }
}

Test(nor_cut, without_torn_units_the_content_tells)
{
    nor_flash_init(nor, &geometry, chip.cells, chip.unstable, NULL);
    cut_program(NOR_CUT_HALF, (const uint8_t *)"1234\xFF\xFF\xFF\xFF", 8);
    expect_refused_twice(256, "1234", 4);
    cr_assert(program(260, "1234", 4));
}

/* A unit that is worn out does not change by a cut either. */
Test(nor_cut, what_is_worn_out_is_not_torn)
{
    nor->worn_offset = 0;
    nor->worn_size = 4096;
    cut_program(NOR_CUT_AFTER, zeros, 4);
    cut_program(NOR_CUT_HALF, zeros, 4);
    cr_assert(is_all(chip.cells, 4096, 0xFF));
    cr_assert(is_all(chip.torn, f->size / 4, 0));
}

/* The power stays, but nobody can know what the operation has done. */
Test(nor_cut, a_failure_may_leave_what_a_cut_leaves)
{
    uint8_t byte;

    nor->failure = NOR_CUT_HALF;
    nor->fail_write = 1;
    cr_assert_not(program(256, zeros, 16));
    read_at(257, &byte, 1);
    cr_assert_eq(byte, 0);
    expect_refused_twice(268, "1234", 4);
    nor->failure = NOR_CUT_AFTER;
    nor->fail_erase = 1;
    cr_assert_not(f->erase(f->ctx, 0, 4096));
    cr_assert_not(nor->off);
    cr_assert(program(256, "1234", 4));
}

Test(nor_cut, every_cut_has_its_text)
{
    for (int cut = 0; cut < NOR_CUT_KINDS; cut++)
        cr_assert_str_neq(nor_cut_text((enum nor_cut)cut), "unknown cut");
}
