#include "common/image_pico.h"

#include "common/bytes.h"
#include "common/crc32.h"

/* RP2040: the second boot stage, 252 bytes and their CRC. */
#define BOOT_STAGE_SIZE 256

/* RP2350: a block of items between two markers, all of them aligned words. */
#define BLOCK_BEGIN 0xFFFFDED3u
#define BLOCK_END   0xAB123579u

static bool has_boot_stage(const uint8_t *head, size_t len)
{
    return len >= BOOT_STAGE_SIZE && crc32_update(CRC32_SEED, head, BOOT_STAGE_SIZE - 4) ==
                                         bytes_u32(head + BOOT_STAGE_SIZE - 4);
}

static bool has_block(const uint8_t *head, size_t len)
{
    bool begun = false;

    for (size_t at = 0; at + 4 <= len && at < IMAGE_PICO_HEAD; at += 4) {
        uint32_t word = bytes_u32(head + at);
        if (begun && word == BLOCK_END)
            return true;
        begun = begun || word == BLOCK_BEGIN;
    }
    return false;
}

bool image_pico_identify(const uint8_t *head, size_t len, bool *rp2350)
{
    if (has_boot_stage(head, len)) {
        *rp2350 = false;
        return true;
    }
    *rp2350 = has_block(head, len);
    return *rp2350;
}
