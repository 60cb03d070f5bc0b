/*
 * An updater over flash in memory, with a sketch to install, for the updater's tests.
 */
#ifndef UPDATER_RIG_H
#define UPDATER_RIG_H

#include "ota/updater.h"
#include "tests/unit/device/ram_flash.h"
#include "tests/unit/device/sketch.h"

#define RIG_IMAGE_MAX (256u << 10)

struct updater_rig {
    struct ram_flash ram;
    struct ota_updater_config config;
    struct ota_updater updater;
    unsigned starts, ends, errors;
    enum ota_error last_error;
    uint32_t done, total;
    uint8_t buffer[65536];
    uint8_t image[RIG_IMAGE_MAX];
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

/* A sketch area of half the flash, a file system area of a quarter. */
static inline void rig_init_geometry(struct updater_rig *rig, uint32_t erase_size,
                                     uint32_t write_size)
{
    memset(rig, 0, sizeof *rig);
    ram_flash_init(&rig->ram, erase_size, write_size);
    rig->config = (struct ota_updater_config){
        .flash = &rig->ram.flash,
        .layout = { .sketch_size = RAM_FLASH_SIZE / 2, .filesystem_size = RAM_FLASH_SIZE / 4 },
        .buffer = rig->buffer,
        .buffer_size = erase_size,
        .family = IMAGE_ESP8266,
        .events = { rig, rig_on_start, rig_on_progress, rig_on_end, rig_on_error },
    };
    ota_updater_init(&rig->updater, &rig->config);
    sketch_esp8266(rig->image, sizeof rig->image, 1, erase_size + write_size);
}

static inline void rig_init(struct updater_rig *rig)
{
    rig_init_geometry(rig, 4096, 4);
}

/* Install the image's first `size` bytes as a whole update; `len` of them are written. */
static inline enum ota_error rig_update(struct updater_rig *rig, uint32_t size, uint32_t len,
                                        enum ota_target target)
{
    uint8_t md5[DIGEST_MD5_SIZE];
    enum ota_error error = ota_updater_begin(&rig->updater, size, target);

    if (error)
        return error;
    sketch_md5(rig->image, size, md5);
    ota_updater_expect_md5(&rig->updater, md5);
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
}

static inline struct ota_record rig_record(const struct updater_rig *rig)
{
    struct ota_record record;

    (void)ota_record_read(&rig->ram.flash, &record);
    return record;
}

/* True when flash holds the image's first `size` bytes where the record says so. */
static inline bool rig_runs(const struct updater_rig *rig, uint32_t size)
{
    struct ota_record record = rig_record(rig);

    return record.sketch.size == size &&
           memcmp(rig->ram.cells + record.sketch.offset, rig->image, size) == 0;
}

#endif
