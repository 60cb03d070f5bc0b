/*
 * The bytes of a boot record, encoded by device/SPEC.md and not by the code that is tested.
 */
#ifndef RECORD_MODEL_H
#define RECORD_MODEL_H

#include "common/crc32.h"
#include "ota/record.h"

#include <string.h>

#define RECORD_MODEL_SIZE 88u

static inline void record_model_put(uint8_t *out, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        out[i] = (uint8_t)(value >> 8 * i & 0xFF);
}

static inline void record_model_seal(uint8_t body[RECORD_MODEL_SIZE])
{
    record_model_put(body + 84, crc32_update(CRC32_SEED, body, 84), 4);
}

static inline void record_model_encode(uint8_t out[RECORD_MODEL_SIZE],
                                       const struct ota_record *record)
{
    const struct ota_image *images[] = { &record->slot[0], &record->slot[1], &record->filesystem };

    memcpy(out, "OTAR", 4);
    record_model_put(out + 4, 2, 2);
    record_model_put(out + 6, RECORD_MODEL_SIZE, 2);
    record_model_put(out + 8, record->sequence, 4);
    out[12] = record->active;
    out[13] = record->pending;
    record_model_put(out + 14, 0, 2);
    for (unsigned i = 0; i < 3; i++) {
        record_model_put(out + 16 + 20 * i, images[i]->size, 4);
        memcpy(out + 20 + 20 * i, images[i]->md5, 16);
    }
    record_model_put(out + 76, record->clean[0], 4);
    record_model_put(out + 80, record->clean[1], 4);
    record_model_seal(out);
}

/* Half of a mark's first 32 bits are 0, or more. */
static inline bool record_model_is_set(const uint8_t mark[4])
{
    int ones = 0;

    for (unsigned i = 0; i < 4; i++)
        ones += __builtin_popcount(mark[i]);
    return ones <= 16;
}

#endif
