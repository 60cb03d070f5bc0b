#include "common/image_esp.h"

#include "common/bytes.h"
#include "common/crc32.h"
#include "common/image_app.h"
#include "common/image_source.h"

#include <string.h>

#define SEGMENT_HEADER_SIZE 8
#define ROW                 16 /* the checksum is the last byte of a row */
#define CHECKSUM_SEED       0xEF

/* Where an ESP8266 sketch begins, and the two words in its first segment. */
#define SKETCH_AT    0x1000
#define WORDS_AT     (SKETCH_AT + IMAGE_ESP8266_HEADER + SEGMENT_HEADER_SIZE)
#define WORDS_SIZE   8
#define SKETCH_CODED (WORDS_AT + WORDS_SIZE)

/* The signature at the end of an ESP32 image. */
#define SIGNATURE_BLOCK_SIZE 512

static void take_checksum(void *ctx, const uint8_t *bytes, size_t len)
{
    uint8_t *checksum = ctx;
    uint64_t sum = *checksum;

    for (; len >= sizeof sum; bytes += sizeof sum, len -= sizeof sum) {
        uint64_t word;
        memcpy(&word, bytes, sizeof word);
        sum ^= word;
    }
    for (; len > 0; bytes++, len--)
        sum ^= *bytes;
    sum ^= sum >> 32;
    sum ^= sum >> 16;
    sum ^= sum >> 8;
    *checksum = (uint8_t)sum;
}

/* Walk the segments from `at` on; takes their data into `checksum` unless that is NULL. */
static enum image_fault walk(struct image_part *part, const struct image_source *source,
                             uint64_t at, uint8_t *checksum)
{
    part->segment_count = 0;
    part->end = 0;
    while (part->segment_count < part->declared) {
        uint8_t header[SEGMENT_HEADER_SIZE];
        if (!image_holds(source, at, sizeof header))
            return IMAGE_TRUNCATED;
        if (!image_read(source, at, header, sizeof header))
            return IMAGE_UNREADABLE;
        at += sizeof header;
        struct image_segment *segment = &part->segments[part->segment_count++];
        *segment = (struct image_segment){ at, bytes_u32(header), bytes_u32(header + 4) };
        if (!image_holds(source, at, segment->length))
            return IMAGE_TRUNCATED;
        if (checksum && !image_scan(source, at, at + segment->length, take_checksum, checksum))
            return IMAGE_UNREADABLE;
        at += segment->length;
    }
    at += ROW - at % ROW;
    if (!image_holds(source, 0, at))
        return IMAGE_TRUNCATED;
    part->end = at;
    return IMAGE_SOUND;
}

/* Walk the first image and compare its checksum. */
static enum image_fault examine_first(struct image *image, const struct image_source *source,
                                      size_t header_size)
{
    uint8_t checksum = CHECKSUM_SEED;
    uint8_t stored;
    enum image_fault fault = walk(&image->esp.first, source, header_size, &checksum);

    if (fault != IMAGE_SOUND)
        return fault;
    image->esp.end = image->esp.first.end;
    if (!image_read(source, image->esp.end - 1, &stored, 1))
        return IMAGE_UNREADABLE;
    image->checksum = stored == checksum ? IMAGE_CHECK_PASSED : IMAGE_CHECK_FAILED;
    return stored == checksum ? IMAGE_SOUND : IMAGE_BAD_CHECKSUM;
}

static void take_crc(void *ctx, const uint8_t *bytes, size_t len)
{
    uint32_t *crc = ctx;

    *crc = crc32_update(*crc, bytes, len);
}

/* The CRC over the first `len` bytes, the two words taken as zero. */
static bool sketch_crc(const struct image_source *source, uint32_t len, uint32_t *crc)
{
    static const uint8_t words[WORDS_SIZE] = { 0 };
    uint32_t before = len < WORDS_AT ? len : WORDS_AT;
    uint32_t within = len - before < WORDS_SIZE ? len - before : WORDS_SIZE;

    *crc = CRC32_SEED;
    if (!image_scan(source, 0, before, take_crc, crc))
        return false;
    *crc = crc32_update(*crc, words, within);
    return image_scan(source, before + within, len, take_crc, crc);
}

/*
 * The length word is 0 where the core did not fill it in. Still older cores have no such word but
 * the sketch's first literal there; an address in the chip's memory map is no length.
 */
static bool is_length(uint32_t word)
{
    return word != 0 && (word < 0x3FF00000u || word >= 0x70000000u);
}

static enum image_fault check_words(struct image *image, const struct image_source *source,
                                    uint32_t length, uint32_t expected)
{
    uint32_t crc;

    if (!is_length(length))
        return IMAGE_SOUND;
    image->esp.sketch_length = length;
    image->length = length <= source->size ? IMAGE_CHECK_PASSED : IMAGE_CHECK_FAILED;
    if (image->length == IMAGE_CHECK_FAILED)
        return IMAGE_BAD_LENGTH;
    if (!sketch_crc(source, length, &crc))
        return IMAGE_UNREADABLE;
    image->crc = crc == expected ? IMAGE_CHECK_PASSED : IMAGE_CHECK_FAILED;
    return crc == expected ? IMAGE_SOUND : IMAGE_BAD_CRC;
}

/*
 * The sketch behind the boot loader's image. Its segments are for information alone and its
 * checksum is not looked at: build systems fill in the two words after they computed it.
 * Other frameworks have raw code here, or their first image reaches beyond this place.
 */
static enum image_fault examine_sketch(struct image *image, const struct image_source *source)
{
    struct image_part *sketch = &image->esp.sketch;
    uint8_t head[SKETCH_CODED - SKETCH_AT];

    if (image->esp.first.end > SKETCH_AT || !image_holds(source, SKETCH_AT, IMAGE_ESP8266_HEADER))
        return IMAGE_SOUND;
    if (!image_read(source, SKETCH_AT, head, IMAGE_ESP8266_HEADER))
        return IMAGE_UNREADABLE;
    sketch->entry = bytes_u32(head + 4);
    if (!image_esp_is_header(head) || !image_esp8266_is_entry(sketch->entry))
        return IMAGE_SOUND;
    image->esp.has_sketch = true;
    sketch->declared = head[1];
    if (!image_holds(source, SKETCH_AT, sizeof head))
        return IMAGE_TRUNCATED;
    if (walk(sketch, source, SKETCH_AT + IMAGE_ESP8266_HEADER, NULL) == IMAGE_UNREADABLE ||
        !image_read(source, SKETCH_AT, head, sizeof head))
        return IMAGE_UNREADABLE;
    return check_words(image, source, bytes_u32(head + 16), bytes_u32(head + 20));
}

static void take_digest(void *ctx, const uint8_t *bytes, size_t len)
{
    digest_update(ctx, bytes, len);
}

/*
 * Compare the appended SHA-256. It follows the checksum row, but where a build puts segments for
 * the second boot stage alone behind that row, it is at the very end, before a signature if there
 * is one. So a digest that is right in any of these places is taken.
 */
static enum image_fault check_sha256(struct image *image, const struct image_source *source)
{
    const uint64_t places[] = {
        image->esp.end + DIGEST_SHA256_SIZE,
        source->size > SIGNATURE_BLOCK_SIZE ? source->size - SIGNATURE_BLOCK_SIZE : 0,
        source->size,
    };
    struct digest digest;
    uint64_t at = 0;

    image->sha256 = IMAGE_CHECK_FAILED;
    if (!image_holds(source, image->esp.end, DIGEST_SHA256_SIZE))
        return IMAGE_TRUNCATED;
    digest_init(&digest, DIGEST_SHA256);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        uint8_t stored[DIGEST_SHA256_SIZE];
        uint8_t computed[DIGEST_SHA256_SIZE];
        uint64_t place = places[i] - sizeof stored;
        if (places[i] < places[0] || place < at)
            continue;
        if (!image_scan(source, at, place, take_digest, &digest) ||
            !image_read(source, place, stored, sizeof stored))
            return IMAGE_UNREADABLE;
        at = place;
        struct digest copy = digest;
        digest_finish(&copy, computed);
        if (memcmp(stored, computed, sizeof stored) == 0) {
            image->esp.end = places[i];
            image->sha256 = IMAGE_CHECK_PASSED;
            return IMAGE_SOUND;
        }
    }
    return IMAGE_BAD_SHA256;
}

static enum image_fault find_app(struct image_esp *esp, const struct image_source *source)
{
    uint8_t bytes[IMAGE_APP_SIZE];
    const struct image_segment *segment = &esp->first.segments[0];

    if (esp->first.segment_count == 0 || segment->length < sizeof bytes ||
        !image_holds(source, segment->offset, sizeof bytes))
        return IMAGE_SOUND;
    if (!image_read(source, segment->offset, bytes, sizeof bytes))
        return IMAGE_UNREADABLE;
    esp->has_app = image_app_parse(&esp->app, bytes);
    return IMAGE_SOUND;
}

/* 512 bytes behind everything that are not mere padding. */
static enum image_fault find_signature(struct image *image, const struct image_source *source)
{
    uint8_t block[SIGNATURE_BLOCK_SIZE];

    if (source->size - image->esp.end != sizeof block)
        return IMAGE_SOUND;
    if (!image_read(source, image->esp.end, block, sizeof block))
        return IMAGE_UNREADABLE;
    if (memcmp(block, block + 1, sizeof block - 1) != 0)
        image->signature = IMAGE_SIGNATURE_BLOCK;
    return IMAGE_SOUND;
}

static enum image_fault examine_esp32(struct image *image, const struct image_source *source,
                                      bool hash_appended)
{
    enum image_fault fault = examine_first(image, source, IMAGE_ESP32_HEADER);
    enum image_fault app = find_app(&image->esp, source);

    if (fault == IMAGE_SOUND)
        fault = app;
    if (fault == IMAGE_SOUND && hash_appended)
        fault = check_sha256(image, source);
    return fault == IMAGE_SOUND ? find_signature(image, source) : fault;
}

enum image_fault image_esp_examine(struct image *image, const struct image_esp_header *header,
                                   const struct image_source *source)
{
    enum image_fault fault;

    image->esp.flash_mode = header->flash_mode;
    image->esp.flash_size = header->flash_size;
    image->esp.chip_id = header->chip_id;
    image->esp.first.entry = header->entry;
    image->esp.first.declared = header->segments;
    if (image->kind == IMAGE_ESP32)
        return examine_esp32(image, source, header->hash_appended);
    fault = examine_first(image, source, IMAGE_ESP8266_HEADER);
    return fault == IMAGE_SOUND ? examine_sketch(image, source) : fault;
}
