#include "tests/support/image_builder.h"

#include "common/crc32.h"
#include "common/digest.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Where the parts of an ESP8266 sketch are, and the words in its first segment. */
#define SKETCH_AT 0x1000
#define LENGTH_AT 0x1010
#define CRC_AT    0x1014

static void put_u16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static void put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, value);
    put_u16(at + 2, value >> 16);
}

/* xorshift32; its state is never 0. */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Like machine code, half of it is words that come again and again: it can be compressed. */
static void fill(uint8_t *at, size_t len, uint32_t seed)
{
    uint32_t state = seed * 2654435761u + 0x9E3779B9u;

    if (state == 0)
        state = 1;
    for (size_t i = 0; i < len; i += 4) {
        uint8_t word[4];
        uint32_t number = next_random(&state);
        put_u32(word, number & 1 ? number : (number >> 8 & 0x3F) * 0x01000193u);
        memcpy(at + i, word, len - i < sizeof word ? len - i : sizeof word);
    }
}

static size_t round_up(size_t size, size_t min, size_t unit)
{
    if (size < min)
        size = min;
    return (size + unit - 1) / unit * unit;
}

static struct built_image allocate(size_t size)
{
    struct built_image image = { calloc(1, size > 0 ? size : 1), size };

    if (!image.bytes)
        image.size = 0;
    return image;
}

/* Write a segment's header and content; `*checksum` takes the content in. Returns its end. */
static uint8_t *put_segment(uint8_t *at, uint32_t address, size_t len, uint32_t seed,
                            uint8_t *checksum)
{
    put_u32(at, address);
    put_u32(at + 4, (uint32_t)len);
    fill(at + 8, len, seed);
    for (size_t i = 0; i < len; i++)
        *checksum = (uint8_t)(*checksum ^ at[8 + i]);
    return at + 8 + len;
}

static void put_header(uint8_t *at, uint8_t segments, uint8_t mode, uint8_t size, uint32_t entry)
{
    at[0] = 0xE9;
    at[1] = segments;
    at[2] = mode;
    at[3] = size;
    put_u32(at + 4, entry);
}

void rebuild_esp8266_words(uint8_t *bytes, size_t size)
{
    memset(bytes + LENGTH_AT, 0, 8);
    uint32_t crc = crc32_update(CRC32_SEED, bytes, size);
    put_u32(bytes + LENGTH_AT, (uint32_t)size);
    put_u32(bytes + CRC_AT, crc);
}

struct built_image build_esp8266(size_t size, uint32_t seed)
{
    enum {
        BOOT_LEN = 0x0CA8,
        RAM_LEN = 0x40,
    };
    struct built_image image = allocate(round_up(size, BUILT_ESP8266_MIN, 16));
    uint8_t checksum = 0xEF;

    if (!image.bytes)
        return image;
    /* The boot loader, padded with 0xAA up to the sketch. */
    put_header(image.bytes, 1, 2, 0x40, 0x4010F480);
    uint8_t *end = put_segment(image.bytes + 8, 0x4010F000, BOOT_LEN, ~seed, &checksum);
    size_t row = (size_t)(end - image.bytes) / 16 * 16 + 15;
    image.bytes[row] = checksum;
    memset(image.bytes + row + 1, 0xAA, SKETCH_AT - row - 1);

    /* The sketch: code in flash, and something for the RAM. Then the words, unknown until now. */
    uint8_t *sketch = image.bytes + SKETCH_AT;
    size_t code = image.size - SKETCH_AT - 8 - 2 * 8 - RAM_LEN - 8;
    checksum = 0xEF;
    put_header(sketch, 2, 2, 0x40, 0x40100084);
    end = put_segment(sketch + 8, 0x40201010, code, seed, &checksum);
    put_segment(end, 0x3FFE8000, RAM_LEN, seed + 1, &checksum);
    for (size_t i = 0; i < 8; i++)
        checksum = (uint8_t)(checksum ^ image.bytes[LENGTH_AT + i]);
    image.bytes[image.size - 1] = checksum;
    rebuild_esp8266_words(image.bytes, image.size);
    return image;
}

static void put_app(uint8_t *at, uint32_t seed)
{
    memset(at, 0, 256);
    put_u32(at, 0xABCD5432);
    memcpy(at + 16, BUILT_ESP32_VERSION, sizeof BUILT_ESP32_VERSION);
    memcpy(at + 48, BUILT_ESP32_PROJECT, sizeof BUILT_ESP32_PROJECT);
    memcpy(at + 80, "12:34:56", 9);
    memcpy(at + 96, "Jan  2 2025", 12);
    memcpy(at + 112, BUILT_ESP32_IDF, sizeof BUILT_ESP32_IDF);
    fill(at + 144, 32, seed);
}

/* Where the checksum row ends: before the digest. The segments are walked as a loader would. */
static size_t esp32_row_end(const uint8_t *bytes, uint8_t *checksum)
{
    size_t at = 24;

    *checksum = 0xEF;
    for (uint8_t n = bytes[1]; n > 0; n--) {
        size_t len = bytes[at + 4] | (size_t)bytes[at + 5] << 8 | (size_t)bytes[at + 6] << 16 |
                     (size_t)bytes[at + 7] << 24;
        at += 8;
        for (; len > 0; len--)
            *checksum = (uint8_t)(*checksum ^ bytes[at++]);
    }
    return at / 16 * 16 + 16;
}

void rebuild_esp32_digest(uint8_t *bytes, size_t size)
{
    struct digest digest;
    uint8_t checksum;
    size_t row_end = esp32_row_end(bytes, &checksum);

    bytes[row_end - 1] = checksum;
    if (bytes[23] == 0 || row_end + DIGEST_SHA256_SIZE > size)
        return;
    digest_init(&digest, DIGEST_SHA256);
    digest_update(&digest, bytes, row_end);
    digest_finish(&digest, bytes + row_end);
}

struct built_image build_esp32(size_t size, uint32_t seed, uint16_t chip_id)
{
    enum {
        DATA_LEN = 0x140,
        RAM_LEN = 0x60,
    };
    struct built_image image = allocate(round_up(size, BUILT_ESP32_MIN, 16));
    uint8_t unused = 0;

    if (!image.bytes)
        return image;
    put_header(image.bytes, 3, 2, 0x2F, 0x40081234);
    image.bytes[8] = 0xEE; /* no write-protect pin */
    put_u16(image.bytes + 12, chip_id);
    put_u16(image.bytes + 17, 399); /* highest revision: 3.99 */
    image.bytes[23] = 1;
    uint8_t *at = put_segment(image.bytes + 24, 0x3F400020, DATA_LEN, seed, &unused);
    put_app(image.bytes + 32, seed);
    at = put_segment(at, 0x3FFB0000, RAM_LEN, seed + 1, &unused);
    size_t code = image.size - (size_t)(at - image.bytes) - 8 - 8 - DIGEST_SHA256_SIZE;
    put_segment(at, 0x400D0020, code, seed + 2, &unused);
    rebuild_esp32_digest(image.bytes, image.size);
    return image;
}

struct built_image build_pico(size_t size, uint32_t seed)
{
    struct built_image image = allocate(round_up(size, BUILT_PICO_MIN, 4));

    if (!image.bytes)
        return image;
    fill(image.bytes, image.size, seed);
    put_u32(image.bytes, 0x4B32B500); /* "push {lr}", as boot stages begin */
    put_u32(image.bytes + 252, crc32_update(CRC32_SEED, image.bytes, 252));
    return image;
}

struct built_image build_pico2(size_t size, uint32_t seed)
{
    static const uint32_t block[] = { 0xFFFFDED3, 0x10210142, 0x000001FF, 0, 0xAB123579 };
    struct built_image image = allocate(round_up(size, BUILT_PICO_MIN, 4));

    if (!image.bytes)
        return image;
    fill(image.bytes, image.size, seed);
    put_u32(image.bytes, 0x20082000); /* the stack, as vectors begin */
    for (size_t i = 0; i < sizeof block / sizeof block[0]; i++)
        put_u32(image.bytes + 0x110 + 4 * i, block[i]);
    return image;
}

struct built_image build_littlefs(size_t size, uint32_t seed)
{
    struct built_image image = allocate(round_up(size, 2 * (size_t)BUILT_SECTOR, BUILT_SECTOR));

    if (!image.bytes)
        return image;
    memset(image.bytes, 0xFF, image.size);
    for (uint32_t block = 0; block < 2; block++) {
        uint8_t *at = image.bytes + (size_t)block * BUILT_SECTOR;
        put_u32(at, 2 - block);
        memcpy(at + 4, "\xF0\x0F\xFF\xF7littlefs", 12);
    }
    fill(image.bytes + 2 * (size_t)BUILT_SECTOR, image.size - 2 * (size_t)BUILT_SECTOR, seed);
    return image;
}

struct built_image build_noise(size_t size, uint32_t seed)
{
    struct built_image image = allocate(size);

    if (!image.bytes)
        return image;
    fill(image.bytes, image.size, seed);
    if (size > 0)
        image.bytes[0] = 0x55;
    return image;
}

struct built_image build_gzip(const struct built_image *content)
{
    z_stream stream = { 0 };
    struct built_image image = { NULL, 0 };

    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 9,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return image;
    image = allocate(deflateBound(&stream, (uLong)content->size));
    stream.next_in = content->bytes;
    stream.avail_in = (uInt)content->size;
    stream.next_out = image.bytes;
    stream.avail_out = (uInt)image.size;
    if (image.bytes && deflate(&stream, Z_FINISH) == Z_STREAM_END)
        image.size = stream.total_out;
    else
        built_image_free(&image);
    deflateEnd(&stream);
    return image;
}

struct built_image build_signed(struct built_image image, uint32_t seed)
{
    enum {
        SIGNATURE_LEN = 256,
    };
    uint8_t *bytes = realloc(image.bytes, image.size + SIGNATURE_LEN + 4);

    if (!bytes) {
        built_image_free(&image);
        return image;
    }
    fill(bytes + image.size, SIGNATURE_LEN, seed);
    put_u32(bytes + image.size + SIGNATURE_LEN, SIGNATURE_LEN);
    return (struct built_image){ bytes, image.size + SIGNATURE_LEN + 4 };
}

static bool read_built(const void *ctx, uint64_t offset, void *out, size_t len)
{
    const struct built_image *image = ctx;

    if (offset > image->size || len > image->size - offset)
        abort(); /* image.h promises never to ask for that */
    memcpy(out, image->bytes + offset, len);
    return true;
}

struct image_source built_image_source(const struct built_image *image)
{
    return (struct image_source){ image, image->size, read_built };
}

void built_image_free(struct built_image *image)
{
    free(image->bytes);
    *image = (struct built_image){ NULL, 0 };
}
