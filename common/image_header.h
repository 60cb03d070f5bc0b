/*
 * What an image's first bytes tell; with image_identify(), which image.h declares. Apart from the
 * rest of image.h's implementation, so that a device that looks at headers is spared it, and the
 * tables of crc32.c.
 */
#ifndef COMMON_IMAGE_HEADER_H
#define COMMON_IMAGE_HEADER_H

#include "common/image.h"

/* Bytes of a header. */
#define IMAGE_ESP8266_HEADER 8
#define IMAGE_ESP32_HEADER   24

#define IMAGE_ESP_MAGIC 0xE9

/* The fixed part of an image. */
struct image_esp_header {
    unsigned segments; /* 1 to IMAGE_SEGMENTS_MAX */
    uint8_t flash_mode;
    uint64_t flash_size; /* bytes; 0 when the code is not known */
    uint32_t entry;
    uint16_t chip_id;   /* ESP32 family, as the next */
    bool hash_appended; /* a SHA-256 follows the checksum */
};

/*
 * Read a header: IMAGE_ESP8266 or IMAGE_ESP32 when it is one, else IMAGE_UNKNOWN and `out` is in
 * no particular state. The `len` bytes may be fewer than a header has.
 */
enum image_kind image_esp_parse(struct image_esp_header *out, const uint8_t *header, size_t len);

/* True when these IMAGE_ESP8266_HEADER bytes can begin an image of either family. */
bool image_esp_is_header(const uint8_t *header);

/* True when an entry point lies where the ESP8266 has its code. */
bool image_esp8266_is_entry(uint32_t entry);

/* True when the bytes begin a gzip stream. */
bool image_is_gzip(const uint8_t *header, size_t len);

#endif
