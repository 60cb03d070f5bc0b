/*
 * record.h: any bytes in flash give a state and a record as device/SPEC.md says. Then starts follow
 * each other, which repair and write the record and set marks, while the power is cut: what counted
 * before counts still, or what was written.
 *
 * Two bytes of options, the two copies, then a start for every 4 bytes that are left.
 */
#include "ota/record.h"
#include "ota/record_write.h"
#include "tests/unit/device/record_model.h"
#include "tests/unit/device/test_flash.h"

#define PIECES 5u
#define MARKS  (OTA_MARK_STEP + 2 * PIECES)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *at;
    size_t left;
};

/* What a read may find. */
struct possible {
    enum ota_record_state state;
    uint8_t body[RECORD_MODEL_SIZE]; /* when a record is found, */
    uint32_t firm;                   /* and its marks that must be set, a bit each */
};

struct world {
    struct test_flash chip;
    struct ota_layout layout;
    struct possible possible[2];
    bool anything; /* flash held what no device leaves, until a record was written over it */
};

static struct world world;
static struct nor_flash *const nor = &world.chip.nor;
static const struct ota_flash *const f = &world.chip.nor.flash;

static void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

static uint8_t take(struct input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

static uint32_t get_u32(const uint8_t *in)
{
    return in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

/* --- The flash and what it holds at first ----------------------------------------------------- */

static uint32_t mark_size(void)
{
    return f->write_size > 4 ? f->write_size : 4;
}

static uint8_t *copy_at(unsigned copy)
{
    return world.chip.cells + world.layout.record[copy].offset;
}

static uint8_t *mark_at(unsigned copy, uint32_t mark)
{
    uint32_t size = mark_size();

    return copy_at(copy) + (RECORD_MODEL_SIZE + size - 1) / size * size + mark * size;
}

static void prepare(uint8_t geometry, bool select)
{
    struct ota_flash flash = { .write_size = 1u << geometry % 9 };
    struct ota_layout *layout = &world.layout;
    uint32_t unit = (flash.write_size > 64 ? flash.write_size : 64) * (1u + geometry / 9 % 4);

    flash.erase_size = unit;
    flash.block_size = unit;
    *layout = (struct ota_layout){ .handover = OTA_EXCHANGE, .spare_size = unit };
    layout->slot[0].size = PIECES * unit;
    uint32_t record_size = (uint32_t)ota_layout_record_size(layout, &flash);
    layout->record[0] = (struct ota_area){ 0, record_size };
    layout->record[1] = (struct ota_area){ record_size, record_size };
    layout->slot[0].offset = 2 * record_size;
    layout->slot[1] =
        (struct ota_area){ layout->slot[0].offset + PIECES * unit, (PIECES + 1) * unit };
    layout->filesystem =
        (struct ota_area){ layout->slot[1].offset + layout->slot[1].size, 2 * unit };
    flash.size = layout->filesystem.offset + layout->filesystem.size;
    if (select) {
        layout->handover = OTA_SELECT;
        layout->spare_size = 0;
    }
    test_flash_init(&world.chip, &flash);
    /* What the input has for marks may come from cuts. */
    memset(world.chip.torn, 1, 2 * record_size / flash.write_size);
    require(ota_layout_check(layout, f) == OTA_LAYOUT_SOUND);
}

/* A copy from the input; sealed, it is as valid as the rest of it allows. */
static void fill_copy(struct input *input, unsigned copy, bool sealed, uint8_t options)
{
    static const unsigned sizes[] = { 16, 36, 56, 76, 80 };
    uint8_t *body = copy_at(copy);
    uint8_t *commit = mark_at(copy, OTA_MARK_COMMIT);

    for (unsigned i = sealed ? 8 : 0; i < RECORD_MODEL_SIZE && input->left > 0; i++)
        body[i] = take(input);
    for (unsigned i = 0; i < 4 && input->left > 0; i++)
        commit[i] = sealed && !(options & 128) ? 0 : take(input);
    for (uint32_t mark = 1; mark <= 9 && input->left > 0; mark += 8) {
        uint8_t bits = take(input);
        for (unsigned i = 0; i < 8 && mark + i < OTA_MARK_STEP; i++)
            memset(mark_at(copy, mark + i), bits >> i & 1 ? 0 : 0xFF, mark_size());
    }
    if (!sealed)
        return;
    memcpy(body, "OTAR\2\0\130", 8);
    for (unsigned i = 0; i < 5 && (options & 64); i++)
        record_model_put(body + sizes[i],
                         get_u32(body + sizes[i]) % (world.layout.slot[0].size + 2), 4);
    record_model_seal(body);
}

/* --- What is expected, from the bytes --------------------------------------------------------- */

static bool counts(unsigned copy)
{
    static const uint8_t head[8] = { 'O', 'T', 'A', 'R', 2, 0, RECORD_MODEL_SIZE, 0 };
    const uint8_t *body = copy_at(copy);

    return memcmp(body, head, sizeof head) == 0 && body[12] < 2 && body[13] < 4 &&
           get_u32(body + 84) == crc32_update(CRC32_SEED, body, 84) &&
           memcmp(mark_at(copy, OTA_MARK_COMMIT), "\xFF\xFF\xFF\xFF", 4) != 0;
}

static bool is_blank(unsigned copy)
{
    for (unsigned i = 0; i < RECORD_MODEL_SIZE; i++) {
        if (copy_at(copy)[i] != 0xFF)
            return false;
    }
    return true;
}

static bool fits(unsigned copy)
{
    const struct ota_layout *layout = &world.layout;
    const uint8_t *body = copy_at(copy);
    unsigned other = 1 - body[12];
    bool exchange = layout->handover == OTA_EXCHANGE;
    uint32_t sketch[2] = { layout->slot[0].size,
                           exchange ? layout->slot[0].size : layout->slot[1].size };
    uint32_t most = body[13] == OTA_PENDING_FILESYSTEM ? layout->filesystem.size : sketch[other];

    if (exchange && body[12] == 1)
        return false;
    if (body[13] != OTA_PENDING_NONE && get_u32(body + 16 + 20 * other) == 0)
        return false;
    return get_u32(body + 16 + 20 * body[12]) <= sketch[body[12]] &&
           get_u32(body + 16 + 20 * other) <= most &&
           get_u32(body + 56) <= layout->filesystem.size &&
           get_u32(body + 76) <= layout->slot[0].size && get_u32(body + 80) <= layout->slot[1].size;
}

static void require_no_images(const struct ota_record *record)
{
    require(record->slot[0].size == 0 && record->slot[1].size == 0 && record->copies == 0 &&
            record->filesystem.size == 0 && record->pending == 0 && record->active == 0);
}

static enum ota_record_state read_record(struct ota_record *out)
{
    enum ota_record_state state;

    memset(out, 0xA5, sizeof *out);
    state = ota_record_read(f, &world.layout, out);
    require(out->first < 2 && out->copies < 4);
    if (state != OTA_RECORD_FOUND)
        require_no_images(out);
    return state;
}

static void require_marks(const struct ota_record *record)
{
    uint32_t in_a_row = 0;
    uint32_t count;
    bool set;

    for (uint32_t mark = 0; mark < MARKS; mark++) {
        bool expected = false;
        for (unsigned copy = 0; copy < 2; copy++)
            expected |= (record->copies >> copy & 1) && record_model_is_set(mark_at(copy, mark));
        require(ota_record_get_mark(record, mark, &set) && set == expected);
        in_a_row += expected && in_a_row == mark;
    }
    require(ota_record_count_marks(record, 0, MARKS, &count));
    require(count == in_a_row);
}

/* Nothing flickers yet: what is read is what the bytes say. */
static void require_first_read(void)
{
    bool valid[2] = { counts(0), counts(1) };
    uint32_t ahead = get_u32(copy_at(1) + 8) - get_u32(copy_at(0) + 8);
    unsigned newest = !valid[0] || (valid[1] && ahead - 1 < 0x7FFFFFFF) ? 1 : 0;
    bool both = valid[0] && valid[1] && ahead == 0;
    uint8_t body[RECORD_MODEL_SIZE];
    struct ota_record record;
    enum ota_record_state state = read_record(&record);

    world.anything = true;
    if (!valid[0] && !valid[1]) {
        require(state == (is_blank(0) || is_blank(1) ? OTA_RECORD_EMPTY : OTA_RECORD_DAMAGED));
        require(is_blank(record.first) == (is_blank(0) && is_blank(1)));
        world.anything = !is_blank(1);
    } else if (!fits(newest)) {
        require(state == OTA_RECORD_DAMAGED);
    } else {
        require(state == OTA_RECORD_FOUND);
        require(record.copies == (both ? 3 : 1 << newest));
        require(record.first == (both ? 0 : 1 - newest));
        record_model_encode(body, &record);
        require(memcmp(body, copy_at(newest), 14) == 0);
        require(memcmp(body + 16, copy_at(newest) + 16, 68) == 0);
        require_marks(&record);
        world.anything = both && memcmp(copy_at(0), copy_at(1), RECORD_MODEL_SIZE) != 0;
    }
    world.possible[0] = (struct possible){ .state = state };
    record_model_encode(world.possible[0].body, &record);
    world.possible[1] = world.possible[0];
}

/* --- Starts ----------------------------------------------------------------------------------- */

/* Read, and look whether that may be; what was read is the only possibility after it is firm. */
static struct possible read_possible(struct ota_record *record)
{
    struct possible found = { .state = read_record(record) };
    bool set;

    record_model_encode(found.body, record);
    if (world.anything)
        return found;
    for (unsigned i = 0; i < 2; i++) {
        const struct possible *possible = &world.possible[i];
        if (possible->state != found.state ||
            (found.state == OTA_RECORD_FOUND &&
             memcmp(found.body, possible->body, sizeof found.body) != 0))
            continue;
        for (uint32_t mark = 0; mark < MARKS && found.state == OTA_RECORD_FOUND; mark++)
            require(!(possible->firm >> mark & 1) ||
                    (ota_record_get_mark(record, mark, &set) && set));
        found.firm = possible->firm;
        return found;
    }
    __builtin_trap();
}

/* True when the new record counts for good. */
static bool write_new(struct ota_record *record, uint8_t variant, struct possible *next)
{
    struct ota_record expected;

    record->pending = OTA_PENDING_NONE;
    for (unsigned i = 0; i < 2; i++)
        record->slot[i] = (struct ota_image){ variant, { variant, (uint8_t)i } };
    record->clean[1] = variant;
    expected = *record;
    expected.sequence++;
    next->state = OTA_RECORD_FOUND;
    next->firm = 0;
    record_model_encode(next->body, &expected);
    if (ota_record_write(record) != OTA_OK) {
        require(nor->off);
        return false;
    }
    require(record->sequence == expected.sequence && (record->copies == 3 || nor->off));
    world.anything = false;
    return true;
}

/* Steps are set in a row, each after the one before has been made firm; other marks in any order.
 */
static void set_mark(const struct ota_record *record, uint32_t mark, struct possible *next)
{
    uint32_t steps = 0;

    if (mark == OTA_MARK_STEP)
        require(ota_record_count_marks(record, mark, 2 * PIECES - 1, &steps));
    for (uint32_t i = steps > 0 ? steps - 1 : 0; i <= steps; i++) {
        if (ota_record_set_mark(record, mark + i) == OTA_OK && !nor->off)
            next->firm |= 1u << (mark + i);
    }
}

static void start(struct input *input)
{
    uint8_t action = take(input);
    uint8_t operations = take(input);
    uint8_t cut = take(input);
    uint8_t variant = take(input);
    uint64_t before = nor->operations;
    struct ota_record record;

    nor->random ^= (uint64_t)variant << 32 | operations;
    nor_flash_cut_in(nor, operations, (enum nor_cut)(cut % NOR_CUT_KINDS));
    struct possible found = read_possible(&record);
    struct possible next = found;
    bool firm = record.copies == 3;
    if (found.state == OTA_RECORD_FOUND && !firm)
        require(ota_record_repair(&record) == OTA_OK || nor->off);
    if (!nor->off && action % 4 < 2) {
        if (write_new(&record, variant % 64, &next))
            found = next;
    } else if (!nor->off && action % 4 == 2 && found.state == OTA_RECORD_FOUND) {
        set_mark(&record, variant % (OTA_MARK_STEP + 1), &next);
    }
    require(nor->broken == NOR_RULES_KEPT);
    /* The first operation makes firm what was read; until then, the other one may still be read. */
    if (firm || nor->operations > before + 1) {
        world.possible[0] = nor->off ? found : next;
        world.possible[1] = next;
    }
    nor_flash_power_on(nor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = { data, size };
    uint8_t geometry = take(&input);
    uint8_t options = take(&input);
    struct ota_record record;

    prepare(geometry, options & 4);
    fill_copy(&input, 0, options & 1, options);
    fill_copy(&input, 1, options & 2, options);
    nor->fail_read = options >> 3 & 7;
    if (nor->fail_read > 0) {
        bool unreadable = read_record(&record) == OTA_RECORD_UNREADABLE;
        bool failed = nor->fail_read == 0;
        require(unreadable ? failed : !failed || counts(0) || counts(1));
        nor->fail_read = 0;
    }
    require_first_read();
    do {
        start(&input);
    } while (input.left > 0);
    return 0;
}
