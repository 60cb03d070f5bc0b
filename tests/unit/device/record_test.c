#include "tests/unit/device/record_rig.h"

static struct record_rig rig;
static struct nor_flash *const nor = &rig.chip.nor;

static void prepare(void)
{
    rig_init(&rig, &record_geometries[0]);
}

TestSuite(record, .init = prepare);

static void expect_no_images(const struct ota_record *record)
{
    cr_assert_eq(record->slot[0].size, 0);
    cr_assert_eq(record->slot[1].size, 0);
    cr_assert_eq(record->filesystem.size, 0);
    cr_assert_eq(record->clean[0], 0);
    cr_assert_eq(record->clean[1], 0);
    cr_assert_eq(record->active, 0);
    cr_assert_eq(record->pending, OTA_PENDING_NONE);
    cr_assert_eq(record->copies, 0);
}

/* --- Bytes ------------------------------------------------------------------------------------ */

/* Worked out apart from all of this, with the numbers of device/SPEC.md. */
static const uint8_t golden[RECORD_MODEL_SIZE] = {
    0x4F, 0x54, 0x41, 0x52, 0x02, 0x00, 0x58, 0x00, 0x04, 0x03, 0x02, 0x01, 0x00, 0x02, 0x00,
    0x00, 0x11, 0x11, 0x00, 0x00, 0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9,
    0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF, 0x22, 0x22, 0x00, 0x00, 0xB0, 0xB1, 0xB2, 0xB3, 0xB4,
    0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xBB, 0xBC, 0xBD, 0xBE, 0xBF, 0x33, 0x03, 0x00, 0x00,
    0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xCB, 0xCC, 0xCD, 0xCE,
    0xCF, 0x00, 0x18, 0x00, 0x00, 0x00, 0x24, 0x00, 0x00, 0xA2, 0x95, 0xC1, 0x5F,
};

static struct ota_record golden_record(void)
{
    struct ota_record record = { .sequence = 0x01020304,
                                 .pending = OTA_PENDING_FILESYSTEM,
                                 .slot = { { .size = 0x1111 }, { .size = 0x2222 } },
                                 .filesystem = { .size = 0x333 },
                                 .clean = { 0x1800, 0x2400 } };

    for (uint8_t i = 0; i < 16; i++) {
        record.slot[0].md5[i] = 0xA0 + i;
        record.slot[1].md5[i] = 0xB0 + i;
        record.filesystem.md5[i] = 0xC0 + i;
    }
    return record;
}

Test(record, its_bytes_are_read)
{
    struct ota_record expected = golden_record();
    struct ota_record found;

    rig_place_bytes(&rig, 1, golden);
    found = rig_found(&rig);
    cr_assert(rig_is_same(&found, &expected, true));
    cr_assert_eq(found.slot[1].md5[15], 0xBF);
    cr_assert_eq(found.copies, 2);
    cr_assert_eq(found.first, 0);
}

Test(record, its_bytes_are_written)
{
    struct ota_record record = golden_record();

    record.sequence--;
    rig_bind(&rig, &record);
    cr_assert_eq(ota_record_write(&record), OTA_OK);
    cr_assert_eq(record.sequence, 0x01020304);
    cr_assert_arr_eq(rig_copy(&rig, 0), golden, RECORD_MODEL_SIZE);
    cr_assert_arr_eq(rig_copy(&rig, 1), golden, RECORD_MODEL_SIZE);
}

/* Body, padding, commit mark, and nothing else, wherever write units end. */
Test(record, copies_are_laid_out_for_every_flash)
{
    for (unsigned i = 0; i < RECORD_GEOMETRIES; i++) {
        struct ota_record record = rig_record(0, 3);
        uint8_t body[RECORD_MODEL_SIZE];
        rig_init(&rig, &record_geometries[i]);
        rig_bind(&rig, &record);
        cr_assert_eq(ota_record_write(&record), OTA_OK);
        record_model_encode(body, &record);
        for (unsigned copy = 0; copy < 2; copy++) {
            const uint8_t *at = rig_copy(&rig, copy);
            const uint8_t *commit = rig_mark(&rig, copy, 0);
            cr_assert_arr_eq(at, body, RECORD_MODEL_SIZE);
            for (at += RECORD_MODEL_SIZE; at < rig_copy(&rig, copy) + rig.layout.record[copy].size;
                 at++)
                cr_assert_eq(*at, at >= commit && at < commit + rig_mark_size(&rig) ? 0 : 0xFF);
        }
        for (uint32_t at = rig.layout.slot[0].offset; at < rig.f->size; at++)
            cr_assert_eq(rig.chip.cells[at], 0xFF);
        cr_assert_eq(nor->broken, NOR_RULES_KEPT);
    }
}

/* --- Reading ---------------------------------------------------------------------------------- */

Test(record, nothing_is_recorded_on_blank_flash)
{
    struct ota_record record;

    cr_assert_eq(rig_read(&rig, &record), OTA_RECORD_EMPTY);
    expect_no_images(&record);
    cr_assert_eq(record.first, 0);
    cr_assert_eq(record.sequence, 0);
}

enum kind {
    BLANK,
    SCRAP,
    OLD,
    NEW,
    KINDS
};

static void place_kind(unsigned copy, enum kind kind)
{
    struct ota_record record = rig_record(kind == OLD ? 7 : 8, (uint8_t)kind);

    memset(rig_copy(&rig, copy), 0xFF, rig.layout.record[copy].size);
    if (kind == BLANK)
        return;
    rig_place(&rig, copy, &record);
    if (kind == SCRAP)
        rig_copy(&rig, copy)[20] ^= 1;
}

/* The table of device/SPEC.md. */
Test(record, the_newest_copy_that_counts_is_the_record)
{
    static const enum ota_record_state without[2][2] = {
        { OTA_RECORD_EMPTY, OTA_RECORD_EMPTY },
        { OTA_RECORD_EMPTY, OTA_RECORD_DAMAGED },
    };
    static const uint8_t first_without[2][2] = { { 0, 1 }, { 0, 1 } };

    for (enum kind a = BLANK; a < KINDS; a++) {
        for (enum kind b = BLANK; b < KINDS; b++) {
            struct ota_record record;
            place_kind(0, a);
            place_kind(1, b);
            enum ota_record_state state = rig_read(&rig, &record);
            if (a < OLD && b < OLD) {
                cr_assert_eq(state, without[a][b]);
                cr_assert_eq(record.first, first_without[a][b]);
                expect_no_images(&record);
                continue;
            }
            enum kind newest = a > b ? a : b;
            struct ota_record expected = rig_record(newest == OLD ? 7 : 8, (uint8_t)newest);
            cr_assert_eq(state, OTA_RECORD_FOUND);
            cr_assert(rig_is_same(&record, &expected, true), "%d %d", (int)a, (int)b);
            cr_assert_eq(record.copies, a == b ? 3 : a > b ? 1 : 2);
            cr_assert_eq(record.first, a > b ? 1 : 0);
        }
    }
}

/* What is wrong alone, under a CRC that is right. */
Test(record, every_part_of_the_head_decides)
{
    static const struct {
        unsigned at;
        uint8_t value;
    } wrong[] = {
        { 0, 'o' }, { 1, 't' }, { 2, 'a' }, { 3, 'S' }, { 4, 1 },  { 4, 3 },
        { 5, 1 },   { 6, 87 },  { 7, 1 },   { 12, 2 },  { 13, 4 },
    };

    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct ota_record record;
        uint8_t body[RECORD_MODEL_SIZE];
        memcpy(body, golden, sizeof body);
        body[wrong[i].at] = wrong[i].value;
        record_model_seal(body);
        rig_place_bytes(&rig, 0, body);
        rig_place_bytes(&rig, 1, body);
        cr_assert_eq(rig_read(&rig, &record), OTA_RECORD_DAMAGED, "%u", wrong[i].at);
        expect_no_images(&record);
    }
}

Test(record, every_bit_is_covered_by_the_crc)
{
    for (unsigned bit = 0; bit < 8 * RECORD_MODEL_SIZE; bit++) {
        struct ota_record record;
        rig_place_bytes(&rig, 0, golden);
        rig_copy(&rig, 0)[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert_eq(rig_read(&rig, &record), OTA_RECORD_EMPTY, "%u", bit);
    }
}

/* What the reserved bytes hold is no reader's affair, as long as the CRC is right. */
Test(record, reserved_bytes_mean_nothing)
{
    uint8_t body[RECORD_MODEL_SIZE];

    memcpy(body, golden, sizeof body);
    body[14] = 0x12;
    body[15] = 0x34;
    record_model_seal(body);
    rig_place_bytes(&rig, 0, body);
    (void)rig_found(&rig);
}

/* With the first bit of it, the body was complete. */
Test(record, a_copy_counts_once_its_commit_mark_has_been_begun)
{
    for (unsigned i = 0; i < RECORD_GEOMETRIES; i++) {
        struct ota_record record = rig_record(1, 1);
        uint8_t *commit;
        rig_init(&rig, &record_geometries[i]);
        rig_place(&rig, 0, &record);
        commit = rig_mark(&rig, 0, 0);
        memset(commit, 0xFF, rig_mark_size(&rig));
        cr_assert_eq(rig_read(&rig, &record), OTA_RECORD_EMPTY);
        for (unsigned bit = 0; bit < 32; bit++) {
            memset(commit, 0xFF, 4);
            commit[bit / 8] = (uint8_t) ~(1u << bit % 8);
            cr_assert_eq(rig_read(&rig, &record), OTA_RECORD_FOUND, "%u", bit);
        }
        memset(commit, 0, rig_mark_size(&rig));
        memset(commit, 0xFF, 4);
        cr_assert_eq(rig_read(&rig, &record), OTA_RECORD_EMPTY, "only the first 32 matter");
    }
}

/* However rarely it shows: of 16 looks, one is almost certain to see it. */
Test(record, a_commit_mark_that_flickers_is_not_taken_for_blank)
{
    struct ota_record record = rig_record(1, 1);

    rig_place(&rig, 0, &record);
    memset(rig_mark(&rig, 0, 0), 0xFF, 4);
    rig.chip.unstable[rig_mark(&rig, 0, 0) - rig.chip.cells] = 1;
    for (uint64_t seed = 0; seed < 100; seed++) {
        nor->random = seed;
        (void)rig_found(&rig);
    }
}

Test(record, sequence_numbers_wrap)
{
    static const struct {
        uint32_t sequence[2];
        uint8_t copies;
    } cases[] = {
        { { 1, 2 }, 2 },          { { 2, 1 }, 1 },          { { 5, 5 }, 3 },
        { { 0, 0xFFFFFFFF }, 1 }, { { 0xFFFFFFFF, 0 }, 2 }, { { 0, 0x7FFFFFFF }, 2 },
        { { 0x7FFFFFFF, 0 }, 1 }, { { 0, 0x80000001 }, 1 }, { { 0x80000001, 0 }, 2 },
        { { 0, 0 }, 3 },
    };

    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (unsigned copy = 0; copy < 2; copy++) {
            struct ota_record record = rig_record(cases[i].sequence[copy], 1);
            rig_place(&rig, copy, &record);
        }
        cr_assert_eq(rig_found(&rig).copies, cases[i].copies, "%u", i);
    }
}

/* Whatever contradicts the layout, by a byte. */
Test(record, a_record_fits_its_layout_or_is_damaged)
{
    const uint32_t slot_0 = rig.layout.slot[0].size;
    const uint32_t slot_1 = rig.layout.slot[1].size;
    const uint32_t filesystem = rig.layout.filesystem.size;
    const struct ota_record fit = { .sequence = 9,
                                    .slot = { { .size = slot_0 }, { .size = slot_0 } },
                                    .filesystem = { .size = filesystem },
                                    .clean = { slot_0, slot_1 } };
    struct ota_record wrong[] = { fit, fit, fit, fit, fit, fit, fit, fit, fit, fit };
    struct ota_record found;

    rig_place(&rig, 0, &fit);
    (void)rig_found(&rig);
    wrong[0].slot[0].size++;
    wrong[1].slot[1].size++;
    wrong[2].filesystem.size++;
    wrong[3].clean[0]++;
    wrong[4].clean[1]++;
    wrong[5].active = 1;
    for (uint8_t i = 1; i <= 3; i++) {
        wrong[5 + i].pending = i;
        wrong[5 + i].slot[1].size = 0;
    }
    wrong[9].pending = OTA_PENDING_FILESYSTEM;
    wrong[9].slot[1].size = filesystem + 1;
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        rig_place(&rig, 1, &wrong[i]);
        cr_assert_eq(rig_read(&rig, &found), OTA_RECORD_FOUND, "%u: copy 0 is one", i);
        cr_assert_eq(found.copies, 1 | (wrong[i].sequence == 9 ? 2 : 0));
        wrong[i].sequence++;
        rig_place(&rig, 1, &wrong[i]);
        cr_assert_eq(rig_read(&rig, &found), OTA_RECORD_DAMAGED, "%u", i);
        expect_no_images(&found);
    }
    rig.layout.handover = OTA_SELECT;
    rig_place(&rig, 1, &wrong[5]);
    (void)rig_found(&rig);
}

/* After a change of the layout, a new record must win over what is there. */
Test(record, what_contradicts_the_layout_is_overwritten)
{
    struct ota_record wrong = rig_record(50, 1);
    struct ota_record record;

    wrong.clean[0] = UINT32_MAX;
    for (unsigned copies = 1; copies <= 3; copies++) {
        struct ota_record_writer writer;
        bool done = false;
        rig_init(&rig, &record_geometries[0]);
        for (unsigned copy = 0; copy < 2; copy++) {
            if (copies >> copy & 1)
                rig_place(&rig, copy, &wrong);
        }
        cr_assert_eq(rig_read(&rig, &record), OTA_RECORD_DAMAGED);
        ota_record_write_begin(&writer, &record);
        while (record.copies == 0)
            cr_assert_eq(ota_record_write_step(&record, &writer, &done), OTA_OK);
        cr_assert_not(done);
        cr_assert_eq(rig_found(&rig).sequence, 51, "from its first copy on");
    }
}

/* A copy that cannot be read: which one, or neither. */
static unsigned unreadable;

static bool read_but_for_a_copy(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    const struct record_rig *the_rig = ctx;

    for (unsigned copy = 0; copy < 2; copy++) {
        if ((unreadable >> copy & 1) &&
            offset - the_rig->layout.record[copy].offset < the_rig->layout.record[copy].size)
            return false;
    }
    return the_rig->f->read(the_rig->f->ctx, offset, out, len);
}

Test(record, a_copy_that_cannot_be_read_is_none_of_these)
{
    struct ota_record record = rig_record(1, 1);
    struct ota_flash flash = *rig.f;

    flash.ctx = &rig;
    flash.read = read_but_for_a_copy;
    rig_place(&rig, 0, &record);
    rig_place(&rig, 1, &record);
    for (unreadable = 1; unreadable <= 2; unreadable++) {
        cr_assert_eq(ota_record_read(&flash, &rig.layout, &record), OTA_RECORD_FOUND);
        cr_assert_eq(record.copies, 3 - unreadable, "the other one counts");
    }
    cr_assert_eq(ota_record_read(&flash, &rig.layout, &record), OTA_RECORD_UNREADABLE);
    expect_no_images(&record);
    unreadable = 2;
    rig_copy(&rig, 0)[5] ^= 1;
    cr_assert_eq(ota_record_read(&flash, &rig.layout, &record), OTA_RECORD_UNREADABLE);
    expect_no_images(&record);
}

/* Else the older copy would count, and with it what was over. */
Test(record, a_read_that_fails_once_does_not_hide_the_newer_copy)
{
    struct ota_record older = rig_record(7, 1);
    struct ota_record newer = rig_record(8, 2);

    for (unsigned copy = 0; copy < 2; copy++) {
        rig_place(&rig, copy, &newer);
        rig_place(&rig, 1 - copy, &older);
        unsigned n = 1;
        for (; n <= 100; n++) {
            nor->fail_read = n;
            cr_assert_eq(rig_found(&rig).sequence, 8);
            if (nor->fail_read != 0)
                break;
        }
        cr_assert_eq(n, 5, "two reads of each copy");
    }
}

Test(record, the_other_slot)
{
    const struct ota_record records[] = { { .active = 0 }, { .active = 1 } };

    cr_assert_eq(ota_record_other(&records[0]), 1);
    cr_assert_eq(ota_record_other(&records[1]), 0);
}
