/*
 * The images of the ESP8266 and the ESP32 family: header, segments, checksum, and the digests
 * that build systems add. Part of image.h's implementation.
 */
#ifndef COMMON_IMAGE_ESP_H
#define COMMON_IMAGE_ESP_H

#include "common/image.h"

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

/* Examine an image whose `kind` is in `image` already, and whose header is this one. */
enum image_fault image_esp_examine(struct image *image, const struct image_esp_header *header,
                                   const struct image_source *source);

#endif
