#include "ota/record.h"

#include "common/bytes.h"
#include "common/crc32_small.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The bytes of a record; device/SPEC.md is the reference. */
enum {
    AT_MAGIC = 0,
    AT_VERSION = 4,
    AT_LENGTH = 6,
    AT_SEQUENCE = 8,
    AT_SKETCH = 12,
    AT_FILESYSTEM = 36,
    AT_CRC = 60,
    RECORD_SIZE = 64,
};

#define RECORD_MAGIC   0x5241544Fu /* "OTAR" */
#define RECORD_VERSION 1u

static void put_stored(uint8_t *out, const struct ota_stored *stored)
{
    bytes_put_u32(out, stored->offset);
    bytes_put_u32(out + 4, stored->size);
    memcpy(out + 8, stored->md5, sizeof stored->md5);
}

static void get_stored(struct ota_stored *out, const uint8_t *in)
{
    out->offset = bytes_u32(in);
    out->size = bytes_u32(in + 4);
    memcpy(out->md5, in + 8, sizeof out->md5);
}

static void encode(uint8_t out[RECORD_SIZE], const struct ota_record *record, uint32_t sequence)
{
    bytes_put_u32(out + AT_MAGIC, RECORD_MAGIC);
    bytes_put_u16(out + AT_VERSION, RECORD_VERSION);
    bytes_put_u16(out + AT_LENGTH, RECORD_SIZE);
    bytes_put_u32(out + AT_SEQUENCE, sequence);
    put_stored(out + AT_SKETCH, &record->sketch);
    put_stored(out + AT_FILESYSTEM, &record->filesystem);
    bytes_put_u32(out + AT_CRC, crc32_small_update(CRC32_SEED, out, AT_CRC));
}

static bool decode(struct ota_record *out, const uint8_t in[RECORD_SIZE])
{
    if (bytes_u32(in + AT_MAGIC) != RECORD_MAGIC || bytes_u16(in + AT_VERSION) != RECORD_VERSION ||
        bytes_u16(in + AT_LENGTH) != RECORD_SIZE ||
        bytes_u32(in + AT_CRC) != crc32_small_update(CRC32_SEED, in, AT_CRC))
        return false;
    out->sequence = bytes_u32(in + AT_SEQUENCE);
    get_stored(&out->sketch, in + AT_SKETCH);
    get_stored(&out->filesystem, in + AT_FILESYSTEM);
    return true;
}

static bool is_blank(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0xFF)
            return false;
    }
    return true;
}

/* Sequence numbers wrap: the newer of two is ahead by less than half of their range. */
static bool is_newer(uint32_t a, uint32_t b)
{
    return a != b && (uint32_t)(a - b) < 0x80000000u;
}

/*
 * Without a valid copy, the one to replace is a damaged one: as long as the other stays blank, a
 * write that is cut again still leaves "nothing was ever recorded" and not "damaged".
 */
enum ota_record_state ota_record_read(const struct ota_flash *flash, struct ota_record *out)
{
    uint8_t bytes[2][RECORD_SIZE];
    struct ota_record copies[2];
    bool valid[2];

    *out = (struct ota_record){ 0 };
    for (unsigned i = 0; i < 2; i++) {
        if (!flash->read(flash->ctx, ota_layout_record(flash, i), bytes[i], RECORD_SIZE))
            return OTA_RECORD_UNREADABLE;
        valid[i] = decode(&copies[i], bytes[i]);
    }
    if (!valid[0] && !valid[1]) {
        bool blank[2] = { is_blank(bytes[0], RECORD_SIZE), is_blank(bytes[1], RECORD_SIZE) };
        out->spare = blank[0] && !blank[1] ? 1 : 0;
        return blank[0] || blank[1] ? OTA_RECORD_EMPTY : OTA_RECORD_DAMAGED;
    }
    unsigned newest =
        valid[1] && (!valid[0] || is_newer(copies[1].sequence, copies[0].sequence)) ? 1 : 0;
    *out = copies[newest];
    out->spare = 1 - newest;
    return OTA_RECORD_FOUND;
}

static bool program(const struct ota_flash *flash, uint32_t offset,
                    const uint8_t bytes[RECORD_SIZE])
{
    uint8_t page[OTA_WRITE_SIZE_MAX];
    uint32_t len = flash->write_size > RECORD_SIZE ? flash->write_size : RECORD_SIZE;

    memset(page, 0xFF, sizeof page);
    memcpy(page, bytes, RECORD_SIZE);
    return flash->write(flash->ctx, offset, page, len);
}

static enum ota_error read_back(const struct ota_flash *flash, uint32_t offset,
                                const uint8_t bytes[RECORD_SIZE])
{
    uint8_t found[RECORD_SIZE];

    if (!flash->read(flash->ctx, offset, found, sizeof found))
        return OTA_ERROR_READ;
    return memcmp(found, bytes, sizeof found) == 0 ? OTA_OK : OTA_ERROR_WRITE;
}

enum ota_error ota_record_write_step(const struct ota_flash *flash, struct ota_record *record,
                                     enum ota_record_step *step)
{
    uint32_t offset = ota_layout_record(flash, record->spare);
    uint8_t bytes[RECORD_SIZE];

    encode(bytes, record, record->sequence + 1);
    if (*step == OTA_RECORD_ERASE) {
        if (!flash->erase(flash->ctx, offset, flash->erase_size))
            return OTA_ERROR_ERASE;
        *step = OTA_RECORD_PROGRAM;
    } else if (*step == OTA_RECORD_PROGRAM) {
        if (!program(flash, offset, bytes))
            return OTA_ERROR_WRITE;
        *step = OTA_RECORD_READ_BACK;
    } else if (*step == OTA_RECORD_READ_BACK) {
        enum ota_error error = read_back(flash, offset, bytes);
        if (error)
            return error;
        record->sequence++;
        record->spare = 1 - record->spare;
        *step = OTA_RECORD_WRITTEN;
    }
    return OTA_OK;
}

enum ota_error ota_record_write(const struct ota_flash *flash, struct ota_record *record)
{
    enum ota_record_step step = OTA_RECORD_ERASE;
    enum ota_error error = OTA_OK;

    while (!error && step != OTA_RECORD_WRITTEN)
        error = ota_record_write_step(flash, record, &step);
    return error;
}
