#include "boot_move.h"

#include <string.h>

/* Bytes that are looked at in one read; they are on the stack. */
#define CHUNK 128u

#define TRIES 3

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void tick(const struct boot_start *start)
{
    if (start->config->tick)
        start->config->tick(start->config->ctx);
}

/* What fails once is tried again. */
static bool read_flash(const struct boot_start *start, uint32_t at, uint8_t *out, uint32_t len)
{
    const struct ota_flash *flash = start->record.flash;

    for (int tries = 0; tries < TRIES; tries++) {
        if (flash->read(flash->ctx, at, out, len))
            return true;
    }
    return false;
}

/* Read `size` bytes, and take them into a digest; or compare them with the buffer, without one. */
static bool look_at(const struct boot_start *start, uint32_t at, uint32_t size,
                    struct digest *digest)
{
    const uint8_t *expected = start->config->buffer;
    uint8_t bytes[CHUNK];

    for (uint32_t len = 0; size > 0; at += len, size -= len) {
        len = smaller(CHUNK, size);
        if (!read_flash(start, at, bytes, len))
            return false;
        tick(start);
        if (digest) {
            digest_update(digest, bytes, len);
        } else {
            if (memcmp(bytes, expected, len) != 0)
                return false;
            expected += len;
        }
    }
    return true;
}

bool boot_digest(const struct boot_start *start, uint32_t at, uint32_t size,
                 uint8_t out[DIGEST_MD5_SIZE])
{
    struct digest digest;
    bool read;

    digest_init(&digest, DIGEST_MD5);
    read = look_at(start, at, size, &digest);
    digest_finish(&digest, out);
    return read;
}

enum ota_boot_fault boot_check(const struct boot_start *start, uint32_t at,
                               const struct ota_image *image)
{
    uint8_t md5[DIGEST_MD5_SIZE];

    if (!boot_digest(start, at, image->size, md5))
        return OTA_BOOT_READ;
    return memcmp(md5, image->md5, sizeof md5) == 0 ? OTA_BOOT_SOUND : OTA_BOOT_IMAGE;
}

/* In full, whatever is there: what looks erased may be the remains of an erase that was cut. */
static bool erase(const struct boot_start *start, uint32_t at, uint32_t end)
{
    const struct ota_flash *flash = start->record.flash;

    while (at < end) {
        uint32_t len = flash->block_size;
        if (at % len != 0 || end - at < len)
            len = flash->erase_size;
        if (!flash->erase(flash->ctx, at, len))
            return false;
        at += len;
        tick(start);
    }
    return true;
}

static bool program(const struct boot_start *start, uint32_t to, uint32_t from, uint32_t size)
{
    const struct ota_flash *flash = start->record.flash;
    uint8_t *buffer = start->config->buffer;

    for (uint32_t len = 0; size > 0; to += len, from += len, size -= len) {
        len = smaller(start->config->buffer_size, size);
        uint32_t padded = (len + flash->write_size - 1) & -flash->write_size;
        memset(buffer, 0xFF, padded);
        if (!read_flash(start, from, buffer, len) ||
            !flash->write(flash->ctx, to, buffer, padded) || !look_at(start, to, padded, NULL))
            return false;
    }
    return true;
}

bool boot_copy(const struct boot_start *start, uint32_t to, uint32_t from, uint32_t size)
{
    /* Without a buffer nothing may be erased either. */
    for (int tries = 0; tries < TRIES && start->config->buffer_size > 0; tries++) {
        if (erase(start, to, to + size) && program(start, to, from, size))
            return true;
    }
    return false;
}

bool boot_move(const struct boot_start *start, uint32_t to, uint32_t from,
               const struct ota_image *image)
{
    return boot_copy(start, to, from, image->size) &&
           boot_check(start, to, image) == OTA_BOOT_SOUND;
}
