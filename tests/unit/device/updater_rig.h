/*
 * An updater over NOR flash in memory, with a sketch to install and the bootloader that makes it
 * run, for the updater's tests. Nothing but the slot that is not active and the records can be
 * changed while the updater works.
 */
#ifndef UPDATER_RIG_H
#define UPDATER_RIG_H

#include "device/port/nor/nor_flash.h"
#include "ota/boot.h"
#include "ota/boot_state.h"
#include "ota/updater.h"
#include "tests/unit/device/sketch.h"

#include <string.h>

#ifndef RIG_FLASH_SIZE
#define RIG_FLASH_SIZE (512u << 10)
#endif

#define RIG_IMAGE_MAX       (RIG_FLASH_SIZE / 2)
#define RIG_FILESYSTEM_SIZE (64u << 10)

struct updater_rig {
    struct nor_flash nor;
    struct ota_layout layout;
    struct ota_updater_config config;
    struct ota_updater updater;
    unsigned starts, ends, errors;
    enum ota_error last_error;
    uint32_t done, total;
    uint8_t buffer[65536];
    uint8_t boot_buffer[4096];
    uint8_t image[RIG_IMAGE_MAX];
    uint8_t cells[RIG_FLASH_SIZE];
    uint8_t unstable[RIG_FLASH_SIZE];
    uint8_t torn[RIG_FLASH_SIZE];
};

static inline void rig_on_start(void *ctx)
{
    ((struct updater_rig *)ctx)->starts++;
}

static inline void rig_on_progress(void *ctx, uint32_t done, uint32_t total)
{
    struct updater_rig *rig = (struct updater_rig *)ctx;

    rig->done = done;
    rig->total = total;
}

static inline void rig_on_end(void *ctx)
{
    ((struct updater_rig *)ctx)->ends++;
}

static inline void rig_on_error(void *ctx, enum ota_error error)
{
    struct updater_rig *rig = (struct updater_rig *)ctx;

    rig->errors++;
    rig->last_error = error;
}

static inline struct ota_record rig_record(const struct updater_rig *rig)
{
    struct ota_record record;

    (void)ota_record_read(&rig->nor.flash, &rig->layout, &record);
    return record;
}

/* The slot that an update goes to, and where in flash it begins there. */
static inline unsigned rig_target(const struct updater_rig *rig)
{
    struct ota_record record = rig_record(rig);

    return ota_record_other(&record);
}

static inline uint32_t rig_target_offset(const struct updater_rig *rig)
{
    return ota_layout_staging(&rig->layout, rig_target(rig));
}

/* Let nothing be changed but the target and the records. */
static inline void rig_guard(struct updater_rig *rig)
{
    const struct ota_area *active = &rig->layout.slot[1 - rig_target(rig)];

    rig->nor.protected_count = 0;
    nor_flash_protect(&rig->nor, rig->layout.bootloader.offset, rig->layout.bootloader.size);
    nor_flash_protect(&rig->nor, active->offset, active->size);
    nor_flash_protect(&rig->nor, rig->layout.filesystem.offset, rig->layout.filesystem.size);
}

/* Erased flash; the bootloader takes a unit of it, and `spare` chooses the hand-over. */
static inline void rig_init_flash(struct updater_rig *rig, uint32_t erase_size, uint32_t block_size,
                                  uint32_t write_size, uint32_t spare)
{
    const struct ota_flash geometry = { .size = RIG_FLASH_SIZE,
                                        .erase_size = erase_size,
                                        .block_size = block_size,
                                        .write_size = write_size };

    memset(rig, 0, sizeof *rig);
    memset(rig->cells, 0xFF, sizeof rig->cells);
    nor_flash_init(&rig->nor, &geometry, rig->cells, rig->unstable, rig->torn);
    rig->nor.timing = nor_timing_typical;
    (void)ota_layout_arrange(&rig->layout, &geometry, erase_size, RIG_FILESYSTEM_SIZE, spare);
    rig->config = (struct ota_updater_config){
        .flash = &rig->nor.flash,
        .layout = &rig->layout,
        .buffer = rig->buffer,
        .buffer_size = erase_size,
        .family = IMAGE_ESP8266,
        .events = { rig, rig_on_start, rig_on_progress, rig_on_end, rig_on_error },
    };
    ota_updater_init(&rig->updater, &rig->config);
    sketch_esp8266(rig->image, sizeof rig->image, 1, erase_size + write_size);
    rig_guard(rig);
}

static inline void rig_init_geometry(struct updater_rig *rig, uint32_t erase_size,
                                     uint32_t write_size)
{
    rig_init_flash(rig, erase_size, erase_size, write_size, 0);
}

static inline void rig_init(struct updater_rig *rig)
{
    rig_init_geometry(rig, 4096, 4);
}

/* The same with blocks of 64 KiB, at which the slots begin. */
static inline void rig_init_blocks(struct updater_rig *rig)
{
    rig_init_flash(rig, 4096, 65536, 4, 0);
}

/* The same where only slot 0 can run. */
static inline void rig_init_exchange(struct updater_rig *rig)
{
    rig_init_flash(rig, 4096, 4096, 4, 8192);
}

/* Begin an update with the first `size` bytes of the image. */
static inline enum ota_error rig_begin(struct updater_rig *rig, uint32_t size,
                                       enum ota_target target)
{
    uint8_t md5[DIGEST_MD5_SIZE];
    enum ota_error error = ota_updater_begin(&rig->updater, size, target);

    if (error)
        return error;
    sketch_md5(rig->image, size, md5);
    ota_updater_expect_md5(&rig->updater, md5);
    return OTA_OK;
}

/* Install the image's first `size` bytes as a whole update; `len` of them are written. */
static inline enum ota_error rig_update(struct updater_rig *rig, uint32_t size, uint32_t len,
                                        enum ota_target target)
{
    enum ota_error error = rig_begin(rig, size, target);

    if (error)
        return error;
    if (ota_updater_write(&rig->updater, rig->image, len) != len)
        return ota_updater_error(&rig->updater);
    return ota_updater_end(&rig->updater, false);
}

static inline enum ota_error rig_install(struct updater_rig *rig, uint32_t size)
{
    return rig_update(rig, size, size, OTA_SKETCH);
}

/* What a restart does to the updater. */
static inline void rig_restart(struct updater_rig *rig)
{
    ota_updater_init(&rig->updater, &rig->config);
    rig_guard(rig);
}

/* A restart with all that belongs to it. */
static inline bool rig_boot(struct updater_rig *rig)
{
    const struct ota_boot_config config = { .flash = &rig->nor.flash,
                                            .layout = &rig->layout,
                                            .buffer = rig->boot_buffer,
                                            .buffer_size = sizeof rig->boot_buffer };
    struct ota_boot boot;
    bool runs;

    rig->nor.protected_count = 0;
    runs = ota_boot(&config, &boot);
    rig_restart(rig);
    return runs;
}

/* The same, and the sketch that runs then is confirmed. */
static inline bool rig_boot_and_confirm(struct updater_rig *rig)
{
    if (!rig_boot(rig) || ota_boot_confirm(&rig->nor.flash, &rig->layout) != OTA_OK)
        return false;
    rig_restart(rig);
    return true;
}

/* A device with a first sketch of `size` bytes, whose counts begin now. */
static inline bool rig_init_running(struct updater_rig *rig, uint32_t size)
{
    rig_init(rig);
    if (rig_install(rig, size) != OTA_OK || !rig_boot_and_confirm(rig))
        return false;
    rig->starts = rig->ends = rig->errors = 0;
    rig->nor.counts = (struct nor_counts){ 0 };
    rig->nor.busy_us = 0;
    return true;
}

/* True when the image's first `size` bytes are staged, and the next start will find them. */
static inline bool rig_staged(const struct updater_rig *rig, uint32_t size,
                              enum ota_pending pending)
{
    struct ota_record record = rig_record(rig);
    const struct ota_image *image = &record.slot[ota_record_other(&record)];
    uint8_t md5[DIGEST_MD5_SIZE];

    sketch_md5(rig->image, size, md5);
    return record.pending == pending && image->size == size &&
           memcmp(image->md5, md5, sizeof md5) == 0 &&
           memcmp(rig->cells + rig_target_offset(rig), rig->image, size) == 0;
}

static inline bool rig_stages(const struct updater_rig *rig, uint32_t size)
{
    return rig_staged(rig, size, OTA_PENDING_SKETCH);
}

/* True when nothing is pending, and the active slot holds a sketch of this size, undamaged. */
static inline bool rig_runs(const struct updater_rig *rig, uint32_t size)
{
    struct ota_record record = rig_record(rig);
    const struct ota_image *image = &record.slot[record.active];
    uint8_t md5[DIGEST_MD5_SIZE];

    sketch_md5(rig->cells + rig->layout.slot[record.active].offset, image->size, md5);
    return record.pending == OTA_PENDING_NONE && image->size == size &&
           memcmp(image->md5, md5, sizeof md5) == 0;
}

/* All operations of flash so far. */
static inline uint64_t rig_operations(const struct updater_rig *rig)
{
    return rig->nor.counts.reads + rig->nor.operations;
}

#endif
