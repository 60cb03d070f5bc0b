#include "common/image.h"

#include "common/bytes.h"
#include "common/image_esp.h"
#include "common/image_pico.h"
#include "common/image_source.h"

#include <string.h>

#define GZIP_MIN 18 /* header and trailer */

/* A block of a LittleFS begins with a revision and a tag; that of the superblock is its name. */
static bool has_superblock(const struct image_source *source, uint64_t block)
{
    static const char name[8] = { 'l', 'i', 't', 't', 'l', 'e', 'f', 's' };
    char found[sizeof name];

    return image_read(source, block + 8, found, sizeof found) &&
           memcmp(found, name, sizeof name) == 0;
}

/* Block 0 may be erased or half written: block 1 is its twin. Blocks are of any power of two. */
static bool is_littlefs(const struct image_source *source)
{
    for (uint64_t block_size = 128; block_size <= 1u << 16; block_size *= 2) {
        if (has_superblock(source, block_size))
            return true;
    }
    return has_superblock(source, 0);
}

/* The kinds that no header of their own tells. The most telling mark comes first. */
static enum image_fault identify_by_content(struct image *image, const struct image_source *source)
{
    uint8_t head[IMAGE_PICO_HEAD];
    size_t len = source->size < sizeof head ? (size_t)source->size : sizeof head;

    if (!image_read(source, 0, head, len))
        return IMAGE_UNREADABLE;
    if (!has_superblock(source, 0) && image_pico_identify(head, len, &image->rp2350))
        image->kind = IMAGE_PICO;
    else if (is_littlefs(source))
        image->kind = IMAGE_LITTLEFS;
    else if (head[0] == IMAGE_ESP_MAGIC && source->size < IMAGE_HEADER_SIZE)
        return IMAGE_TRUNCATED;
    return IMAGE_SOUND;
}

/* Where the image proper ends at the earliest, a signature's trailer aside. */
static uint64_t content_end(const struct image *image)
{
    switch (image->kind) {
    case IMAGE_ESP8266:
        return image->length == IMAGE_CHECK_PASSED ? image->esp.sketch_length : image->esp.end;
    case IMAGE_PICO:
        return IMAGE_PICO_HEAD;
    case IMAGE_GZIP:
        return GZIP_MIN;
    case IMAGE_UNKNOWN:
    case IMAGE_ESP32:
    case IMAGE_LITTLEFS:
        break;
    }
    return UINT64_MAX;
}

/*
 * A trailer ends with the length of its signature, that of an RSA key of 1024 to 4096 bits. Where
 * it is known how long the sketch is, the trailer must begin right there.
 */
static enum image_fault find_trailer(struct image *image, const struct image_source *source)
{
    uint64_t end = content_end(image);
    uint8_t word[4];

    if (source->size < sizeof word || end > source->size - sizeof word)
        return IMAGE_SOUND;
    if (!image_read(source, source->size - sizeof word, word, sizeof word))
        return IMAGE_UNREADABLE;
    uint32_t length = bytes_u32(word);
    uint64_t room = source->size - sizeof word - end;
    bool exact = image->length == IMAGE_CHECK_PASSED;
    if (length >= 128 && length <= 512 && length % 64 == 0 &&
        (exact ? length == room : length <= room))
        image->signature = IMAGE_SIGNATURE_TRAILER;
    return IMAGE_SOUND;
}

static enum image_fault examine(struct image *image, const struct image_source *source)
{
    uint8_t bytes[IMAGE_HEADER_SIZE];
    size_t len = source->size < sizeof bytes ? (size_t)source->size : sizeof bytes;
    struct image_esp_header header;
    enum image_fault fault = IMAGE_SOUND;

    if (len == 0)
        return IMAGE_EMPTY;
    if (!image_read(source, 0, bytes, len))
        return IMAGE_UNREADABLE;
    image->kind = image_esp_parse(&header, bytes, len);
    if (image->kind != IMAGE_UNKNOWN)
        fault = image_esp_examine(image, &header, source);
    else if (!image_is_gzip(bytes, len))
        fault = identify_by_content(image, source);
    else {
        image->kind = IMAGE_GZIP;
        fault = source->size < GZIP_MIN ? IMAGE_TRUNCATED : IMAGE_SOUND;
    }
    return fault == IMAGE_SOUND ? find_trailer(image, source) : fault;
}

void image_examine(struct image *out, const struct image_source *source)
{
    *out = (struct image){ .size = source->size };
    out->fault = examine(out, source);
}

bool image_is_filesystem(enum image_kind kind)
{
    return kind == IMAGE_LITTLEFS;
}

const char *image_kind_name(enum image_kind kind)
{
    switch (kind) {
    case IMAGE_UNKNOWN:
        break;
    case IMAGE_ESP8266:
        return "ESP8266";
    case IMAGE_ESP32:
        return "ESP32";
    case IMAGE_PICO:
        return "RP2040";
    case IMAGE_GZIP:
        return "gzip";
    case IMAGE_LITTLEFS:
        return "LittleFS";
    }
    return "unknown";
}

const char *image_kind_value(enum image_kind kind)
{
    switch (kind) {
    case IMAGE_UNKNOWN:
        break;
    case IMAGE_ESP8266:
        return "esp8266";
    case IMAGE_ESP32:
        return "esp32";
    case IMAGE_PICO:
        return "pico";
    case IMAGE_GZIP:
        return "gzip";
    case IMAGE_LITTLEFS:
        return "littlefs";
    }
    return "unknown";
}

const char *image_chip_name(uint16_t chip_id)
{
    switch (chip_id) {
    case 0:
        return "ESP32";
    case 2:
        return "ESP32-S2";
    case 5:
        return "ESP32-C3";
    case 9:
        return "ESP32-S3";
    case 12:
        return "ESP32-C2";
    case 13:
        return "ESP32-C6";
    case 16:
        return "ESP32-H2";
    case 18:
        return "ESP32-P4";
    case 20:
        return "ESP32-C61";
    case 23:
        return "ESP32-C5";
    default:
        return NULL;
    }
}

const char *image_chip(const struct image *image)
{
    switch (image->kind) {
    case IMAGE_ESP8266:
        return "ESP8266";
    case IMAGE_ESP32:
        return image_chip_name(image->esp.chip_id);
    case IMAGE_PICO:
        return image->rp2350 ? "RP2350" : "RP2040";
    case IMAGE_UNKNOWN:
    case IMAGE_GZIP:
    case IMAGE_LITTLEFS:
        break;
    }
    return NULL;
}

const char *image_flash_mode_name(uint8_t mode)
{
    static const char *const names[] = { "QIO", "QOUT", "DIO", "DOUT" };

    return mode < sizeof names / sizeof names[0] ? names[mode] : NULL;
}

const char *image_fault_text(enum image_fault fault)
{
    switch (fault) {
    case IMAGE_SOUND:
        break;
    case IMAGE_UNREADABLE:
        return "it cannot be read";
    case IMAGE_EMPTY:
        return "it is empty";
    case IMAGE_TRUNCATED:
        return "it ends before its last segment and checksum";
    case IMAGE_BAD_CHECKSUM:
        return "its checksum is wrong";
    case IMAGE_BAD_LENGTH:
        return "it is shorter than the length it states";
    case IMAGE_BAD_CRC:
        return "its CRC is wrong";
    case IMAGE_BAD_SHA256:
        return "its SHA-256 is wrong";
    }
    return "it is sound";
}
