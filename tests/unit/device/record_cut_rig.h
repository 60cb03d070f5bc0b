/*
 * The boot record under power cuts. At every instant one copy counts whose bits are all stable, and
 * whatever is read, however often, is the old record or the new one.
 */
#ifndef RECORD_CUT_RIG_H
#define RECORD_CUT_RIG_H

#include "tests/unit/device/record_rig.h"

static struct record_rig rig;
static struct nor_flash *const nor = &rig.chip.nor;

enum start {
    START_EMPTY,   /* nothing */
    START_BOTH,    /* the old record in both copies */
    START_COPY_0,  /* in copy 0 only */
    START_COPY_1,  /* in copy 1 only */
    START_STALE_1, /* in copy 0, and the one before it in copy 1 */
    STARTS,
};

/* A record that flash may hold, and its marks: those of old records, or none. */
struct state {
    struct ota_record record;
    bool exists;
    bool marks;
};

static const uint32_t old_marks[] = { OTA_MARK_WRITING, OTA_MARK_BOOT, OTA_MARK_BOOT + 1,
                                      OTA_MARK_STEP };

#define OLD_MARKS 4u

/* How often a record is read that may flicker. */
#define READS 6u

static inline struct state prepare(const struct record_geometry *geometry, enum start start)
{
    struct state old = { .record = rig_record(5, 5),
                         .exists = start != START_EMPTY,
                         .marks = true };
    struct ota_record stale = rig_record(4, 9);

    rig_init(&rig, geometry);
    rig_bind(&rig, &old.record);
    for (unsigned copy = 0; copy < 2; copy++) {
        if (start != START_BOTH && start != START_COPY_0 + copy &&
            (start != START_STALE_1 || copy == 1))
            continue;
        rig_place(&rig, copy, &old.record);
        for (unsigned i = 0; i < OLD_MARKS; i++)
            memset(rig_mark(&rig, copy, old_marks[i]), 0, rig_mark_size(&rig));
    }
    if (start == START_STALE_1)
        rig_place(&rig, 1, &stale);
    return old;
}

static inline bool holds(const struct ota_record *found, const struct state *state)
{
    return state->exists && rig_is_same(found, &state->record, true);
}

static inline void expect_marks(const struct ota_record *found, bool marks)
{
    for (unsigned i = 0; i < OLD_MARKS; i++)
        cr_assert_eq(rig_is_set(&rig, found, old_marks[i]), marks);
    cr_assert_not(rig_is_set(&rig, found, OTA_MARK_GIVEN_UP));
    cr_assert_eq(rig_count(&rig, found, OTA_MARK_STEP, 4), marks);
}

/* One of these is read, each time; returns the one that is read last. */
static inline struct state expect_either(const struct state *a, const struct state *b)
{
    struct state last = { .exists = false };

    for (unsigned i = 0; i < READS; i++) {
        struct ota_record found;
        enum ota_record_state state = rig_read(&rig, &found);
        if (state != OTA_RECORD_FOUND) {
            cr_assert_eq(state, OTA_RECORD_EMPTY);
            cr_assert(!a->exists || !b->exists);
            last = (struct state){ .record = found };
            continue;
        }
        cr_assert(holds(&found, a) || holds(&found, b));
        last = holds(&found, a) ? *a : *b;
        expect_marks(&found, last.marks);
        last.record = found;
    }
    return last;
}

/* Whether a copy holds this record for sure: it counts, and no bit of that is unstable. */
static inline bool is_firm(unsigned copy, const struct state *state)
{
    const uint8_t *unstable = nor->unstable + rig.layout.record[copy].offset;
    uint32_t commit = (uint32_t)(rig_mark(&rig, copy, 0) - rig_copy(&rig, copy));
    uint8_t body[RECORD_MODEL_SIZE];

    for (uint32_t i = 0; i < commit + 4; i++) {
        if (unstable[i] != 0)
            return false;
    }
    record_model_encode(body, &state->record);
    return state->exists && memcmp(rig_copy(&rig, copy), body, sizeof body) == 0 &&
           memcmp(rig_copy(&rig, copy) + commit, "\0\0\0", 4) == 0;
}

static inline void expect_firm_copy(const struct state *a, const struct state *b)
{
    bool firm = false;

    for (unsigned copy = 0; copy < 2; copy++)
        firm = firm || is_firm(copy, a) || is_firm(copy, b);
    cr_assert(firm);
}

/* What a start does with the record: make it firm, and whole. False when the power goes. */
static inline bool repair(struct ota_record *record)
{
    return record->copies == 3 || ota_record_repair(record) == OTA_OK;
}

/* Write what comes after `record`. */
static inline enum ota_error write_next(struct ota_record *record, uint8_t variant,
                                        struct state *next)
{
    struct ota_record wanted = rig_record(record->sequence, variant);

    wanted.copies = record->copies;
    wanted.first = record->first;
    rig_bind(&rig, &wanted);
    *record = wanted;
    wanted.sequence++;
    *next = (struct state){ .record = wanted, .exists = true };
    return ota_record_write(record);
}

static inline void power_on(void)
{
    cr_assert(nor->off);
    nor_flash_power_on(nor);
}

/* At rest, and whole, after a start and a write without cuts. */
static inline void expect_recovery(const struct state *a, const struct state *b)
{
    struct state last = expect_either(a, b);
    struct state next;

    if (last.exists) {
        cr_assert(repair(&last.record));
        cr_assert_eq(last.record.copies, 3);
        last = expect_either(&last, &last);
    }
    cr_assert_eq(write_next(&last.record, 200, &next), OTA_OK);
    (void)expect_either(&next, &next);
    cr_assert_eq(nor->broken, NOR_RULES_KEPT, "%s at %u", nor_rule_text(nor->broken),
                 (unsigned)nor->broken_at);
}

#endif
