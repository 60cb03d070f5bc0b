#include "tests/sim/sim_image.h"

#include "common/bytes.h"
#include "common/digest.h"

#include <stdlib.h>

/* A sketch: header, header of its only segment, the segment, and a row with the checksum. */
#define ENTRY         0x40100004u
#define ADDRESS       0x40201010u
#define NO_FLASH_SIZE 5u /* a code in the header that means none */
#define CHECKSUM_SEED 0xEFu
#define ROW           16u

enum {
    AT_SEGMENTS = 1,
    AT_MODE = 2,
    AT_SIZES = 3,
    AT_ENTRY = 4,
    AT_ADDRESS = 8,
    AT_LENGTH = 12,
    AT_DATA = 16, /* begins with the size of the image */
    HEAD_SIZE = 20,
};

/* Noise without a period: SplitMix64. */
static void fill_noise(uint8_t *out, uint32_t len, uint64_t seed)
{
    uint64_t state = seed * 0xD1342543DE82EF95u + 1;

    for (uint32_t at = 0; at < len; at += 8) {
        uint64_t x = state += 0x9E3779B97F4A7C15u;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
        x ^= x >> 31;
        for (uint32_t i = at; i < len && i < at + 8; i++, x >>= 8)
            out[i] = (uint8_t)x;
    }
}

static bool make(struct sim_image *image, uint32_t size, uint32_t seed, enum ota_target target)
{
    *image = (struct sim_image){ .target = target, .seed = seed, .bytes = malloc(size) };
    if (!image->bytes)
        return false;
    image->body.size = size;
    fill_noise(image->bytes, size, seed);
    return true;
}

static void digest_body(struct sim_image *image)
{
    struct digest digest;

    digest_init(&digest, DIGEST_MD5);
    digest_update(&digest, image->bytes, image->body.size);
    digest_finish(&digest, image->body.md5);
}

bool sim_sketch_make(struct sim_image *image, uint32_t size, uint32_t seed)
{
    uint32_t checksum_at = size / ROW * ROW - 1;
    uint8_t checksum = CHECKSUM_SEED;

    if (size < SIM_SKETCH_MIN || !make(image, size, seed, OTA_SKETCH))
        return false;
    uint8_t *bytes = image->bytes;
    bytes[0] = 0xE9;
    bytes[AT_SEGMENTS] = 1;
    bytes[AT_MODE] = 2;
    bytes[AT_SIZES] = NO_FLASH_SIZE << 4;
    bytes_put_u32(bytes + AT_ENTRY, ENTRY);
    bytes_put_u32(bytes + AT_ADDRESS, ADDRESS);
    bytes_put_u32(bytes + AT_LENGTH, checksum_at - AT_DATA);
    bytes_put_u32(bytes + AT_DATA, size);
    for (uint32_t at = AT_DATA; at < checksum_at; at++)
        checksum ^= bytes[at];
    bytes[checksum_at] = checksum;
    digest_body(image);
    return true;
}

bool sim_filesystem_make(struct sim_image *image, uint32_t size, uint32_t seed)
{
    if (!make(image, size, seed, OTA_FILESYSTEM))
        return false;
    digest_body(image);
    return true;
}

void sim_image_free(struct sim_image *image)
{
    free(image->bytes);
    image->bytes = NULL;
}

uint32_t sim_sketch_size(void *ctx, const struct ota_flash *flash, const struct ota_area *area)
{
    uint8_t head[HEAD_SIZE];

    (void)ctx;
    if (area->size < SIM_SKETCH_MIN || !flash->read(flash->ctx, area->offset, head, sizeof head))
        return 0;
    uint32_t size = bytes_u32(head + AT_DATA);
    if (head[0] != 0xE9 || head[AT_SEGMENTS] != 1 || bytes_u32(head + AT_ENTRY) != ENTRY ||
        bytes_u32(head + AT_ADDRESS) != ADDRESS || size < SIM_SKETCH_MIN || size > area->size ||
        bytes_u32(head + AT_LENGTH) != size / ROW * ROW - 1 - AT_DATA)
        return 0;
    return size;
}
