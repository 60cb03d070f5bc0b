/*
 * Marks of the boot record, without and with failing flash.
 */
#include "tests/unit/device/record_rig.h"

static struct record_rig rig;
static struct nor_flash *const nor = &rig.chip.nor;
static struct ota_record record;

/* A record in both copies. */
static void prepare(const struct record_geometry *geometry)
{
    rig_init(&rig, geometry);
    record = rig_record(0, 2);
    rig_bind(&rig, &record);
    cr_assert_eq(ota_record_write(&record), OTA_OK);
    cr_assert_eq(record.copies, 3);
}

static void prepare_standard(void)
{
    prepare(&record_geometries[0]);
}

TestSuite(record_mark, .init = prepare_standard);

static enum ota_error set_mark(uint32_t mark)
{
    return ota_record_set_mark(&record, mark);
}

static bool is_zeros(unsigned copy, uint32_t mark)
{
    const uint8_t *at = rig_mark(&rig, copy, mark);

    for (uint32_t i = 0; i < rig_mark_size(&rig); i++) {
        if (at[i] != 0)
            return false;
    }
    return true;
}

/* Every mark there is, in every order of write units. */
Test(record_mark, is_programmed_to_zeros_in_both_copies)
{
    const uint32_t marks = OTA_MARK_STEP + 2 * RIG_PIECES;

    for (unsigned i = 0; i < RECORD_GEOMETRIES; i++) {
        prepare(&record_geometries[i]);
        for (uint32_t mark = OTA_MARK_WRITING; mark < marks; mark++) {
            cr_assert_not(rig_is_set(&rig, &record, mark));
            cr_assert_eq(set_mark(mark), OTA_OK);
            cr_assert(rig_is_set(&rig, &record, mark));
            cr_assert(is_zeros(0, mark) && is_zeros(1, mark));
            if (mark + 1 < marks)
                cr_assert_eq(rig_mark(&rig, 0, mark + 1)[0], 0xFF);
        }
        cr_assert_leq(rig_mark(&rig, 0, marks), rig_copy(&rig, 0) + rig.layout.record[0].size);
        cr_assert_eq(nor->broken, NOR_RULES_KEPT);
        struct ota_record found = rig_found(&rig);
        cr_assert(rig_is_same(&found, &record, true), "the record itself has not changed");
    }
}

Test(record_mark, can_be_set_again)
{
    for (unsigned i = 0; i < 3; i++)
        cr_assert_eq(set_mark(OTA_MARK_WRITING), OTA_OK);
    cr_assert_eq(set_mark(OTA_MARK_COMMIT), OTA_OK);
    cr_assert_eq(nor->broken, NOR_RULES_KEPT);
}

Test(record_mark, counts_in_either_copy_that_holds_the_record)
{
    memset(rig_mark(&rig, 1, OTA_MARK_GIVEN_UP), 0, 4);
    cr_assert(rig_is_set(&rig, &record, OTA_MARK_GIVEN_UP));
    record.copies = 2;
    cr_assert(rig_is_set(&rig, &record, OTA_MARK_GIVEN_UP));
    record.copies = 1;
    cr_assert_not(rig_is_set(&rig, &record, OTA_MARK_GIVEN_UP));
    record.copies = 0;
    cr_assert_not(rig_is_set(&rig, &record, OTA_MARK_GIVEN_UP));
}

Test(record_mark, is_set_when_half_of_it_is)
{
    uint8_t *at = rig_mark(&rig, 0, OTA_MARK_BOOT);

    memcpy(at, "\xAA\x55\x0F\xF0", 4);
    cr_assert(rig_is_set(&rig, &record, OTA_MARK_BOOT));
    memcpy(at, "\xAA\x55\x0F\xF1", 4);
    cr_assert_not(rig_is_set(&rig, &record, OTA_MARK_BOOT));
}

Test(record_mark, marks_in_a_row_are_counted)
{
    cr_assert_eq(rig_count(&rig, &record, OTA_MARK_BOOT, 8), 0);
    cr_assert_eq(set_mark(OTA_MARK_BOOT), OTA_OK);
    memset(rig_mark(&rig, 1, OTA_MARK_BOOT + 1), 0, 4);
    cr_assert_eq(set_mark(OTA_MARK_BOOT + 2), OTA_OK);
    cr_assert_eq(set_mark(OTA_MARK_BOOT + 4), OTA_OK);
    cr_assert_eq(rig_count(&rig, &record, OTA_MARK_BOOT, 8), 3, "one of them in copy 1 alone");
    cr_assert_eq(rig_count(&rig, &record, OTA_MARK_BOOT, 2), 2);
    cr_assert_eq(rig_count(&rig, &record, OTA_MARK_BOOT, 0), 0);
    cr_assert_eq(rig_count(&rig, &record, OTA_MARK_BOOT + 4, 8), 1);
}

Test(record_mark, a_failure_to_read_is_told)
{
    uint32_t count;
    bool set = true;

    cr_assert_eq(set_mark(OTA_MARK_BOOT), OTA_OK);
    for (unsigned n = 1; n <= 2; n++) {
        nor->fail_read = n;
        cr_assert(ota_record_get_mark(&record, OTA_MARK_BOOT, &set));
        cr_assert(set, "by the other copy");
    }
    nor->off = true;
    cr_assert_not(ota_record_get_mark(&record, OTA_MARK_BOOT, &set));
    cr_assert_not(set);
    cr_assert_not(ota_record_count_marks(&record, OTA_MARK_BOOT, 8, &count));
    nor->off = false;
}

/* Programming and looking at it, a copy after the other. */
Test(record_mark, is_set_an_operation_at_a_time)
{
    for (uint8_t copies = 1; copies <= 3; copies++) {
        uint64_t operations = nor->operations + nor->counts.reads;
        uint64_t begun = operations;
        uint8_t step = 0;
        record.copies = copies;
        do {
            cr_assert_eq(ota_record_set_mark_step(&record, OTA_MARK_BOOT + copies, &step), OTA_OK);
            cr_assert_leq(nor->operations + nor->counts.reads, operations + 1);
            operations = nor->operations + nor->counts.reads;
        } while (step != OTA_MARK_IS_SET);
        cr_assert_eq(operations - begun, copies == 3 ? 4 : 2);
        cr_assert_eq(is_zeros(0, OTA_MARK_BOOT + copies), copies & 1);
        cr_assert_eq(is_zeros(1, OTA_MARK_BOOT + copies), copies >> 1);
    }
}

/* One copy is enough, whatever happens to the other. */
Test(record_mark, one_copy_that_fails_does_no_harm)
{
    for (unsigned copy = 0; copy < 2; copy++) {
        uint32_t mark = OTA_MARK_BOOT + 3 * copy;
        nor->fail_write = 1 + copy;
        cr_assert_eq(set_mark(mark), OTA_OK);
        cr_assert_eq(is_zeros(copy, mark), false);
        cr_assert(rig_is_set(&rig, &record, mark));
        nor->fail_read = 1 + copy;
        cr_assert_eq(set_mark(mark + 1), OTA_OK);
        nor->worn_offset = rig.layout.record[copy].offset;
        nor->worn_size = rig.layout.record[copy].size;
        cr_assert_eq(set_mark(mark + 2), OTA_OK);
        cr_assert(rig_is_set(&rig, &record, mark + 2));
        nor->worn_size = 0;
    }
}

Test(record_mark, without_a_copy_that_takes_it_it_is_not_set)
{
    nor->worn_size = rig.layout.slot[0].offset;
    cr_assert_eq(set_mark(OTA_MARK_BOOT), OTA_ERROR_WRITE);
    cr_assert_not(rig_is_set(&rig, &record, OTA_MARK_BOOT));
    nor->worn_size = 0;
    record.copies = 1;
    nor->fail_write = 1;
    cr_assert_eq(set_mark(OTA_MARK_BOOT), OTA_ERROR_WRITE);
    nor->fail_read = 1;
    cr_assert_eq(set_mark(OTA_MARK_BOOT), OTA_OK, "a read that fails once is tried again");
    record.copies = 0;
    cr_assert_eq(set_mark(OTA_MARK_BOOT), OTA_ERROR_WRITE);
}

/* A mark that flickers, and that cannot be programmed any more, can be relied on no more. */
Test(record_mark, what_merely_looks_set_is_not_firm)
{
    cr_assert_eq(set_mark(OTA_MARK_BOOT), OTA_OK);
    nor->worn_size = rig.layout.slot[0].offset;
    cr_assert(rig_is_set(&rig, &record, OTA_MARK_BOOT));
    cr_assert_eq(set_mark(OTA_MARK_BOOT), OTA_ERROR_WRITE);
}
