/*
 * Numbers in little-endian order, aligned or not, whatever the host's order is.
 */
#ifndef COMMON_BYTES_H
#define COMMON_BYTES_H

#include <stdint.h>

/* Read 2 or 4 bytes. */
uint16_t bytes_u16(const uint8_t *at);
uint32_t bytes_u32(const uint8_t *at);

/* Write 2 or 4 bytes. */
void bytes_put_u16(uint8_t *at, uint16_t value);
void bytes_put_u32(uint8_t *at, uint32_t value);

#endif
