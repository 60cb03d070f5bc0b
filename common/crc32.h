/*
 * CRC-32 with polynomial 0x04C11DB7, most significant bit first, no final inversion: the variant
 * that ESP8266 sketches and the RP2040's second boot stage carry (CRC-32/MPEG-2 with seed ~0).
 */
#ifndef COMMON_CRC32_H
#define COMMON_CRC32_H

#include <stddef.h>
#include <stdint.h>

#define CRC32_SEED 0xFFFFFFFFu

/* Take `len` bytes into `crc`, which begins as CRC32_SEED. */
uint32_t crc32_update(uint32_t crc, const void *data, size_t len);

#endif
