#include "common/crc32_small.h"

#define POLYNOMIAL 0x04C11DB7u

uint32_t crc32_small_update(uint32_t crc, const void *data, size_t len)
{
    const uint8_t *at = data;

    for (; len > 0; at++, len--) {
        crc ^= (uint32_t)*at << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc << 1 ^ (crc >> 31 ? POLYNOMIAL : 0);
    }
    return crc;
}
