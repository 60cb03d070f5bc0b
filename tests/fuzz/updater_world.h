/*
 * The world of updater_fuzz.c: flash that is watched, the bootloader, and what is known of the
 * update by other means than asking the updater.
 */
#ifndef UPDATER_WORLD_H
#define UPDATER_WORLD_H

#include "device/port/nor/nor_flash.h"
#include "ota/boot.h"
#include "ota/updater.h"
#include "tests/unit/device/sketch.h"

#include <stdlib.h>
#include <string.h>

#define FLASH_MAX (48u << 10)

/* Bytes of noise that are made: more would be slow. */
#define NOISE_PERIOD 1999u

/* A code for a flash size that ESP8266 sketches may have, and that means none. */
#define NO_FLASH_SIZE 5

struct world {
    const uint8_t *script;
    size_t left;
    struct nor_flash nor;
    struct ota_flash flash; /* as the updater sees it: `nor`, watched */
    struct ota_flash plain; /* for ourselves: reads without faults */
    struct ota_layout layout;
    struct ota_updater_config config;
    struct ota_updater updater;
    uint32_t now;
    bool is_sound;   /* geometry and layout are as demanded */
    bool has_buffer; /* the buffer is */

    enum ota_record_state state; /* of the record */
    struct ota_record counted;   /* the record that counts */

    bool active; /* an update was running behind the last step */
    enum ota_target target;
    struct ota_area area; /* its place in flash */
    uint32_t announced, given;
    bool finishing, expects;
    bool is_marked;    /* the slot was marked since the start */
    bool is_touched;   /* the slot was changed by this update */
    bool is_recording; /* the record was touched */
    bool has_succeeded;
    uint8_t expected[DIGEST_MD5_SIZE];

    unsigned ends, errors; /* events of this step */
    unsigned refusals;     /* begin() was refused in this step */
    bool quiet;            /* abort() was called, without an error */
    bool restarted;
    uint8_t cells[FLASH_MAX];
    uint8_t unstable[FLASH_MAX];
    uint8_t torn[FLASH_MAX];
    bool doubtful[FLASH_MAX / OTA_ERASE_SIZE_MIN]; /* units that cannot be believed */
    uint8_t image[FLASH_MAX];                      /* to be given */
    uint8_t bytes[FLASH_MAX];                      /* that were given */
    uint8_t boot_buffer[OTA_WRITE_SIZE_MAX];
};

static struct world world;

static inline void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

static inline uint8_t next_byte(struct world *w)
{
    if (w->left == 0)
        return 0;
    w->left--;
    return *w->script++;
}

static inline uint64_t operations(const struct world *w)
{
    return w->nor.counts.reads + w->nor.operations;
}

static inline uint32_t in_units(uint32_t size, uint32_t unit)
{
    return (size + unit - 1) / unit * unit;
}

/* --- What the updater was given --------------------------------------------------------------- */

static inline void note_update(struct world *w, enum ota_target target, uint32_t size)
{
    unsigned slot = ota_record_other(&w->counted);

    w->active = true;
    w->target = target;
    w->announced = size;
    w->given = 0;
    w->area.offset = ota_layout_staging(&w->layout, slot);
    w->area.size = in_units(size, w->flash.erase_size);
    w->finishing = w->expects = w->is_touched = w->is_recording = false;
}

static inline void note_given(struct world *w, const uint8_t *bytes, uint32_t len)
{
    require(len <= sizeof w->bytes - w->given);
    if (len > 0)
        memcpy(w->bytes + w->given, bytes, len);
    w->given += len;
}

static inline void note_finish(struct world *w)
{
    w->finishing = true;
    w->announced = w->given;
}

/* The next bytes of the image, the last of them wrong when `damage` says so. */
static inline void copy_image(const struct world *w, uint8_t *out, uint32_t len, unsigned damage)
{
    for (uint32_t i = 0; i < len; i++)
        out[i] = w->image[(w->given + i) % sizeof w->image];
    if (damage == 1 && len > 0)
        out[len - 1] ^= 0x10;
}

/* By protocol, not by the updater's code: each segment's header and data are inside. */
static inline bool segments_fit(const struct world *w)
{
    uint64_t at = w->config.family == IMAGE_ESP32 ? 24 : 8;

    for (unsigned left = w->bytes[1]; left > 0; left--) {
        if (at + 8 > w->given)
            return false;
        const uint8_t *length = w->bytes + at + 4;
        at += 8 + (length[0] | (uint64_t)length[1] << 8 | (uint64_t)length[2] << 16 |
                   (uint64_t)length[3] << 24);
        if (at > w->given)
            return false;
    }
    return true;
}

/* --- Flash, watched --------------------------------------------------------------------------- */

/* The image is right, and was asked to count. */
static inline void check_given(const struct world *w, uint8_t md5[DIGEST_MD5_SIZE])
{
    require(w->finishing && w->given > 0 && w->given == w->announced);
    require(w->target == OTA_FILESYSTEM || (w->bytes[0] == 0xE9 && segments_fit(w)));
    sketch_md5(w->bytes, w->given, md5);
    if (w->expects)
        require(memcmp(md5, w->expected, DIGEST_MD5_SIZE) == 0);
}

/* The same, it is in flash, all of it, and stays what it is. */
static inline void check_whole(const struct world *w, uint8_t md5[DIGEST_MD5_SIZE])
{
    uint32_t unit = w->flash.erase_size;
    uint32_t end = in_units(w->given, w->flash.write_size);

    check_given(w, md5);
    require(memcmp(w->cells + w->area.offset, w->bytes, w->given) == 0);
    for (uint32_t at = 0; at < end; at++)
        require(w->unstable[w->area.offset + at] == 0);
    for (uint32_t at = w->given; at < end; at++)
        require(w->cells[w->area.offset + at] == 0xFF);
    for (uint32_t at = 0; at < w->given; at += unit)
        require(!w->doubtful[(w->area.offset + at) / unit]);
}

static inline bool is_inside(const struct ota_area *area, uint32_t offset, uint32_t len)
{
    return offset >= area->offset && offset + len <= area->offset + area->size;
}

/* True when this programs the mark for writing, in a copy that holds the record. */
static inline bool is_mark(const struct world *w, uint32_t offset, uint32_t len)
{
    uint32_t unit = w->flash.write_size > 4 ? w->flash.write_size : 4;
    uint32_t at = in_units(88, unit) + unit;

    for (unsigned copy = 0; copy < 2; copy++) {
        if ((w->counted.copies >> copy & 1) && offset == w->layout.record[copy].offset + at)
            return len == unit;
    }
    return false;
}

/* Before an operation that changes flash: it is one on the image's place, or the record. */
static inline void check_place(struct world *w, uint32_t offset, uint32_t len)
{
    uint8_t md5[DIGEST_MD5_SIZE];

    require(w->is_sound && w->has_buffer && w->active && w->given > 0);
    require(w->counted.pending == OTA_PENDING_NONE || w->is_recording);
    if (is_inside(&w->area, offset, len)) {
        require(!w->is_recording);
        require(w->target == OTA_FILESYSTEM || w->bytes[0] == 0xE9);
        require(w->is_marked || w->state == OTA_RECORD_EMPTY);
        w->is_touched = true;
    } else if (!w->is_recording && is_mark(w, offset, len)) {
        w->is_marked = true;
    } else {
        require(is_inside(&w->layout.record[0], offset, len) ||
                is_inside(&w->layout.record[1], offset, len));
        check_whole(w, md5);
        w->is_recording = true;
    }
}

static inline bool is_image(const struct world *w, const struct ota_image *image)
{
    uint8_t md5[DIGEST_MD5_SIZE];

    sketch_md5(w->bytes, w->given, md5);
    return image->size == w->given && memcmp(image->md5, md5, sizeof md5) == 0;
}

/* The record that counts may have been followed by one that names the image; else it still does. */
static inline void check_record(struct world *w)
{
    struct ota_record record;
    enum ota_record_state state = ota_record_read(&w->plain, &w->layout, &record);
    unsigned slot = ota_record_other(&w->counted);
    uint32_t gap = w->area.offset - w->layout.slot[slot].offset;

    require(state == OTA_RECORD_FOUND || (state == w->state && state == OTA_RECORD_EMPTY));
    if (state == OTA_RECORD_EMPTY)
        return;
    if (w->state != OTA_RECORD_FOUND || record.sequence != w->counted.sequence) {
        require(w->is_recording && record.sequence == w->counted.sequence + 1);
        require(record.active == w->counted.active && is_image(w, &record.slot[slot]));
        require(record.pending ==
                (w->target == OTA_FILESYSTEM ? OTA_PENDING_FILESYSTEM : OTA_PENDING_SKETCH));
        require(memcmp(&record.slot[1 - slot], &w->counted.slot[1 - slot], sizeof record.slot[0]) ==
                0);
        require(memcmp(&record.filesystem, &w->counted.filesystem, sizeof record.filesystem) == 0);
        require(gap > 0 || record.clean[slot] >= w->given);
    }
    w->state = state;
    w->counted = record;
}

static inline bool watched_read(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    struct world *w = (struct world *)ctx;

    return w->nor.flash.read(&w->nor, offset, out, len);
}

static inline void doubt(struct world *w, uint32_t offset, uint32_t len, bool doubtful)
{
    for (uint32_t at = offset; at < offset + len; at += w->flash.erase_size)
        w->doubtful[at / w->flash.erase_size] = doubtful;
}

static inline bool watched_write(void *ctx, uint32_t offset, const void *bytes, uint32_t len)
{
    struct world *w = (struct world *)ctx;
    bool was_on = !w->nor.off;

    if (was_on)
        check_place(w, offset, len);
    bool ok = w->nor.flash.write(&w->nor, offset, bytes, len);
    if (was_on && !ok)
        doubt(w, offset / w->flash.erase_size * w->flash.erase_size,
              offset % w->flash.erase_size + len, true);
    if (!w->nor.off)
        check_record(w);
    return ok;
}

static inline bool watched_erase(void *ctx, uint32_t offset, uint32_t len)
{
    struct world *w = (struct world *)ctx;
    bool was_on = !w->nor.off;

    if (was_on)
        check_place(w, offset, len);
    bool ok = w->nor.flash.erase(&w->nor, offset, len);
    if (was_on)
        doubt(w, offset, len, !ok);
    if (!w->nor.off)
        check_record(w);
    return ok;
}

static inline bool plain_read(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    memcpy(out, ((struct nor_flash *)ctx)->cells + offset, len);
    return true;
}

/* --- Events ----------------------------------------------------------------------------------- */

static inline void on_progress(void *ctx, uint32_t done, uint32_t total)
{
    const struct world *w = (const struct world *)ctx;

    require(done > 0 && done <= w->given && total == w->announced);
    if (!ota_updater_is_unchanged(&w->updater))
        require(memcmp(w->cells + w->area.offset, w->bytes, done) == 0);
}

static inline void on_end(void *ctx)
{
    struct world *w = (struct world *)ctx;
    const struct ota_stored *stored = ota_updater_stored(&w->updater);
    unsigned slot = ota_record_other(&w->counted);
    uint8_t md5[DIGEST_MD5_SIZE];

    if (w->nor.off)
        return;
    if (ota_updater_is_unchanged(&w->updater)) {
        check_given(w, md5);
        slot = w->counted.active;
        require(w->expects && w->target == OTA_SKETCH && !w->is_touched && !w->is_recording);
        require(stored->offset == w->layout.slot[slot].offset);
        require(w->nor.stuck != NOR_NOWHERE ||
                memcmp(w->cells + stored->offset, w->bytes, w->given) == 0);
    } else {
        check_whole(w, md5);
        require(w->is_recording && w->state == OTA_RECORD_FOUND);
        require(w->counted.pending != OTA_PENDING_NONE && stored->offset == w->area.offset);
    }
    require(stored->size == w->given && memcmp(stored->md5, md5, sizeof md5) == 0);
    require(is_image(w, &w->counted.slot[slot]));
    w->has_succeeded = true;
    w->ends++;
}

static inline void on_error(void *ctx, enum ota_error error)
{
    require(error != OTA_OK);
    ((struct world *)ctx)->errors++;
}

#endif
