/*
 * The responder as an attacker sees it: the input is a script of datagrams, stream bytes, closings,
 * full sockets, failing flash and passing time. After every step the invariants are checked:
 *
 * - no rule of flash is broken, and nothing is changed but the slot that is not active and the
 *   records;
 * - the record always names sketches that flash holds, with that MD5, but for a slot that is marked
 *   as being written;
 * - "updated" is told only when the record has changed, or the image is the confirmed sketch, and
 *   "OK" only after it;
 * - connections go to an address that invited, and there is one at a time;
 * - with a password, nothing is changed without a right proof;
 * - given time and no more input, the responder is idle again or wishes to restart.
 */
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

static void check_demand(bool kept, const char *what)
{
    if (kept)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

#define demand(what) check_demand(what, #what)

static uint8_t next_byte(struct world *w)
{
    if (w->left == 0)
        return 0;
    w->left--;
    return *w->script++;
}

static struct ota_address host(uint8_t number)
{
    return (struct ota_address){ .bytes = { 192, 0, 2, number }, .length = 4, .port = 5000 };
}

static void send_datagram(void *ctx, const struct ota_address *to, const void *bytes, size_t len)
{
    struct world *w = ctx;

    demand(to->bytes[3] < HOSTS && w->invited[to->bytes[3]]);
    demand(len > 0 && len < 256);
    if (len < sizeof w->challenge && len > 4 && memcmp(bytes, "AUTH", 4) == 0) {
        memcpy(w->challenge, bytes, len);
        w->challenge[len] = '\0';
    }
}

static bool net_connect(void *ctx, const struct ota_address *to)
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

static int32_t net_send(void *ctx, const void *bytes, size_t len)
{
    struct world *w = ctx;
    size_t n = len < w->room ? len : w->room;

    demand(w->is_open && w->is_connected && len > 0);
    demand(len != 2 || memcmp(bytes, "OK", 2) != 0 || w->updated);
    w->room -= n;
    return w->is_closed_by_peer && n % 2 ? -1 : (int32_t)n;
}

static void net_close(void *ctx)
{
    struct world *w = ctx;

    demand(w->is_open);
    w->is_open = false;
}

static bool fill_random(void *ctx, void *out, size_t len)
{
    struct world *w = ctx;

    sketch_noise(out, len, ++w->noise);
    return w->noise % 16 != 0;
}

/* What the record says of a slot holds, unless the slot is being written. */
static void check_slot(const struct world *w, const struct ota_record *record, unsigned slot)
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

static void on_event(void *ctx, const struct ota_event *event)
{
    struct world *w = ctx;

    if (event->kind == OTA_EVENT_AUTHENTICATED)
        w->may_change = true;
    w->updated = w->updated || event->kind == OTA_EVENT_UPDATED;
    w->restarted = w->restarted || event->kind == OTA_EVENT_RESTART;
    demand(w->updated || !w->restarted);
}

/* The bootloader, and an application that confirms itself. */
static void boot(struct world *w)
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

static void restart(struct world *w)
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

static void begin(struct world *w)
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

/* A right invitation, whose size and command the script chooses. */
static void invite(struct world *w)
{
    uint8_t choice = next_byte(w);
    struct ota_address from = host(choice % HOSTS);
    struct invitation invitation = { .command = choice & 0x80 ? 100 : 0, .port = 4711 };
    char text[INVITATION_MAX];
    size_t len;

    invitation.size = ((uint64_t)next_byte(w) << 7) + (choice >> 2 & 31);
    if (invitation.size <= sizeof w->image)
        sketch_md5(w->image, (size_t)invitation.size, invitation.md5);
    w->invited[from.bytes[3]] = true;
    len = invitation_format(&invitation, text, sizeof text);
    ota_responder_on_datagram(&w->responder, &from, text, len, w->now);
}

/* A proof for the last challenge, right or wrong. */
static void prove(struct world *w)
{
    uint8_t choice = next_byte(w);
    struct ota_address from = host(choice % HOSTS);
    struct challenge challenge;
    struct proof proof;
    uint8_t random[DIGEST_SHA256_SIZE] = { choice };
    char text[PROOF_MAX];
    size_t len;

    if (!challenge_parse(&challenge, w->challenge, strlen(w->challenge)) ||
        !proof_make(&proof, &challenge, &w->password, random))
        return;
    if (choice & 0x80)
        proof.response[choice & 31] = proof.response[choice & 31] == '0' ? '1' : '0';
    len = proof_format(&proof, text, sizeof text);
    w->invited[from.bytes[3]] = true;
    ota_responder_on_datagram(&w->responder, &from, text, len, w->now);
}

/* Bytes of the script as a datagram. */
static void send_raw(struct world *w)
{
    uint8_t len = next_byte(w);
    struct ota_address from = host(len % HOSTS);
    char *copy;

    if (len > w->left)
        len = (uint8_t)w->left;
    copy = malloc(len + 1u);
    if (!copy)
        return;
    memcpy(copy, w->script, len);
    w->script += len;
    w->left -= len;
    w->invited[from.bytes[3]] = true;
    ota_responder_on_datagram(&w->responder, &from, copy, len, w->now);
    free(copy);
}

/* Bytes of the image on the connection, a few of them wrong if the script says so. */
static void stream(struct world *w)
{
    uint8_t choice = next_byte(w);
    size_t len = (size_t)next_byte(w) * 16 + (choice & 15);
    uint8_t *copy;

    if (!w->is_open || !w->is_connected || w->is_closed_by_peer)
        return;
    if (len > sizeof w->image - w->offered)
        len = sizeof w->image - w->offered;
    copy = malloc(len + 1);
    if (!copy)
        return;
    memcpy(copy, w->image + w->offered, len);
    if (choice & 0x80)
        copy[0] ^= choice;
    size_t taken = ota_responder_on_stream(&w->responder, copy, len, w->now);
    demand(taken <= len);
    w->offered += taken;
    free(copy);
}

static void fail_flash(struct world *w)
{
    uint8_t choice = next_byte(w);
    unsigned nth = (choice >> 2 & 31) + 1u;

    w->nor.failure = choice & 1 ? NOR_CUT_HALF : NOR_CUT_AFTER;
    if (choice & 2)
        w->nor.fail_erase = nth;
    else
        w->nor.fail_write = nth;
}

static void poll_for_a_while(struct world *w, unsigned times)
{
    while (times-- > 0) {
        uint64_t before = w->nor.operations + w->nor.counts.reads;
        if (ota_responder_poll(&w->responder, w->now) != 0)
            times = 0;
        demand(w->nor.operations + w->nor.counts.reads - before <= 1);
    }
}

static void connection_event(struct world *w, bool closes)
{
    if (!w->is_open || w->is_closed_by_peer)
        return;
    if (closes) {
        w->is_closed_by_peer = true;
        ota_responder_on_closed(&w->responder);
    } else if (!w->is_connected) {
        w->is_connected = true;
        ota_responder_on_connected(&w->responder, w->now);
    }
}

static void step(struct world *w)
{
    switch (next_byte(w) % 11) {
    case 0:
        invite(w);
        break;
    case 1:
        prove(w);
        break;
    case 2:
        send_raw(w);
        break;
    case 3:
        connection_event(w, false);
        break;
    case 4:
    case 5:
        stream(w);
        break;
    case 6:
        poll_for_a_while(w, 200);
        break;
    case 7:
        w->now += (uint32_t)next_byte(w) * 64;
        poll_for_a_while(w, 1);
        break;
    case 8:
        connection_event(w, true);
        break;
    case 9:
        w->room = next_byte(w);
        if (w->is_open && w->is_connected)
            ota_responder_on_sendable(&w->responder, w->now);
        break;
    default:
        fail_flash(w);
        break;
    }
}

static void check(struct world *w)
{
    struct ota_record record;
    enum ota_record_state state;

    demand(w->nor.broken == NOR_RULES_KEPT);
    demand(w->may_change || w->nor.operations == w->changes);
    if (w->nor.operations == w->checked)
        return;
    w->checked = w->nor.operations;
    state = ota_record_read(&w->nor.flash, &w->layout, &record);
    demand(state == OTA_RECORD_FOUND || state == OTA_RECORD_EMPTY);
    if (state == OTA_RECORD_FOUND) {
        check_slot(w, &record, 0);
        check_slot(w, &record, 1);
    }
    demand(!w->updated || record.sequence != w->first.sequence ||
           ota_updater_is_unchanged(&w->updater));
    demand(memcmp(&record.slot[w->first.active], &w->first.slot[w->first.active],
                  sizeof record.slot[0]) == 0);
}

/* Bounded time after the last event: idle, or the wish to restart. */
static void wind_down(struct world *w)
{
    for (unsigned i = 0; i < 8; i++) {
        poll_for_a_while(w, 10000);
        w->now += 10000;
    }
    poll_for_a_while(w, 10000);
    demand(ota_responder_is_idle(&w->responder) || w->restarted);
    demand(!w->is_open);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *w = &world;

    memset(w, 0, sizeof *w);
    w->script = data;
    w->left = size;
    begin(w);
    while (w->left > 0) {
        step(w);
        check(w);
        if (w->restarted)
            restart(w);
    }
    wind_down(w);
    check(w);
    return 0;
}
