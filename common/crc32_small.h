/*
 * The CRC of crc32.h without its tables: a bit at a time, for firmware, where 8 KiB of constants
 * would be a high price for the few bytes of a record.
 */
#ifndef COMMON_CRC32_SMALL_H
#define COMMON_CRC32_SMALL_H

#include "common/crc32.h" /* CRC32_SEED */

/* As crc32_update(). */
uint32_t crc32_small_update(uint32_t crc, const void *data, size_t len);

#endif
