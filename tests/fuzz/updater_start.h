/*
 * How the world of updater_fuzz.c begins, and begins again: geometry, content of flash, restarts.
 */
#ifndef UPDATER_START_H
#define UPDATER_START_H

#include "ota/boot_state.h"
#include "ota/record_write.h"
#include "tests/fuzz/updater_world.h"

/* Noise that goes round; no two erase units of it are the same. */
static inline void fill_noise(uint8_t *out, uint32_t len, uint32_t seed)
{
    uint32_t period = len < NOISE_PERIOD ? len : NOISE_PERIOD;

    sketch_noise(out, period, seed);
    for (uint32_t at = period; at < len; at += period)
        memcpy(out + at, out, len - at < period ? len - at : period);
}

/* --- Restarts --------------------------------------------------------------------------------- */

/* What is not clean is doubtful; what is clean must not be. */
static inline void note_record(struct world *w)
{
    uint32_t unit = w->flash.erase_size;
    unsigned slot;

    if (!w->is_sound)
        return;
    w->state = ota_record_read(&w->plain, &w->layout, &w->counted);
    slot = ota_record_other(&w->counted);
    for (uint32_t at = 0; at + unit <= w->counted.clean[slot]; at += unit) {
        bool marked = false;
        (void)ota_record_get_mark(&w->counted, OTA_MARK_WRITING, &marked);
        require(marked || !w->doubtful[(w->layout.slot[slot].offset + at) / unit]);
    }
}

/* The bootloader changes what it likes; what it has erased can be believed. */
static inline bool boot_erase(void *ctx, uint32_t offset, uint32_t len)
{
    struct world *w = (struct world *)ctx;

    doubt(w, offset, len, false);
    return w->nor.flash.erase(&w->nor, offset, len);
}

static inline bool boot_write(void *ctx, uint32_t offset, const void *bytes, uint32_t len)
{
    return ((struct world *)ctx)->nor.flash.write(&((struct world *)ctx)->nor, offset, bytes, len);
}

static inline void boot(struct world *w)
{
    struct ota_flash flash = w->flash;
    const struct ota_boot_config config = { .flash = &flash,
                                            .layout = &w->layout,
                                            .buffer = w->boot_buffer,
                                            .buffer_size = sizeof w->boot_buffer };
    struct ota_boot found;
    bool had_sketch = w->state == OTA_RECORD_FOUND && w->counted.slot[w->counted.active].size > 0;

    flash.write = boot_write;
    flash.erase = boot_erase;
    bool runs = ota_boot(&config, &found);
    require(runs || !had_sketch);
    note_record(w);
    if (runs && found.image.size > 0) {
        uint8_t md5[DIGEST_MD5_SIZE];
        sketch_md5(w->cells + found.offset, found.image.size, md5);
        require(memcmp(md5, found.image.md5, sizeof md5) == 0);
    }
}

/* A restart of the device; or, as `boots` says, of the application alone. */
static inline void restart(struct world *w, bool boots)
{
    nor_flash_power_on(&w->nor);
    w->nor.fail_read = w->nor.fail_write = w->nor.fail_erase = 0;
    w->nor.worn_size = 0;
    w->nor.stuck = NOR_NOWHERE;
    if (boots && w->is_sound)
        boot(w);
    ota_updater_init(&w->updater, &w->config);
    w->restarted = true;
    w->active = w->has_succeeded = w->is_marked = false;
}

/* The application says what it thinks of the running sketch. */
static inline void confirm(struct world *w, bool likes_it)
{
    if (w->active || !w->is_sound || w->nor.fail_read || w->nor.fail_write || w->nor.fail_erase ||
        w->nor.worn_size || w->nor.cut_at)
        return;
    uint32_t sequence = w->counted.sequence;
    if (likes_it)
        (void)ota_boot_confirm(&w->nor.flash, &w->layout);
    else
        (void)ota_boot_rollback(&w->nor.flash, &w->layout);
    note_record(w);
    w->is_marked = w->is_marked && w->counted.sequence == sequence;
}

/* --- The beginning ---------------------------------------------------------------------------- */

/* A layout by hand, so that slots begin anywhere; returns its end. */
static inline uint32_t choose_layout(struct world *w, const struct ota_flash *flash)
{
    uint8_t areas = next_byte(w);
    uint8_t more = next_byte(w);
    struct ota_layout *layout = &w->layout;
    uint32_t unit = flash->erase_size;
    uint32_t at = unit * (1 + more / 64);
    struct ota_area *const order[5] = { &layout->record[0], &layout->record[1], &layout->slot[0],
                                        &layout->slot[1], &layout->filesystem };

    layout->handover = more & 1 ? OTA_EXCHANGE : OTA_SELECT;
    layout->spare_size = more & 1 ? unit * (1 + more / 2 % 2u) : 0;
    layout->bootloader = (struct ota_area){ 0, at };
    layout->slot[0].size = unit * (1 + areas % 10u);
    layout->slot[1].size =
        more & 1 ? layout->slot[0].size + layout->spare_size : unit * (1 + more / 8 % 8u);
    layout->filesystem.size = unit * (areas / 16 % 6u);
    layout->record[0].size = layout->record[1].size =
        (uint32_t)ota_layout_record_size(layout, flash);
    for (unsigned i = 0; i < 5; i++) {
        order[i]->offset = at;
        at += order[i]->size;
    }
    return at;
}

/* A geometry that the input chooses, sound unless it chooses otherwise. */
static inline void choose_geometry(struct world *w)
{
    uint8_t choice = next_byte(w);
    uint8_t fault = next_byte(w);
    struct ota_flash geometry = { .write_size = 1u << choice % 9 };
    uint32_t smallest = geometry.write_size > 64 ? geometry.write_size : 64;

    geometry.erase_size = smallest * (1u + choice / 9 % 3);
    geometry.block_size = geometry.erase_size * (1u + choice / 27 % 4);
    geometry.size = choose_layout(w, &geometry);
    geometry.size = in_units(geometry.size, geometry.block_size);
    require(geometry.size <= FLASH_MAX);
    memset(w->cells, 0xFF, geometry.size);
    nor_flash_init(&w->nor, &geometry, w->cells, w->unstable, w->torn);
    w->nor.random = choice;
    w->is_sound = fault > 7;
    struct ota_flash *flash = &w->nor.flash;
    struct ota_layout *layout = &w->layout;
    uint32_t *const faults[8] = {
        &flash->write_size, &flash->write_size,    &flash->erase_size,      &flash->block_size,
        &flash->size,       &layout->slot[0].size, &layout->record[1].size, &layout->slot[1].offset
    };
    static const uint32_t values[8] = { 0, 3, 32, 0, 64, 0, 0, 0xFFFFFFC0u };
    if (!w->is_sound)
        *faults[fault] = values[fault];
}

/* A buffer of an odd but right size, of whole erase units, or a wrong one. */
static inline void choose_buffer(struct world *w)
{
    uint8_t choice = next_byte(w);
    uint32_t unit = w->is_sound ? w->nor.flash.write_size : 1;
    uint32_t size = ((OTA_BUFFER_MIN + unit - 1) / unit + choice % 64 * (1 + 32 / unit)) * unit;

    if (w->is_sound && choice >= 128)
        size = w->nor.flash.erase_size * (1 + choice / 8 % 4u);
    w->has_buffer = choice < 248;
    if (choice >= 252)
        size = OTA_BUFFER_MIN - 1;
    w->config.buffer = w->has_buffer || choice >= 252 ? malloc(size) : NULL;
    w->config.buffer_size = size;
}

/* What a record that was never there says of a slot: a sketch, or nothing. */
static inline void put_sketch(struct world *w, unsigned slot, uint32_t size)
{
    struct ota_image *image = &w->counted.slot[slot];

    image->size = size;
    sketch_md5(w->cells + w->layout.slot[slot].offset, size, image->md5);
}

/* What is in flash when the device starts: sketches or none, clean or not; a record or rubbish. */
static inline void choose_content(struct world *w)
{
    uint8_t choice = next_byte(w);
    uint8_t more = next_byte(w);
    struct ota_layout *layout = &w->layout;
    uint32_t unit = w->flash.erase_size;

    (void)ota_record_read(&w->nor.flash, layout, &w->counted);
    for (uint32_t at = 0; at < w->flash.size / unit; at++)
        w->doubtful[at] = true;
    for (unsigned slot = 0; slot < 2; slot++) {
        struct ota_area *area = &layout->slot[slot];
        uint32_t noise = area->size / 8 * (choice >> 4 * slot & 7);
        w->counted.clean[slot] = area->size / unit * (more >> 4 * slot & 3) / 3 * unit;
        doubt(w, area->offset, w->counted.clean[slot], false);
        fill_noise(w->cells + area->offset, noise, choice);
    }
    if (choice & 8)
        w->counted.active = layout->handover == OTA_SELECT;
    if (more & 4)
        put_sketch(w, w->counted.active,
                   layout->slot[0].size < layout->slot[1].size
                       ? layout->slot[0].size
                       : layout->slot[1].size - layout->spare_size);
    w->counted.flash = &w->nor.flash;
    w->counted.layout = layout;
    if (more & 8)
        require(ota_record_write(&w->counted) == OTA_OK);
    else
        memset(w->doubtful, true, sizeof w->doubtful);
    for (unsigned copy = 0; copy < 2; copy++) {
        uint32_t at = layout->record[copy].offset + choice % 92u;
        if (more >> (6 + copy) & 1) {
            w->cells[at] ^= more | 1;
            w->torn[at / w->flash.write_size] = 1;
        }
    }
}

static inline void choose_image(struct world *w)
{
    uint8_t choice = next_byte(w);
    bool is_esp32 = choice & 1;

    w->config.family = is_esp32 ? IMAGE_ESP32 : IMAGE_ESP8266;
    w->config.chip_id = 5;
    fill_noise(w->image, sizeof w->image, 1);
    if (is_esp32)
        sketch_esp32(w->image, SKETCH_ESP32_MIN, w->config.chip_id);
    else
        sketch_esp8266(w->image, SKETCH_ESP8266_MIN, NO_FLASH_SIZE, 1);
    size_t at = is_esp32 ? SKETCH_ESP32_MIN : SKETCH_ESP8266_MIN;
    w->image[1] = (uint8_t)(1 + (choice >> 1) % 3);
    for (unsigned i = 1; i < w->image[1]; i++)
        at = sketch_segment(w->image, at, choice * 7u);
}

static inline void world_init(struct world *w, const uint8_t *script, size_t size)
{
    memset(w, 0, sizeof *w);
    w->script = script;
    w->left = size;
    choose_geometry(w);
    choose_buffer(w);
    w->flash = w->plain = w->nor.flash;
    w->plain.read = plain_read;
    w->flash.ctx = w;
    w->flash.read = watched_read;
    w->flash.write = watched_write;
    w->flash.erase = watched_erase;
    if (w->is_sound)
        choose_content(w);
    w->config.flash = &w->flash;
    w->config.layout = &w->layout;
    w->config.events = (struct ota_updater_events){ w, NULL, on_progress, on_end, on_error };
    choose_image(w);
    note_record(w);
    restart(w, next_byte(w) & 1);
    w->restarted = false;
}

#endif
