/*
 * record.h: any bytes in flash give a state and a record as device/SPEC.md says; and whatever was
 * there, a write is read back as written, or leaves what counted before.
 *
 * Two bytes of options, the two copies, then a round of writing for every 4 bytes that are left.
 */
#define RAM_FLASH_SIZE 4096u

#include "common/crc32.h"
#include "ota/record.h"
#include "tests/unit/device/ram_flash.h"
#include "tests/unit/device/sketch.h"

#define COPY_SIZE 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *at;
    size_t left;
};

static struct ram_flash ram;

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

static void put_u32(uint8_t *out, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> 8 * i & 0xFF);
}

static uint32_t get_u32(const uint8_t *in)
{
    return in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

/* --- What is expected, from the bytes --------------------------------------------------------- */

static const uint8_t *copy_at(unsigned copy)
{
    return ram.cells + ram.flash.size - (2 - copy) * ram.flash.erase_size;
}

static bool is_valid(const uint8_t *copy)
{
    static const uint8_t head[8] = { 'O', 'T', 'A', 'R', 1, 0, COPY_SIZE, 0 };

    return memcmp(copy, head, sizeof head) == 0 &&
           get_u32(copy + 60) == crc32_update(CRC32_SEED, copy, 60);
}

static bool is_blank(const uint8_t *copy)
{
    for (unsigned i = 0; i < COPY_SIZE; i++) {
        if (copy[i] != 0xFF)
            return false;
    }
    return true;
}

static void require_stored(const struct ota_stored *stored, const uint8_t *bytes)
{
    require(stored->offset == get_u32(bytes) && stored->size == get_u32(bytes + 4));
    require(memcmp(stored->md5, bytes + 8, sizeof stored->md5) == 0);
}

static void require_no_images(const struct ota_record *record)
{
    require(record->sequence == 0 && record->sketch.size == 0 && record->filesystem.size == 0);
}

/* Read without faults, and compare with the rules. */
static enum ota_record_state read_record(struct ota_record *out)
{
    bool valid[2] = { is_valid(copy_at(0)), is_valid(copy_at(1)) };
    bool blank[2] = { is_blank(copy_at(0)), is_blank(copy_at(1)) };
    enum ota_record_state state;

    ram.fail_read = 0;
    memset(out, 0xA5, sizeof *out);
    state = ota_record_read(&ram.flash, out);
    require(out->spare < 2);
    if (!valid[0] && !valid[1]) {
        require(state == (blank[0] || blank[1] ? OTA_RECORD_EMPTY : OTA_RECORD_DAMAGED));
        require_no_images(out);
        require(blank[out->spare] == (blank[0] && blank[1]));
        return state;
    }
    const uint8_t *counts = copy_at(1 - out->spare);
    require(state == OTA_RECORD_FOUND && valid[1 - out->spare]);
    require(out->sequence == get_u32(counts + 8));
    if (valid[out->spare])
        require(get_u32(copy_at(out->spare) + 8) - out->sequence - 1 >= 0x7FFFFFFFu);
    require_stored(&out->sketch, counts + 12);
    require_stored(&out->filesystem, counts + 36);
    return state;
}

static bool is_same(const struct ota_record *a, const struct ota_record *b)
{
    return a->sequence == b->sequence && a->spare == b->spare &&
           a->sketch.offset == b->sketch.offset && a->sketch.size == b->sketch.size &&
           a->filesystem.offset == b->filesystem.offset &&
           a->filesystem.size == b->filesystem.size &&
           memcmp(a->sketch.md5, b->sketch.md5, DIGEST_MD5_SIZE) == 0 &&
           memcmp(a->filesystem.md5, b->filesystem.md5, DIGEST_MD5_SIZE) == 0;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static void choose_faults(struct input *input)
{
    uint8_t choice = take(input);
    uint8_t where = take(input);

    ram.fail_erase = choice % 8 == 1;
    ram.fail_write = choice % 8 == 2 || choice % 8 == 3;
    ram.torn = choice % 8 == 3;
    ram.torn_bytes = where;
    ram.fail_read = choice % 8 == 4;
    ram.dead_cell = RAM_FLASH_NOWHERE;
    if (choice % 8 == 5)
        ram.dead_cell = ota_layout_record(&ram.flash, choice >> 3 & 1) + where % COPY_SIZE;
}

/* Write, up to a power cut behind `steps` operations. */
static enum ota_error write_steps(struct ota_record *record, unsigned steps, bool *written)
{
    enum ota_record_step step = OTA_RECORD_ERASE;
    enum ota_error error = OTA_OK;

    while (!error && steps-- > 0 && step != OTA_RECORD_WRITTEN) {
        unsigned before = ram_flash_operations(&ram);
        error = ota_record_write_step(&ram.flash, record, &step);
        require(ram_flash_operations(&ram) == before + 1);
    }
    *written = step == OTA_RECORD_WRITTEN;
    return error;
}

/* The old record counts, or the new one, whole; afterwards a copy that is whole stays so. */
static void write_round(struct input *input)
{
    struct ota_record old;
    struct ota_record record;
    struct ota_record found;
    enum ota_record_state before = read_record(&old);
    enum ota_record_state after;
    uint8_t steps = take(input);
    bool written;

    record = old;
    sketch_noise((uint8_t *)&record.sketch, sizeof record.sketch, take(input));
    choose_faults(input);
    enum ota_error error = write_steps(&record, steps % 5 ? 3 : steps / 5 % 3, &written);
    require(written ? error == OTA_OK : true);
    bool could_read = error != OTA_ERROR_READ;
    after = read_record(&found);
    if (written)
        require(after == OTA_RECORD_FOUND && is_same(&found, &record));
    if (!written) {
        record.sequence = old.sequence + 1;
        record.spare = 1 - old.spare;
        bool is_new = after == OTA_RECORD_FOUND && is_same(&found, &record);
        require(is_new || before != OTA_RECORD_FOUND || is_same(&found, &old));
        require(could_read || is_new);
        require(is_new || error != OTA_OK || steps % 5 == 0);
        require(after != OTA_RECORD_DAMAGED || before == OTA_RECORD_DAMAGED);
    }
    require(!ram.rule_broken);
}

/* A copy from the input; sealed, it is as valid as the rest of it allows. */
static void fill_copy(struct input *input, unsigned copy, bool sealed)
{
    uint8_t *bytes = ram.cells + (copy_at(copy) - ram.cells);

    for (unsigned i = sealed ? 8 : 0; i < COPY_SIZE && input->left > 0; i++)
        bytes[i] = take(input);
    if (!sealed)
        return;
    memcpy(bytes, "OTAR\1\0\100", 8);
    put_u32(bytes + 60, crc32_update(CRC32_SEED, bytes, 60));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = { data, size };
    uint8_t geometry = take(&input);
    uint8_t options = take(&input);
    uint32_t write_size = 1u << geometry % 9;
    uint32_t erase_size =
        (write_size > COPY_SIZE ? write_size : COPY_SIZE) * (1 + geometry / 9 % 4);
    struct ota_record record;

    ram_flash_init(&ram, erase_size, write_size);
    ram.flash.size = RAM_FLASH_SIZE / erase_size * erase_size;
    fill_copy(&input, 0, options & 1);
    fill_copy(&input, 1, options & 2);
    ram.fail_read = options >> 2 & 3;
    if (ram.fail_read == 1 || ram.fail_read == 2) {
        require(ota_record_read(&ram.flash, &record) == OTA_RECORD_UNREADABLE);
        require_no_images(&record);
    }
    do {
        write_round(&input);
    } while (input.left > 0);
    return 0;
}
