/*
 * What espota-device does when it starts: the bootloader runs over its flash, and what it has found
 * is kept here. Nothing is printed (device_events.h).
 */
#ifndef DEVICE_BOOT_H
#define DEVICE_BOOT_H

#include "common/digest.h"
#include "device_options.h"
#include "ota/boot.h"
#include "ota/boot_state.h"
#include "ota/flash.h"
#include "ota/layout.h"
#include "ota/record.h"

#include <stdbool.h>
#include <stdint.h>

/* Characters, with NUL, of a sketch's name. */
#define DEVICE_NAME_MAX 72

struct device_boot {
    const struct ota_flash *flash;
    struct ota_layout layout;
    struct ota_boot_config config;
    enum image_kind family;
    void (*tick)(void *ctx); /* called now and then while the bootloader works */
    void *tick_ctx;

    /* What the last start found; set by device_boot_run(). */
    bool runs; /* there is a sketch to run, and its place and name are in the next two */
    struct ota_boot found;
    char name[DEVICE_NAME_MAX];
    /* ESP32: as such a chip tells it, the digest appended to the image, else that of all its bytes;
       zeros when its size is not on record. */
    uint8_t sha256[DIGEST_SHA256_SIZE];
    enum ota_record_state record; /* as it stands after that */
    struct ota_image filesystem;  /* the one in its area, if there is a record */
    bool has_given_up;            /* a sketch: now, or at a start before */
    uint8_t given_up[DIGEST_MD5_SIZE];
};

/*
 * Lay out the flash and get ready to boot; `buffer` has `size` bytes. False when the flash is too
 * small. `boot` must not move afterwards; flash and buffer stay the caller's and must outlive it.
 */
bool device_boot_init(struct device_boot *boot, const struct device_options *options,
                      const struct ota_flash *flash, uint8_t *buffer, uint32_t size);

/* Start the device: run the bootloader. May be called again and again. */
void device_boot_run(struct device_boot *boot);

/* The sketch that runs confirms itself. OTA_OK also when it is not on trial. */
enum ota_error device_boot_confirm(const struct device_boot *boot);

#endif
