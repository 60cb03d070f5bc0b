/*
 * The flash interface: what a port provides, and all that libota knows of flash.
 *
 * The struct and what `ctx` points to belong to the caller and outlive every user. Calls come one
 * at a time, from the functions of libota that the port or application calls, never from elsewhere.
 */
#ifndef OTA_FLASH_H
#define OTA_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The largest write_size and the smallest erase_size that are supported, in bytes. */
#define OTA_WRITE_SIZE_MAX 256
#define OTA_ERASE_SIZE_MIN 64

struct ota_flash {
    void *ctx; /* handed to the functions unchanged */

    uint32_t size;       /* bytes; a multiple of erase_size, not 0 */
    uint32_t erase_size; /* bytes of the smallest erase; a multiple of write_size, at least 64 */
    uint32_t block_size; /* bytes of the largest erase; a multiple of erase_size, or equal to it */
    uint32_t write_size; /* bytes per program; a power of two, 1 to OTA_WRITE_SIZE_MAX */

    /* Read `len` bytes at any `offset`, all inside `size`. False when that failed. */
    bool (*read)(void *ctx, uint32_t offset, void *out, uint32_t len);

    /*
     * Program `len` bytes; `offset` and `len` are multiples of write_size, `len` is not 0, and the
     * bytes there have been erased and not programmed since. `bytes` need not be aligned. Returns
     * when the flash is done. False when that failed; the bytes there are then in no known state.
     *
     * Zeros alone also go to write units that hold zeros already, or that a power cut has left half
     * programmed to zeros: marks are made firm so (ota/record.h). NOR flash allows it, also
     * with error correction: zeros leave no cell undecided.
     */
    bool (*write)(void *ctx, uint32_t offset, const void *bytes, uint32_t len);

    /*
     * Set `len` bytes to 0xFF: erase_size bytes at a multiple of erase_size, or block_size bytes at
     * a multiple of block_size. Returns when the flash is done. False when that failed; the bytes
     * there are then in no known state.
     */
    bool (*erase)(void *ctx, uint32_t offset, uint32_t len);
};

/* True when the numbers are as demanded above; the functions do not matter. */
bool ota_flash_is_sound(const struct ota_flash *flash);

#ifdef __cplusplus
}
#endif

#endif
