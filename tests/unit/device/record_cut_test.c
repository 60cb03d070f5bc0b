/*
 * Writing the boot record is cut: at every operation, in every way, and again while a start makes
 * good what the first cut left.
 */
#include "tests/unit/device/record_cut_rig.h"

/* Write over what `start` has, cut at the nth operation; false when there are not so many. */
static bool cut_write(const struct record_geometry *geometry, enum start start, uint64_t n,
                      enum nor_cut cut, struct state *old, struct state *new)
{
    struct ota_record record;

    *old = prepare(geometry, start);
    nor->random = n * 1000 + (uint64_t)cut;
    (void)rig_read(&rig, &record);
    nor_flash_cut_in(nor, n, cut);
    (void)write_next(&record, 77, new);
    if (!nor->off)
        return false;
    power_on();
    if (old->exists)
        expect_firm_copy(old, new);
    return true;
}

Test(record_cut, a_write_leaves_the_old_record_or_the_new_one)
{
    for (unsigned i = 0; i < RECORD_GEOMETRIES * STARTS * NOR_CUT_KINDS; i++) {
        const struct record_geometry *geometry = &record_geometries[i % RECORD_GEOMETRIES];
        enum start start = (enum start)(i / RECORD_GEOMETRIES % STARTS);
        enum nor_cut cut = (enum nor_cut)(i / RECORD_GEOMETRIES / STARTS);
        struct state old;
        struct state new;
        uint64_t n = 1;
        for (; cut_write(geometry, start, n, cut, &old, &new); n++)
            expect_recovery(&old, &new);
        cr_assert_gt(n, 6);
        (void)expect_either(&new, &new);
    }
}

/*
 * The same, where the start after the cut, or the write that follows, is cut as well, at its mth
 * operation; false when there are not so many.
 */
static bool cut_twice(const struct record_geometry *geometry, enum start start, uint64_t n,
                      enum nor_cut cut, uint64_t m, enum nor_cut second)
{
    struct state old;
    struct state new;
    struct state last;

    cr_assert(cut_write(geometry, start, n, cut, &old, &new));
    nor->random += 7919 * m + (uint64_t)second;
    last = expect_either(&old, &new);
    struct state next = last;
    nor_flash_cut_in(nor, m, second);
    /* It must also do when nobody repairs anything. */
    if (!last.exists || (m + n) % 3 == 0 || repair(&last.record)) {
        struct ota_record record = last.record;
        (void)write_next(&record, 99, &next);
    }
    if (!nor->off)
        return false;
    power_on();
    if (old.exists)
        expect_firm_copy(m == 1 ? &old : &last, m == 1 ? &new : &next);
    /* The first operation makes firm what was read; it may flicker up to its end. */
    if (m == 1)
        expect_recovery(&old, &new);
    else
        expect_recovery(&last, &next);
    return true;
}

/* Every pair of operations, in every pair of ways. */
Test(record_cut, two_cuts_leave_an_old_record_or_a_new_one)
{
    struct state old;
    struct state new;
    unsigned tried = 0;

    for (unsigned i = 0; i < STARTS * NOR_CUT_KINDS * NOR_CUT_KINDS; i++) {
        enum start start = (enum start)(i % STARTS);
        enum nor_cut cut = (enum nor_cut)(i / STARTS % NOR_CUT_KINDS);
        enum nor_cut second = (enum nor_cut)(i / STARTS / NOR_CUT_KINDS);
        for (uint64_t n = 1; cut_write(&record_geometries[3], start, n, cut, &old, &new); n++) {
            for (uint64_t m = 1; cut_twice(&record_geometries[3], start, n, cut, m, second); m++)
                tried++;
        }
    }
    cr_assert_gt(tried, 10000);
}

/* Where a copy has several units, in some pairs of ways. */
Test(record_cut, two_cuts_leave_an_old_record_or_a_new_one_of_several_units)
{
    struct state old;
    struct state new;
    unsigned tried = 0;

    for (unsigned i = 0; i < STARTS * NOR_CUT_KINDS; i++) {
        enum start start = (enum start)(i % STARTS);
        enum nor_cut cut = (enum nor_cut)(i / STARTS);
        for (uint64_t n = 1; cut_write(&record_geometries[1], start, n, cut, &old, &new); n++) {
            for (uint64_t m = 1; cut_twice(&record_geometries[1], start, n, cut, m,
                                           (enum nor_cut)((n + m + i) % NOR_CUT_KINDS));
                 m++)
                tried++;
        }
    }
    cr_assert_gt(tried, 5000);
}

static uint64_t below(uint64_t *random, uint64_t limit)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return (*random >> 33) % limit;
}

/* Starts that repair and write, and are cut one after the other. */
static void expect_survival(const struct record_geometry *geometry, uint64_t seed, unsigned starts)
{
    struct state a = prepare(geometry, START_BOTH);
    struct state b = a;

    nor->random = seed;
    for (unsigned i = 0; i < starts; i++) {
        struct state last = expect_either(&a, &b);
        struct state next = last;
        uint64_t before = nor->operations;
        bool firm = last.record.copies == 3;
        uint64_t operations = rig.layout.record[0].size / rig.f->erase_size * 3 + 12;
        nor_flash_cut_in(nor, 1 + below(&seed, operations),
                         (enum nor_cut)below(&seed, NOR_CUT_KINDS));
        if (repair(&last.record)) {
            struct ota_record record = last.record;
            (void)write_next(&record, (uint8_t)below(&seed, 200), &next);
        }
        if (!nor->off)
            last = next;
        nor_flash_power_on(nor);
        if (firm || nor->operations > before + 1) {
            a = last;
            b = next;
        }
        expect_firm_copy(&a, &b);
    }
    expect_recovery(&a, &b);
}

Test(record_cut, any_number_of_cuts_leaves_an_old_record_or_a_new_one)
{
    for (uint64_t seed = 1; seed <= 400; seed++)
        expect_survival(&record_geometries[1 + seed % 3], seed, 50);
}
