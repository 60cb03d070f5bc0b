/*
 * Sketches made to measure for the tests of the device library: a header that is right, a segment
 * of eight bytes, then bytes from a fixed generator. The updater looks at no more than that, so any
 * number of a sketch's first bytes is a sketch too, as long as the segment is among them.
 */
#ifndef SKETCH_H
#define SKETCH_H

#include "common/digest.h"

#include <stddef.h>
#include <stdint.h>

static inline void sketch_md5(const uint8_t *bytes, size_t len, uint8_t out[DIGEST_MD5_SIZE])
{
    struct digest digest;

    digest_init(&digest, DIGEST_MD5);
    digest_update(&digest, bytes, len);
    digest_finish(&digest, out);
}

/* Bytes that look like nothing in particular. */
static inline void sketch_noise(uint8_t *out, size_t len, uint32_t seed)
{
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        out[i] = (uint8_t)(seed >> 24);
    }
}

/* Bytes of the smallest sketches. */
#define SKETCH_ESP8266_MIN 24
#define SKETCH_ESP32_MIN   40

/* A segment's header at `at`, for `length` bytes behind it; returns their end. */
static inline size_t sketch_segment(uint8_t *out, size_t at, uint32_t length)
{
    static const uint8_t address[4] = { 0x00, 0x00, 0x10, 0x40 };

    for (size_t i = 0; i < 4; i++) {
        out[at + i] = address[i];
        out[at + 4 + i] = (uint8_t)(length >> 8 * i);
    }
    return at + 8 + length;
}

/* A sketch for the ESP8266; `size_code` is its flash size's (1: 256 KiB). */
static inline void sketch_esp8266(uint8_t *out, size_t len, uint8_t size_code, uint32_t seed)
{
    static const uint8_t header[8] = { 0xE9, 1, 2, 0, 0x04, 0x00, 0x10, 0x40 };

    sketch_noise(out, len, seed);
    for (size_t i = 0; i < sizeof header; i++)
        out[i] = header[i];
    out[3] = (uint8_t)(size_code << 4);
    (void)sketch_segment(out, sizeof header, 8);
}

/* An application for a chip of the ESP32 family. */
static inline void sketch_esp32(uint8_t *out, size_t len, uint16_t chip_id)
{
    static const uint8_t header[24] = { 0xE9, 1, 2, 0x20, 0x00, 0x10, 0x08, 0x40, 0xEE };

    sketch_noise(out, len, 7);
    for (size_t i = 0; i < sizeof header; i++)
        out[i] = header[i];
    out[12] = (uint8_t)(chip_id & 0xFF);
    out[13] = (uint8_t)(chip_id >> 8);
    (void)sketch_segment(out, sizeof header, 8);
}

#endif
