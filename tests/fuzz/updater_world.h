/*
 * The world of updater_fuzz.c: flash that is watched, and what is known of the update by other
 * means than asking the updater.
 */
#ifndef UPDATER_WORLD_H
#define UPDATER_WORLD_H

#include "ota/updater.h"
#include "tests/unit/device/ram_flash.h"
#include "tests/unit/device/sketch.h"

#include <stdlib.h>

/* Bytes of noise that are made: more would be slow. */
#define NOISE_PERIOD 1999u

/* A code for a flash size that ESP8266 sketches may have, and that means none. */
#define NO_FLASH_SIZE 5

struct world {
    const uint8_t *script;
    size_t left;
    struct ram_flash ram;
    struct ota_flash flash; /* as the updater sees it: `ram`, watched */
    struct ota_flash plain; /* for ourselves: reads without faults */
    struct ota_updater_config config;
    struct ota_updater updater;
    uint32_t now;
    bool is_sound;   /* geometry and layout are as demanded */
    bool has_buffer; /* the buffer is */
    bool is_messy;   /* operations that fail leave noise */

    enum ota_record_state state; /* of the record */
    struct ota_record counted;   /* the record that counts */
    struct ota_stored running;   /* its sketch when the device started */

    bool active; /* an update was running behind the last step */
    enum ota_target target;
    uint32_t area; /* its place in flash */
    uint32_t announced, given;
    bool finishing, expects;
    bool is_recording; /* the spare record was touched */
    bool has_succeeded;
    uint8_t expected[DIGEST_MD5_SIZE];

    unsigned ends, errors; /* events of this step */
    unsigned refusals;     /* begin() was refused in this step */
    bool quiet;            /* abort() was called, without an error */
    bool restarted;
    uint8_t image[RAM_FLASH_SIZE]; /* to be given */
    uint8_t bytes[RAM_FLASH_SIZE]; /* that were given */
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

static inline bool is_same_image(const struct ota_stored *a, const struct ota_stored *b)
{
    return a->offset == b->offset && a->size == b->size &&
           memcmp(a->md5, b->md5, sizeof a->md5) == 0;
}

/* --- What the updater was given --------------------------------------------------------------- */

static inline void note_update(struct world *w, enum ota_target target, uint32_t size)
{
    w->active = true;
    w->target = target;
    w->announced = size;
    w->given = 0;
    w->finishing = w->expects = w->is_recording = false;
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
        out[len - 1] ^= 1;
}

/* --- Flash, watched --------------------------------------------------------------------------- */

static inline void check_sketch(const struct world *w, const struct ota_stored *sketch)
{
    uint8_t md5[DIGEST_MD5_SIZE];

    if (sketch->size == 0)
        return;
    require(sketch->offset + sketch->size <= w->config.layout.sketch_size);
    sketch_md5(w->ram.cells + sketch->offset, sketch->size, md5);
    require(memcmp(md5, sketch->md5, sizeof md5) == 0);
}

/* The image is in flash, all of it, and is the one that was expected. */
static inline void check_whole(const struct world *w, uint8_t md5[DIGEST_MD5_SIZE])
{
    require(w->finishing && w->given > 0 && w->given == w->announced);
    require(memcmp(w->ram.cells + w->area, w->bytes, w->given) == 0);
    require(w->target == OTA_FILESYSTEM || w->bytes[0] == 0xE9);
    sketch_md5(w->bytes, w->given, md5);
    if (w->expects)
        require(memcmp(md5, w->expected, DIGEST_MD5_SIZE) == 0);
}

static inline bool is_in_area(const struct world *w, uint32_t offset, uint32_t len, uint32_t unit)
{
    uint32_t end = w->area + (w->announced + unit - 1) / unit * unit;

    return offset >= w->area && offset + len <= end;
}

/* Before an operation that changes flash. True when it is one on the record. */
static inline bool check_place(struct world *w, uint32_t offset, uint32_t len, uint32_t unit)
{
    uint32_t spare = ota_layout_record(&w->flash, w->counted.spare);
    uint8_t md5[DIGEST_MD5_SIZE];

    require(w->is_sound && w->has_buffer && w->active && w->given > 0);
    if (is_in_area(w, offset, len, unit)) {
        require(!w->is_recording);
        require(w->target == OTA_FILESYSTEM || w->bytes[0] == 0xE9);
        return false;
    }
    require(offset >= spare && offset + len <= spare + w->flash.erase_size);
    check_whole(w, md5);
    w->is_recording = true;
    return true;
}

/* After an operation on the record: what counted still does, or this image. */
static inline void check_record(struct world *w)
{
    struct ota_record record;
    enum ota_record_state state = ota_record_read(&w->plain, &record);
    struct ota_stored image = { .offset = w->area, .size = w->given };
    bool is_filesystem = w->target == OTA_FILESYSTEM;

    require(state == OTA_RECORD_FOUND || (state == w->state && state == OTA_RECORD_EMPTY));
    if (state == OTA_RECORD_FOUND &&
        (w->state != OTA_RECORD_FOUND || record.sequence != w->counted.sequence)) {
        check_whole(w, image.md5);
        require(record.sequence == w->counted.sequence + 1);
        require(record.spare == 1 - w->counted.spare);
        require(is_same_image(is_filesystem ? &record.filesystem : &record.sketch, &image));
        require(is_same_image(is_filesystem ? &record.sketch : &record.filesystem,
                              is_filesystem ? &w->counted.sketch : &w->counted.filesystem));
        w->counted = record;
    }
    w->state = state;
}

static inline void make_mess(struct world *w, uint32_t offset, uint32_t len)
{
    if (w->is_messy)
        sketch_noise(w->ram.cells + offset, len, offset);
}

static inline bool watched_read(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    return ram_flash_read(&((struct world *)ctx)->ram, offset, out, len);
}

static inline bool watched_write(void *ctx, uint32_t offset, const void *bytes, uint32_t len)
{
    struct world *w = (struct world *)ctx;
    uint32_t spare = w->counted.spare;
    bool records = check_place(w, offset, len, w->flash.write_size);
    bool ok = ram_flash_write(&w->ram, offset, bytes, len);

    if (!ok)
        make_mess(w, offset, len);
    if (records)
        check_record(w);
    require(w->counted.spare == spare || records);
    return ok;
}

static inline bool watched_erase(void *ctx, uint32_t offset, uint32_t len)
{
    struct world *w = (struct world *)ctx;
    bool records = check_place(w, offset, len, w->flash.erase_size);
    bool ok = ram_flash_erase(&w->ram, offset, len);

    if (!ok)
        make_mess(w, offset, len);
    if (records)
        check_record(w);
    return ok;
}

static inline bool plain_read(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    memcpy(out, ((struct ram_flash *)ctx)->cells + offset, len);
    return true;
}

/* --- Events ----------------------------------------------------------------------------------- */

static inline void on_progress(void *ctx, uint32_t done, uint32_t total)
{
    const struct world *w = (const struct world *)ctx;

    require(done > 0 && done <= w->given && total == w->announced);
    require(memcmp(w->ram.cells + w->area, w->bytes, done) == 0);
}

static inline void on_end(void *ctx)
{
    struct world *w = (struct world *)ctx;
    const struct ota_stored *stored = ota_updater_stored(&w->updater);
    uint8_t md5[DIGEST_MD5_SIZE];

    check_whole(w, md5);
    require(w->is_recording && w->state == OTA_RECORD_FOUND);
    require(stored->offset == w->area && stored->size == w->given);
    require(is_same_image(stored, w->target == OTA_FILESYSTEM ? &w->counted.filesystem
                                                              : &w->counted.sketch));
    w->has_succeeded = true;
    w->ends++;
}

static inline void on_error(void *ctx, enum ota_error error)
{
    require(error != OTA_OK);
    ((struct world *)ctx)->errors++;
}

/* Noise that goes round; no two erase units of it are the same. */
static inline void fill_noise(uint8_t *out, uint32_t len, uint32_t seed)
{
    uint32_t period = len < NOISE_PERIOD ? len : NOISE_PERIOD;

    sketch_noise(out, period, seed);
    for (uint32_t at = period; at < len; at += period)
        memcpy(out + at, out, len - at < period ? len - at : period);
}

/* --- The beginning ---------------------------------------------------------------------------- */

static inline void restart(struct world *w)
{
    ota_updater_init(&w->updater, &w->config);
    w->running = w->counted.sketch;
    w->restarted = true;
    w->active = w->has_succeeded = false;
}

/* A geometry that the input chooses, sound unless it chooses otherwise. */
static inline void choose_geometry(struct world *w)
{
    uint8_t choice = next_byte(w);
    uint8_t areas = next_byte(w);
    uint8_t fault = next_byte(w);
    uint32_t write_size = 1u << choice % 9;
    uint32_t unit = (write_size > 64 ? write_size : 64) * (1u + choice / 9 % 4);
    struct ota_layout *layout = &w->config.layout;

    ram_flash_init(&w->ram, unit, write_size);
    layout->sketch_size = unit * (1 + areas % 12u);
    layout->filesystem_size = unit * (areas / 12 % 6u);
    w->ram.flash.size = layout->sketch_size + layout->filesystem_size + unit * (2 + choice / 128u);
    w->ram.flash.block_size = unit * (1 + choice / 64 % 2u);
    w->is_sound = fault > 7;
    struct ota_flash *flash = &w->ram.flash;
    uint32_t *const faults[8] = { &flash->write_size,   &flash->write_size,
                                  &flash->erase_size,   &flash->block_size,
                                  &flash->size,         &layout->sketch_size,
                                  &layout->sketch_size, &layout->filesystem_size };
    static const uint32_t values[8] = { 0, 3, 32, 0, 64, 0, 4097, 0xFFFFFFC1u };
    if (!w->is_sound)
        *faults[fault] = values[fault];
}

/* A buffer of an odd but right size, or a wrong one. */
static inline void choose_buffer(struct world *w)
{
    uint8_t choice = next_byte(w);
    uint32_t unit = w->is_sound ? w->ram.flash.write_size : 1;
    uint32_t size = ((OTA_BUFFER_MIN + unit - 1) / unit + choice % 64 * (1 + 32 / unit)) * unit;

    w->has_buffer = choice < 248;
    if (choice >= 252)
        size = OTA_BUFFER_MIN - 1;
    w->config.buffer = w->has_buffer || choice >= 252 ? malloc(size) : NULL;
    w->config.buffer_size = size;
}

/* What is in flash when the device starts: a sketch at either end, or none; a record or rubbish. */
static inline void choose_content(struct world *w)
{
    uint8_t choice = next_byte(w);
    const struct ota_flash *flash = &w->plain;
    uint32_t unit = flash->erase_size;
    uint32_t sketch_size = w->config.layout.sketch_size;
    struct ota_stored sketch = { .size = 1 + choice / 8u * 23 % (sketch_size / 2 + unit) };

    fill_noise(w->ram.cells, flash->size, choice);
    for (unsigned copy = 0; copy < 2; copy++) {
        if (choice % 8 != 4 + copy && choice % 8 != 6)
            memset(w->ram.cells + ota_layout_record(flash, copy), 0xFF, unit);
    }
    w->state = ota_record_read(flash, &w->counted);
    if (choice % 4 == 0 || sketch.size > sketch_size)
        return;
    if (choice % 4 == 1)
        sketch.offset = (sketch_size - sketch.size) / unit * unit;
    sketch_md5(w->ram.cells + sketch.offset, sketch.size, sketch.md5);
    w->counted.sketch = sketch;
    if (choice % 8 != 6)
        require(ota_record_write(flash, &w->counted) == OTA_OK);
    w->state = ota_record_read(flash, &w->counted);
}

static inline void world_init(struct world *w, const uint8_t *script, size_t size)
{
    memset(w, 0, sizeof *w);
    w->script = script;
    w->left = size;
    choose_geometry(w);
    choose_buffer(w);
    w->flash = w->plain = w->ram.flash;
    w->plain.read = plain_read;
    w->flash.ctx = w;
    w->flash.read = watched_read;
    w->flash.write = watched_write;
    w->flash.erase = watched_erase;
    if (w->is_sound)
        choose_content(w);
    w->config.flash = &w->flash;
    w->config.events = (struct ota_updater_events){ w, NULL, on_progress, on_end, on_error };
    bool is_esp32 = next_byte(w) & 1;
    w->config.family = is_esp32 ? IMAGE_ESP32 : IMAGE_ESP8266;
    w->config.chip_id = 5;
    fill_noise(w->image, sizeof w->image, 1);
    if (is_esp32)
        sketch_esp32(w->image, IMAGE_HEADER_SIZE, w->config.chip_id);
    else
        sketch_esp8266(w->image, IMAGE_HEADER_SIZE, NO_FLASH_SIZE, 1);
    restart(w);
    w->restarted = false;
}

#endif
