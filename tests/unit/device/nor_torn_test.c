/*
 * What may be done with what a power cut has torn.
 */
#include "tests/unit/device/nor_cut_rig.h"

TestSuite(nor_torn, .init = prepare);

Test(nor_torn, a_torn_program_leaves_its_whole_range_torn)
{
    for (int cut = NOR_CUT_HALF; cut < NOR_CUT_KINDS; cut++) {
        begin(1);
        cut_program((enum nor_cut)cut, (const uint8_t *)"\0\0\0\0\0\0\0\0\xFF\xFF\xFF\xFF", 12);
        expect_refused_twice(256, "1234", 4);
        expect_refused_twice(264, "1234", 4);
        cr_assert(program(252, "1234", 4));
        cr_assert(program(268, "1234", 4));
        cr_assert(program(264, zeros, 4), "zeros may go over it");
        cr_assert(f->erase(f->ctx, 0, 4096));
        cr_assert(program(256, "123456789abc", 12));
    }
}

Test(nor_torn, a_torn_erase_leaves_its_whole_range_torn)
{
    for (int cut = NOR_CUT_HALF; cut < NOR_CUT_KINDS; cut++) {
        begin(1);
        cut_erase((enum nor_cut)cut, 0xFF, 16384);
        cr_assert(is_all(chip.cells, 16384, 0xFF), "it was blank, and looks so");
        expect_refused_twice(0, "1234", 4);
        expect_refused_twice(16380, "1234", 4);
        cr_assert(program(16384, "1234", 4));
        cr_assert(program(12284, zeros, 4), "zeros may go over it");
        cr_assert(f->erase(f->ctx, 0, 4096));
        cr_assert(program(0, "1234", 4));
        expect_refused_twice(4096, "1234", 4);
        cr_assert(f->erase(f->ctx, 0, 16384));
        cr_assert(program(4096, "1234", 4));
    }
}

Test(nor_torn, zeros_make_a_torn_unit_stable)
{
    for (int cut = NOR_CUT_HALF; cut < NOR_CUT_KINDS; cut++) {
        uint8_t bytes[16];
        begin(7);
        cut_program((enum nor_cut)cut, zeros, 16);
        cr_assert(program(256, zeros, 8));
        cr_assert(is_all(chip.cells + 256, 8, 0));
        cr_assert(is_all(chip.unstable + 256, 8, 0));
        cr_assert(program(256, zeros, 16), "over zeros, and torn units");
        read_at(256, bytes, 16);
        cr_assert(is_all(bytes, 16, 0));
        cr_assert(is_all(chip.torn, f->size / 4, 0));
    }
}

/* Cut again while they are made stable: they stay torn, and may be made so yet again. */
Test(nor_torn, a_torn_unit_can_be_torn_again)
{
    for (int cut = NOR_CUT_HALF; cut < NOR_CUT_KINDS; cut++) {
        for (int second = NOR_CUT_HALF; second < NOR_CUT_KINDS; second++) {
            begin(7);
            cut_program((enum nor_cut)cut, zeros, 16);
            cut_program((enum nor_cut)second, zeros, 16);
            expect_refused_twice(256, "1234", 4);
            cr_assert(program(256, zeros, 16));
            cr_assert(is_all(chip.unstable, f->size, 0));
        }
    }
}

Test(nor_torn, an_erase_makes_everything_stable)
{
    cut_erase(NOR_CUT_UNSTABLE, 0, 4096);
    cr_assert(f->erase(f->ctx, 0, 4096));
    cr_assert(is_all(chip.unstable, f->size, 0));
    cr_assert(is_all(chip.cells, 4096, 0xFF));
}
