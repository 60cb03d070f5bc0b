#include "record_bytes.h"

#include "common/bytes.h"
#include "common/crc32_small.h"

#include <stddef.h>
#include <string.h>

/* The bytes of a body; device/SPEC.md is the reference. */
enum {
    AT_MAGIC = 0,
    AT_VERSION = 4,
    AT_LENGTH = 6,
    AT_SEQUENCE = 8,
    AT_ACTIVE = 12,
    AT_PENDING = 13,
    AT_RESERVED = 14,
    AT_SLOT_0 = 16,
    AT_SLOT_1 = 36,
    AT_FILESYSTEM = 56,
    AT_CLEAN_0 = 76,
    AT_CLEAN_1 = 80,
    AT_CRC = 84,
};

_Static_assert(AT_CRC + 4 == OTA_RECORD_SIZE, "the CRC ends the record");

_Static_assert(OTA_RECORD_SIZE <= OTA_WRITE_SIZE_MAX, "a body takes a page, or less");

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

uint32_t ota_mark_size(const struct ota_flash *flash)
{
    return larger(flash->write_size, OTA_MARK_BYTES);
}

uint32_t ota_record_body_size(const struct ota_flash *flash)
{
    uint32_t unit = ota_mark_size(flash);

    return (OTA_RECORD_SIZE + unit - 1) / unit * unit;
}

uint32_t ota_mark_offset(const struct ota_flash *flash, uint32_t mark)
{
    return ota_record_body_size(flash) + mark * ota_mark_size(flash);
}

static uint32_t mark_at(const struct ota_record *record, unsigned copy, uint32_t mark)
{
    return record->layout->record[copy].offset + ota_mark_offset(record->flash, mark);
}

/* What fails once is tried again: else an older copy would count, or what is done be done again. */
static bool read_flash(const struct ota_flash *flash, uint32_t at, uint8_t *out, uint32_t len)
{
    for (int tries = 0; tries < 2; tries++) {
        if (flash->read(flash->ctx, at, out, len))
            return true;
    }
    return false;
}

int ota_mark_zeros(const struct ota_record *record, unsigned copy, uint32_t mark)
{
    uint8_t bytes[OTA_MARK_BYTES];
    int zeros = 0;

    if (!read_flash(record->flash, mark_at(record, copy, mark), bytes, sizeof bytes))
        return -1;
    for (uint32_t bits = ~bytes_u32(bytes); bits > 0; bits &= bits - 1)
        zeros++;
    return zeros;
}

bool ota_body_read(const struct ota_record *record, unsigned copy, uint8_t out[OTA_RECORD_SIZE])
{
    return read_flash(record->flash, record->layout->record[copy].offset, out, OTA_RECORD_SIZE);
}

enum ota_error ota_record_program(const struct ota_record *record, unsigned copy, uint32_t mark,
                                  const uint8_t *body)
{
    const struct ota_flash *flash = record->flash;
    uint8_t page[OTA_WRITE_SIZE_MAX];
    uint32_t at = record->layout->record[copy].offset;
    uint32_t size = ota_record_body_size(flash);

    memset(page, body ? 0xFF : 0, sizeof page);
    if (body) {
        memcpy(page, body, OTA_RECORD_SIZE);
    } else {
        at = mark_at(record, copy, mark);
        size = ota_mark_size(flash);
    }
    return flash->write(flash->ctx, at, page, size) ? OTA_OK : OTA_ERROR_WRITE;
}

static const uint8_t head[AT_SEQUENCE] = { 'O', 'T', 'A', 'R', 2, 0, OTA_RECORD_SIZE, 0 };

/* What is stored of the struct has the places that its bytes have in flash, */
#define STORED (AT_CRC - AT_SEQUENCE)
_Static_assert(offsetof(struct ota_record, active) == AT_ACTIVE - AT_SEQUENCE &&
                   offsetof(struct ota_record, pending) == AT_PENDING - AT_SEQUENCE &&
                   offsetof(struct ota_record, slot) == AT_SLOT_0 - AT_SEQUENCE &&
                   offsetof(struct ota_record, filesystem) == AT_FILESYSTEM - AT_SEQUENCE &&
                   offsetof(struct ota_record, clean) == AT_CLEAN_0 - AT_SEQUENCE &&
                   offsetof(struct ota_image, md5) == 4 && sizeof(struct ota_image) == 20,
               "the struct is laid out as the body");

/* but its numbers are the host's, not little endian: turns either into the other. */
static void turn_numbers(uint8_t *body)
{
    static const uint8_t places[] = { AT_SEQUENCE,   AT_SLOT_0,  AT_SLOT_1,
                                      AT_FILESYSTEM, AT_CLEAN_0, AT_CLEAN_1 };

    for (unsigned i = 0; i < sizeof places; i++) {
        uint32_t number = bytes_u32(body + places[i]);
        memcpy(body + places[i], &number, sizeof number);
    }
}

void ota_record_encode(uint8_t out[OTA_RECORD_SIZE], const struct ota_record *record,
                       uint32_t sequence)
{
    memcpy(out, head, sizeof head);
    memcpy(out + AT_SEQUENCE, record, STORED);
    memcpy(out + AT_SEQUENCE, &sequence, sizeof sequence);
    out[AT_RESERVED] = out[AT_RESERVED + 1] = 0;
    turn_numbers(out);
    bytes_put_u32(out + AT_CRC, crc32_small_update(CRC32_SEED, out, AT_CRC));
}

bool ota_record_decode(struct ota_record *out, uint8_t in[OTA_RECORD_SIZE])
{
    if (memcmp(in, head, sizeof head) != 0 || in[AT_ACTIVE] > 1 ||
        in[AT_PENDING] > OTA_PENDING_ROLLBACK ||
        bytes_u32(in + AT_CRC) != crc32_small_update(CRC32_SEED, in, AT_CRC))
        return false;
    turn_numbers(in);
    memcpy(out, in + AT_SEQUENCE, STORED);
    return true;
}

bool ota_record_is_blank(const uint8_t in[OTA_RECORD_SIZE])
{
    for (unsigned i = 0; i < OTA_RECORD_SIZE; i++) {
        if (in[i] != 0xFF)
            return false;
    }
    return true;
}
