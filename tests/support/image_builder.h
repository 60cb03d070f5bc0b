/*
 * Well-formed images of a chosen size, for tests and demonstrations: what the build systems write,
 * with pseudo-random content. Another seed gives another image; the same seed the same bytes.
 *
 * The digests come from digest.h: the program links one of its back-ends.
 */
#ifndef SUPPORT_IMAGE_BUILDER_H
#define SUPPORT_IMAGE_BUILDER_H

#include "common/image.h"

#include <stddef.h>
#include <stdint.h>

/* An image in memory; built_image_free() releases it. `bytes` is NULL when memory ran out. */
struct built_image {
    uint8_t *bytes;
    size_t size;
};

/* Every size asked for is rounded up: to what its format needs at least, and to its unit. */
#define BUILT_ESP8266_MIN 0x1100 /* unit 16 */
#define BUILT_ESP32_MIN   0x0400 /* unit 16 */
#define BUILT_PICO_MIN    0x0400 /* unit 4 */

/* A sector: the unit of a LittleFS image, which has at least two. */
#define BUILT_SECTOR 4096

/*
 * An ESP8266 sketch: boot image at 0, sketch at 0x1000, its length and CRC words right, and its
 * checksum byte stale, as that of every genuine sketch.
 */
struct built_image build_esp8266(size_t size, uint32_t seed);

/* What the texts of build_esp32()'s application description are. */
#define BUILT_ESP32_PROJECT "thermostat"
#define BUILT_ESP32_VERSION "1.4.2"
#define BUILT_ESP32_IDF     "v5.1.4"

/* An application for an ESP32 chip: description in the first segment, SHA-256 appended. */
struct built_image build_esp32(size_t size, uint32_t seed, uint16_t chip_id);

/* An RP2040 sketch: the second boot stage with its CRC, then code. */
struct built_image build_pico(size_t size, uint32_t seed);

/* An RP2350 sketch: vectors, a block with its markers in the first 4 KiB, then code. */
struct built_image build_pico2(size_t size, uint32_t seed);

/* A LittleFS file system: superblock in both of its first blocks. */
struct built_image build_littlefs(size_t size, uint32_t seed);

/* Bytes of no kind at all; exactly `size` of them. */
struct built_image build_noise(size_t size, uint32_t seed);

/* `content`, which stays the caller's, compressed as one gzip member. */
struct built_image build_gzip(const struct built_image *content);

/* `image`, released here, with a signature's trailer as of an ESP8266 or RP2040 build. */
struct built_image build_signed(struct built_image image, uint32_t seed);

/* Make the words and digests of an ESP8266 or ESP32 image right again after a change. */
void rebuild_esp8266_words(uint8_t *bytes, size_t size);
void rebuild_esp32_digest(uint8_t *bytes, size_t size);

/* The image as a source for image_examine(), valid as long as `*image` stays as it is. */
struct image_source built_image_source(const struct built_image *image);

void built_image_free(struct built_image *image);

#endif
