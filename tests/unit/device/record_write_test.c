/*
 * Writing and repairing the boot record, without and with failing flash. What power cuts do is in
 * record_cut_test.c.
 */
#include "tests/unit/device/record_rig.h"

static struct record_rig rig;
static struct nor_flash *const nor = &rig.chip.nor;

/* What flash holds at first. */
enum start {
    START_EMPTY,   /* nothing */
    START_BOTH,    /* record 5 in both copies */
    START_COPY_0,  /* in copy 0 only, copy 1 is blank */
    START_COPY_1,  /* in copy 1 only, copy 0 is scrap */
    START_STALE_1, /* in copy 0, and record 4 in copy 1 */
    STARTS,
};

static const struct ota_record *old_record(void)
{
    static struct ota_record old;

    old = rig_record(5, 5);
    return &old;
}

static void set_old_marks(unsigned copy)
{
    static const uint32_t marks[] = { OTA_MARK_GIVEN_UP, OTA_MARK_BOOT, OTA_MARK_STEP,
                                      OTA_MARK_STEP + 1 };

    for (unsigned i = 0; i < 4; i++)
        memset(rig_mark(&rig, copy, marks[i]), 0, rig_mark_size(&rig));
}

static void prepare(const struct record_geometry *geometry, enum start start)
{
    struct ota_record stale = rig_record(4, 9);

    rig_init(&rig, geometry);
    for (unsigned copy = 0; copy < 2; copy++) {
        if (start == START_BOTH || start == START_COPY_0 + copy ||
            (start == START_STALE_1 && copy == 0)) {
            rig_place(&rig, copy, old_record());
            set_old_marks(copy);
        }
    }
    if (start == START_STALE_1)
        rig_place(&rig, 1, &stale);
    if (start == START_COPY_1)
        rig_copy(&rig, 0)[1] = 0;
}

static void expect_old_marks(const struct ota_record *record)
{
    cr_assert_not(rig_is_set(&rig, record, OTA_MARK_WRITING));
    cr_assert(rig_is_set(&rig, record, OTA_MARK_GIVEN_UP));
    cr_assert_eq(rig_count(&rig, record, OTA_MARK_BOOT, 8), 1);
    cr_assert_eq(rig_count(&rig, record, OTA_MARK_STEP, 2 * RIG_PIECES), 2);
}

static void expect_no_marks(const struct ota_record *record)
{
    for (uint32_t mark = 1; mark < OTA_MARK_STEP + 2 * RIG_PIECES; mark++)
        cr_assert_not(rig_is_set(&rig, record, mark), "%u", (unsigned)mark);
}

/* What was read, with other content. */
static struct ota_record changed(void)
{
    struct ota_record record;
    struct ota_record wanted = rig_record(0, 77);

    (void)rig_read(&rig, &record);
    wanted.sequence = record.sequence;
    wanted.copies = record.copies;
    wanted.first = record.first;
    rig_bind(&rig, &wanted);
    return wanted;
}

static enum ota_error write_record(struct ota_record *record)
{
    return ota_record_write(record);
}

/* --- Without failures ------------------------------------------------------------------------- */

Test(record_write, both_copies_hold_the_new_record)
{
    for (unsigned i = 0; i < RECORD_GEOMETRIES; i++) {
        for (enum start start = START_EMPTY; start < STARTS; start++) {
            prepare(&record_geometries[i], start);
            struct ota_record record = changed();
            cr_assert_eq(write_record(&record), OTA_OK);
            cr_assert_eq(record.sequence, start == START_EMPTY ? 1 : 6);
            cr_assert_eq(record.copies, 3);
            cr_assert_eq(record.first, 0);
            struct ota_record found = rig_found(&rig);
            cr_assert(rig_is_same(&found, &record, true));
            cr_assert_eq(found.copies, 3);
            expect_no_marks(&found);
            cr_assert_eq(nor->broken, NOR_RULES_KEPT);
        }
    }
}

static uint64_t operations_so_far(void)
{
    return nor->operations + nor->counts.reads;
}

/* Everything that changes flash or reads it. */
Test(record_write, does_an_operation_at_a_time)
{
    for (unsigned i = 0; i < RECORD_GEOMETRIES; i++) {
        prepare(&record_geometries[i], START_BOTH);
        struct ota_record record = changed();
        struct ota_record_writer writer;
        bool done = false;
        uint64_t begun = operations_so_far();
        ota_record_write_begin(&writer, &record);
        while (!done) {
            uint64_t before = operations_so_far();
            cr_assert_eq(ota_record_write_step(&record, &writer, &done), OTA_OK);
            cr_assert_leq(operations_so_far(), before + 1);
        }
        uint32_t units = rig.layout.record[0].size / rig.f->erase_size;
        cr_assert_eq(operations_so_far() - begun, 1 + 2 * (units + 4));
    }
}

/* The old one stays until the new one counts. */
Test(record_write, the_copy_without_the_record_comes_first)
{
    static const uint8_t first[STARTS] = { [START_COPY_0] = 1, [START_STALE_1] = 1 };

    for (enum start start = START_EMPTY; start < STARTS; start++) {
        prepare(&record_geometries[0], start);
        struct ota_record record = changed();
        struct ota_record_writer writer;
        bool done;
        cr_assert_eq(record.first, first[start]);
        ota_record_write_begin(&writer, &record);
        while (rig.chip.wear[first[start]] == 0)
            cr_assert_eq(ota_record_write_step(&record, &writer, &done), OTA_OK);
        cr_assert_eq(rig.chip.wear[1 - first[start]], 0);
        cr_assert_eq(record.copies, start == START_EMPTY ? 0 : 2 - first[start]);
    }
}

Test(record_write, sequence_numbers_wrap)
{
    struct ota_record record = rig_record(UINT32_MAX, 1);

    prepare(&record_geometries[0], START_EMPTY);
    rig_place(&rig, 0, &record);
    record = changed();
    cr_assert_eq(write_record(&record), OTA_OK);
    cr_assert_eq(record.sequence, 0);
    cr_assert_eq(rig_found(&rig).sequence, 0);
}

/* Programs of marks go over zeros: without that, the rules would be broken. */
Test(record_write, many_after_each_other)
{
    prepare(&record_geometries[2], START_EMPTY);
    struct ota_record record = changed();
    for (uint32_t n = 1; n < 20; n++) {
        record.clean[0] = n;
        cr_assert_eq(write_record(&record), OTA_OK);
        cr_assert_eq(ota_record_set_mark(&record, n % 11), OTA_OK);
        struct ota_record found = rig_found(&rig);
        cr_assert(rig_is_same(&found, &record, true));
        cr_assert_eq(found.sequence, n);
        cr_assert_eq(rig_is_set(&rig, &found, n % 11), true);
    }
    cr_assert_eq(nor->broken, NOR_RULES_KEPT);
    for (unsigned unit = 0; unit < rig.layout.slot[0].offset / rig.f->erase_size; unit++)
        cr_assert_eq(rig.chip.wear[unit], 19, "each unit wears alike");
}

Test(record_write, a_repair_copies_the_record_and_its_marks)
{
    for (unsigned i = 0; i < RECORD_GEOMETRIES; i++) {
        for (enum start start = START_COPY_0; start < STARTS; start++) {
            prepare(&record_geometries[i], start);
            struct ota_record record = rig_found(&rig);
            cr_assert_eq(ota_record_repair(&record), OTA_OK);
            cr_assert_eq(record.copies, 3);
            for (unsigned copy = 0; copy < 2; copy++) {
                struct ota_record found;
                cr_assert_eq(rig_read(&rig, &found), OTA_RECORD_FOUND);
                cr_assert(rig_is_same(&found, old_record(), true));
                cr_assert_eq(found.copies, 3);
                found.copies = (uint8_t)(1 << copy);
                expect_old_marks(&found);
            }
            cr_assert_eq(nor->broken, NOR_RULES_KEPT);
        }
    }
}

Test(record_write, a_repair_copies_all_marks_there_can_be)
{
    prepare(&record_geometries[3], START_COPY_0);
    for (uint32_t mark = 1; mark < OTA_MARK_STEP + 2 * RIG_PIECES; mark++)
        memset(rig_mark(&rig, 0, mark), 0, rig_mark_size(&rig));
    struct ota_record record = rig_found(&rig);
    cr_assert_eq(ota_record_repair(&record), OTA_OK);
    cr_assert_arr_eq(rig_copy(&rig, 0), rig_copy(&rig, 1), rig.layout.record[0].size);
}

/* --- With failures ---------------------------------------------------------------------------- */

static void fail_in(uint64_t n, enum nor_cut failure, unsigned what)
{
    nor->failure = failure;
    nor->fail_erase = what == 0 ? n : 0;
    nor->fail_write = what == 1 ? n : 0;
    nor->fail_read = what == 2 ? n : 0;
}

/* Either the new record or the old one, however often it is read; the new one, if that was said. */
static void expect_either(enum start start, const struct ota_record *record, enum ota_error error)
{
    for (unsigned i = 0; i < 8; i++) {
        struct ota_record found;
        enum ota_record_state state = rig_read(&rig, &found);
        bool is_new = state == OTA_RECORD_FOUND && rig_is_same(&found, record, false);
        cr_assert_neq(state, OTA_RECORD_DAMAGED);
        cr_assert(is_new || error);
        cr_assert(is_new || start == START_EMPTY || rig_is_same(&found, old_record(), true));
    }
}

/* Any operation fails once, whatever it has done by then; the next attempt succeeds. */
static void try_failure(const struct record_geometry *geometry, enum start start, unsigned what,
                        uint64_t n, enum nor_cut failure)
{
    static const enum ota_error errors[] = { OTA_ERROR_ERASE, OTA_ERROR_WRITE, OTA_ERROR_READ };

    prepare(geometry, start);
    struct ota_record record = changed();
    fail_in(n, failure, what);
    enum ota_error error = write_record(&record);
    fail_in(0, NOR_CUT_BEFORE, 0);
    expect_either(start, &record, error);
    if (error)
        cr_assert_eq(error, errors[what]);
    cr_assert_eq(write_record(&record), OTA_OK);
    struct ota_record found = rig_found(&rig);
    cr_assert(rig_is_same(&found, &record, true));
    cr_assert_eq(found.copies, 3);
    expect_no_marks(&found);
    cr_assert_eq(nor->broken, NOR_RULES_KEPT);
}

Test(record_write, any_operation_may_fail)
{
    for (unsigned i = 0; i < RECORD_GEOMETRIES; i++) {
        for (enum start start = START_EMPTY; start < STARTS; start++) {
            for (unsigned n = 0; n < 3 * 8 * NOR_CUT_KINDS; n++)
                try_failure(&record_geometries[i], start, n % 3, 1 + n / 3 % 8,
                            (enum nor_cut)(n / 24));
        }
    }
}

Test(record_write, failing_says_what_still_holds)
{
    prepare(&record_geometries[0], START_BOTH);
    struct ota_record record = changed();
    nor->fail_erase = 1;
    cr_assert_eq(write_record(&record), OTA_ERROR_ERASE);
    cr_assert_eq(record.copies, 2);
    cr_assert_eq(record.sequence, 5);
    cr_assert_eq(record.first, 0);
    nor->fail_erase = 2;
    cr_assert_eq(write_record(&record), OTA_OK, "the second copy may fail");
    cr_assert_eq(record.copies, 1);
    cr_assert_eq(record.sequence, 6);
    cr_assert_eq(record.first, 1);
    nor->fail_write = 1;
    cr_assert_eq(write_record(&record), OTA_ERROR_WRITE, "the copy that stays is not firm");
    cr_assert_eq(rig.chip.wear[1], 1, "so the other one is not touched");
    cr_assert_eq(rig_found(&rig).sequence, 6);
    nor->fail_read = 2;
    cr_assert_eq(write_record(&record), OTA_OK, "the commit mark is looked at again");
}

/* Read back, and not what was written: a cell that is stuck. */
Test(record_write, what_reads_back_differently_does_not_count)
{
    for (unsigned copy = 0; copy < 2; copy++) {
        prepare(&record_geometries[0], START_BOTH);
        struct ota_record record = changed();
        nor->stuck = rig.layout.record[copy].offset + 30;
        cr_assert_eq(write_record(&record), copy == 0 ? OTA_ERROR_WRITE : OTA_OK);
        struct ota_record found = rig_found(&rig);
        cr_assert_eq(found.sequence, copy == 0 ? 5 : 6);
        cr_assert_eq(found.copies, 2 - copy);
        cr_assert_eq(record.copies, found.copies);
    }
}

/* Flash that says it has programmed what is as large as a mark, and has not. */
static bool skip_marks(void *ctx, uint32_t offset, const void *bytes, uint32_t len)
{
    return len == rig_mark_size(&rig) || rig.f->write(ctx, offset, bytes, len);
}

Test(record_write, without_a_commit_mark_it_is_an_error)
{
    for (enum start start = START_EMPTY; start < STARTS; start++) {
        struct ota_flash lying;
        prepare(&record_geometries[0], start);
        struct ota_record record = changed();
        lying = *rig.f;
        lying.write = skip_marks;
        record.flash = &lying;
        cr_assert_eq(ota_record_write(&record), OTA_ERROR_WRITE);
        if (start != START_EMPTY)
            cr_assert_eq(rig_found(&rig).sequence, 5);
        rig_bind(&rig, &record);
        cr_assert_eq(write_record(&record), OTA_OK);
    }
}

/* What a write can do with one copy: nothing, or everything but the second one. */
Test(record_write, a_copy_that_is_worn_out_loses_no_record)
{
    for (enum start start = START_EMPTY; start < STARTS; start++) {
        for (unsigned copy = 0; copy < 2; copy++) {
            prepare(&record_geometries[0], start);
            struct ota_record record = changed();
            nor->worn_offset = rig.layout.record[copy].offset;
            nor->worn_size = rig.layout.record[copy].size;
            enum ota_error error = write_record(&record);
            struct ota_record found;
            enum ota_record_state state = rig_read(&rig, &found);
            bool is_new = state == OTA_RECORD_FOUND && rig_is_same(&found, &record, true);
            cr_assert_eq(is_new, error == OTA_OK);
            cr_assert(is_new || start == START_EMPTY || rig_is_same(&found, old_record(), true));
            if (error == OTA_OK)
                cr_assert_eq(found.copies, 2 - copy);
            cr_assert_neq(state, OTA_RECORD_DAMAGED);
        }
    }
}

Test(record_write, a_repair_that_fails_leaves_what_is_there)
{
    for (enum start start = START_COPY_0; start < STARTS; start++) {
        for (unsigned n = 0; n < 3 * 10 * NOR_CUT_KINDS; n++) {
            prepare(&record_geometries[1], start);
            struct ota_record record = rig_found(&rig);
            fail_in(1 + n / 3 % 10, (enum nor_cut)(n / 30), n % 3);
            enum ota_error error = ota_record_repair(&record);
            /* A read that fails once is tried again. */
            bool failed = n % 3 < 2 && nor->fail_erase + nor->fail_write == 0;
            fail_in(0, NOR_CUT_BEFORE, 0);
            cr_assert_eq(error != OTA_OK, failed);
            for (unsigned i = 0; i < 4; i++) {
                struct ota_record found = rig_found(&rig);
                cr_assert(rig_is_same(&found, old_record(), true));
                expect_old_marks(&found);
            }
            cr_assert_eq(nor->broken, NOR_RULES_KEPT);
        }
    }
}

/* Either copy may be lost at rest. */
Test(record_write, one_copy_is_as_good_as_two)
{
    for (unsigned copy = 0; copy < 2; copy++) {
        for (unsigned how = 0; how < 3; how++) {
            prepare(&record_geometries[1], START_BOTH);
            struct ota_record record = changed();
            cr_assert_eq(write_record(&record), OTA_OK);
            cr_assert_eq(ota_record_set_mark(&record, OTA_MARK_BOOT), OTA_OK);
            memset(rig_copy(&rig, copy),
                   how == 0   ? 0xFF
                   : how == 1 ? 0
                              : 0x5A,
                   rig.layout.record[copy].size);
            struct ota_record found = rig_found(&rig);
            cr_assert(rig_is_same(&found, &record, true));
            cr_assert(rig_is_set(&rig, &found, OTA_MARK_BOOT));
            cr_assert_eq(ota_record_repair(&found), OTA_OK);
            cr_assert_arr_eq(rig_copy(&rig, 0), rig_copy(&rig, 1), rig.layout.record[0].size);
        }
    }
}
