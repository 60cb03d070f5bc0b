/*
 * Marks that are cut while they are set, and copies that are lost, and the starts that make it
 * good.
 */
#include "tests/unit/device/record_cut_rig.h"

/* Whatever it read as before: once it is set again, it is set for ever. */
static void expect_mark_becomes_firm(struct ota_record *record, uint32_t mark)
{
    cr_assert(repair(record));
    cr_assert_eq(ota_record_set_mark(record, mark), OTA_OK);
    for (unsigned i = 0; i < READS; i++) {
        struct ota_record found = rig_found(&rig);
        cr_assert(rig_is_set(&rig, &found, mark));
    }
    cr_assert_eq(nor->broken, NOR_RULES_KEPT);
}

/* Setting a mark, or the start behind that and setting it again, is cut; false: neither was. */
static bool cut_mark(enum start start, uint64_t n, enum nor_cut cut, uint64_t m,
                     enum nor_cut second)
{
    struct state old = prepare(&record_geometries[3], start);
    uint32_t mark = OTA_MARK_BOOT + 2;
    struct ota_record record = rig_found(&rig);

    nor->random = 31 * n + m;
    nor_flash_cut_in(nor, n, cut);
    if (ota_record_set_mark(&record, mark) == OTA_OK)
        return false;
    power_on();
    old = expect_either(&old, &old);
    nor_flash_cut_in(nor, m, second);
    if (repair(&old.record))
        (void)ota_record_set_mark(&old.record, mark);
    if (nor->off)
        power_on();
    else if (m == 1)
        return false;
    nor_flash_cut_in(nor, 0, cut);
    old = expect_either(&old, &old);
    expect_mark_becomes_firm(&old.record, mark);
    return true;
}

Test(record_repair, marks_are_set_or_not_and_firm_when_they_are_set_again)
{
    unsigned tried = 0;

    for (enum start start = START_BOTH; start < STARTS; start++) {
        for (unsigned kinds = 0; kinds < NOR_CUT_KINDS * NOR_CUT_KINDS; kinds++) {
            for (uint64_t n = 1; n <= 2; n++) {
                for (uint64_t m = 1; m < 14; m++)
                    tried += cut_mark(start, n, (enum nor_cut)(kinds % NOR_CUT_KINDS), m,
                                      (enum nor_cut)(kinds / NOR_CUT_KINDS));
            }
        }
    }
    cr_assert_gt(tried, 2500);
}

/* Both copies of a mark may flicker, one after the other: it is never lost once it is firm. */
Test(record_repair, marks_in_a_row_stay_in_a_row)
{
    for (unsigned i = 0; i < 2 * NOR_CUT_KINDS * 20; i++) {
        struct state old = prepare(&record_geometries[1], START_BOTH);
        struct ota_record record = rig_found(&rig);
        uint32_t count = 1;
        nor->random = i;
        for (unsigned n = i; count < 2 * RIG_PIECES; n++) {
            nor_flash_cut_in(nor, 1 + n % 3, (enum nor_cut)(i / 2 % NOR_CUT_KINDS));
            enum ota_error error = ota_record_set_mark(&record, OTA_MARK_STEP + count);
            nor_flash_power_on(nor);
            record = rig_found(&rig);
            cr_assert(holds(&record, &old));
            uint32_t found = rig_count(&rig, &record, OTA_MARK_STEP, 2 * RIG_PIECES);
            cr_assert(found == count + 1 || (error && found == count));
            /* The last one may flicker; without it being firm, nothing goes on. */
            if (found == count + 1)
                cr_assert_eq(ota_record_set_mark(&record, OTA_MARK_STEP + count), OTA_OK);
            count = found;
        }
        cr_assert_eq(nor->broken, NOR_RULES_KEPT);
    }
}

/* Either copy, at rest; the start that repairs it is cut, and the next one, and so on. */
Test(record_repair, a_lost_copy_is_made_good_whatever_happens)
{
    for (unsigned i = 0; i < 2 * NOR_CUT_KINDS * 40; i++) {
        struct state old = prepare(&record_geometries[1], START_BOTH);
        unsigned lost = i % 2;
        nor->random = i;
        memset(rig_copy(&rig, lost) + i % 88, 0, 16);
        for (uint64_t n = 1; n < 12; n++) {
            struct state found = expect_either(&old, &old);
            nor_flash_cut_in(nor, 1 + (n * 5 + i) % 13,
                             (enum nor_cut)((i / 2 + n) % NOR_CUT_KINDS));
            (void)repair(&found.record);
            nor_flash_power_on(nor);
            expect_firm_copy(&old, &old);
        }
        expect_recovery(&old, &old);
    }
}
