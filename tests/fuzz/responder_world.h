/*
 * The world of responder_fuzz.c: a device with flash, a network, and a bootloader.
 */
#ifndef RESPONDER_WORLD_H
#define RESPONDER_WORLD_H

#include "common/proof.h"
#include "device/port/nor/nor_flash.h"
#include "ota/boot.h"
#include "ota/responder.h"
#include "tests/unit/device/sketch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Small, for many runs a second. */
#define FLASH_SIZE (96u << 10)
#define SKETCH_MAX 20000u
#define HOSTS      3

struct world {
    const uint8_t *script;
    size_t left;
    struct nor_flash nor;
    struct ota_layout layout;
    struct ota_updater updater;
    struct ota_responder responder;
    struct ota_updater_config updater_config;
    struct ota_responder_config config;
    struct ota_net net;
    struct ota_random random;
    struct password_digest password;
    uint32_t now;
    uint32_t noise;
    bool is_open, is_connected, is_closed_by_peer;
    bool may_change;         /* somebody was let in */
    bool updated, restarted; /* as told */
    bool invited[HOSTS];
    size_t room;
    size_t offered;          /* bytes of the image that the peer has sent */
    uint64_t checked;        /* changes of flash so far, when it was last checked */
    uint64_t changes;        /* of flash, when the device started */
    struct ota_record first; /* the record then */
    char challenge[CHALLENGE_MAX];
    uint8_t buffer[4096];
    uint8_t boot_buffer[4096];
    uint8_t image[SKETCH_MAX];
    uint8_t cells[FLASH_SIZE];
    uint8_t torn[FLASH_SIZE];
};

static struct world world;

static inline void check_demand(bool kept, const char *what)
{
    if (kept)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

#define demand(what) check_demand(what, #what)

static inline uint8_t next_byte(struct world *w)
{
    if (w->left == 0)
        return 0;
    w->left--;
    return *w->script++;
}

static inline struct ota_address host(uint8_t number)
{
    return (struct ota_address){ .bytes = { 192, 0, 2, number }, .length = 4, .port = 5000 };
}

static inline void send_datagram(void *ctx, const struct ota_address *to, const void *bytes,
                                 size_t len)
{
    struct world *w = ctx;

    demand(to->bytes[3] < HOSTS && w->invited[to->bytes[3]]);
    demand(len > 0 && len < 256);
    if (len < sizeof w->challenge && len > 4 && memcmp(bytes, "AUTH", 4) == 0) {
        memcpy(w->challenge, bytes, len);
        w->challenge[len] = '\0';
    }
}

static inline bool net_connect(void *ctx, const struct ota_address *to)
{
    struct world *w = ctx;

    demand(!w->is_open);
    demand(w->may_change);
    demand(to->bytes[3] < HOSTS && w->invited[to->bytes[3]] && to->port != 0);
    w->is_open = next_byte(w) != 0xFF;
    w->is_connected = false;
    w->is_closed_by_peer = false;
    w->offered = 0;
    return w->is_open;
}

static inline int32_t net_send(void *ctx, const void *bytes, size_t len)
{
    struct world *w = ctx;
    size_t n = len < w->room ? len : w->room;

    demand(w->is_open && w->is_connected && len > 0);
    demand(len != 2 || memcmp(bytes, "OK", 2) != 0 || w->updated);
    w->room -= n;
    return w->is_closed_by_peer && n % 2 ? -1 : (int32_t)n;
}

static inline void net_close(void *ctx)
{
    struct world *w = ctx;

    demand(w->is_open);
    w->is_open = false;
}

static inline bool fill_random(void *ctx, void *out, size_t len)
{
    struct world *w = ctx;

    sketch_noise(out, len, ++w->noise);
    return w->noise % 16 != 0;
}

/* What the record says of a slot holds, unless the slot is being written. */
static inline void check_slot(const struct world *w, const struct ota_record *record, unsigned slot)
{
    const struct ota_image *image = &record->slot[slot];
    uint8_t md5[DIGEST_MD5_SIZE];
    bool marked;

    demand(ota_record_get_mark(record, OTA_MARK_WRITING, &marked));
    if (image->size == 0 || (marked && slot != record->active))
        return;
    sketch_md5(w->cells + w->layout.slot[slot].offset, image->size, md5);
    demand(memcmp(md5, image->md5, sizeof md5) == 0);
}

static inline void on_event(void *ctx, const struct ota_event *event)
{
    struct world *w = ctx;

    if (event->kind == OTA_EVENT_AUTHENTICATED)
        w->may_change = true;
    w->updated = w->updated || event->kind == OTA_EVENT_UPDATED;
    w->restarted = w->restarted || event->kind == OTA_EVENT_RESTART;
    demand(w->updated || !w->restarted);
}

/* The bootloader, and an application that confirms itself. */
static inline void boot(struct world *w)
{
    const struct ota_boot_config config = { .flash = &w->nor.flash,
                                            .layout = &w->layout,
                                            .buffer = w->boot_buffer,
                                            .buffer_size = sizeof w->boot_buffer };
    struct ota_boot found;

    w->nor.protected_count = 0;
    w->nor.fail_write = w->nor.fail_erase = 0;
    demand(ota_boot(&config, &found) || w->first.slot[w->first.active].size == 0);
    (void)ota_boot_confirm(&w->nor.flash, &w->layout);
}

static inline void restart(struct world *w)
{
    const struct ota_area *active;

    boot(w);
    (void)ota_record_read(&w->nor.flash, &w->layout, &w->first);
    active = &w->layout.slot[w->first.active];
    nor_flash_protect(&w->nor, active->offset, active->size);
    nor_flash_protect(&w->nor, w->layout.filesystem.offset, w->layout.filesystem.size);
    w->changes = w->nor.operations;
    w->updated = false;
    w->restarted = false;
    w->is_open = false;
    w->may_change = !w->config.password;
    ota_updater_init(&w->updater, &w->updater_config);
    demand(ota_responder_init(&w->responder, &w->config));
}

static inline void begin(struct world *w)
{
    uint8_t options = next_byte(w);
    const struct ota_flash geometry = { .size = FLASH_SIZE,
                                        .erase_size = 512u << (options & 3),
                                        .block_size = 4096,
                                        .write_size = 1u << 2 * (options >> 2 & 3) };

    memset(w->cells, 0xFF, sizeof w->cells);
    nor_flash_init(&w->nor, &geometry, w->cells, NULL, w->torn);
    demand(ota_layout_arrange(&w->layout, &geometry, 0, 24u << 10, 0));
    w->updater_config = (struct ota_updater_config){
        .flash = &w->nor.flash,
        .layout = &w->layout,
        .buffer = w->buffer,
        .buffer_size = options & 0x10 ? 256 : sizeof w->buffer,
        .family = IMAGE_ESP8266,
    };
    w->net = (struct ota_net){ w, send_datagram, net_connect, net_send, net_close };
    w->random = (struct ota_random){ w, fill_random };
    password_digest_make(&w->password, DIGEST_MD5, "secret", 6);
    w->config = (struct ota_responder_config){
        .updater = &w->updater,
        .net = &w->net,
        .random = &w->random,
        .password = options & 0x20 ? &w->password : NULL,
        .dialect = AUTH_MD5,
        .on_event = on_event,
        .event_ctx = w,
    };
    w->room = 1000;
    w->now = UINT32_MAX - 20000;
    sketch_esp8266(w->image, sizeof w->image, 5, options);
    restart(w);
}

#endif
