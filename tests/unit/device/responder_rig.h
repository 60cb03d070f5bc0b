/*
 * A responder over flash in memory and a network that only records, in virtual time, for the
 * responder's tests.
 */
#ifndef RESPONDER_RIG_H
#define RESPONDER_RIG_H

#include "common/hex.h"
#include "common/proof.h"
#include "device/port/nor/nor_flash.h"
#include "ota/boot.h"
#include "ota/responder.h"
#include "tests/unit/device/sketch.h"

#include <stdio.h>
#include <string.h>

#ifndef RIG_FLASH_SIZE
#define RIG_FLASH_SIZE (512u << 10)
#define RIG_IMAGE_SIZE 20001u
#endif

#define RIG_PASSWORD "open sesame"

struct responder_rig {
    struct nor_flash nor;
    struct ota_layout layout;
    struct ota_updater_config updater_config;
    struct ota_updater updater;
    struct ota_net net;
    struct ota_random random;
    struct password_digest password;
    struct ota_responder_config config;
    struct ota_responder responder;
    uint32_t now;

    unsigned datagrams; /* sent by the device */
    char datagram[256]; /* the last of them */
    struct ota_address datagram_to;

    unsigned connects, closes;
    struct ota_address connected_to;
    bool is_open;
    bool connect_fails;
    bool send_breaks;
    size_t room; /* bytes that send() takes before it is full */
    size_t sent;
    char stream[4096]; /* what was sent, NUL-terminated */

    unsigned randoms;
    bool random_fails;

    unsigned events[OTA_EVENT_RESTART + 1];
    struct ota_event event; /* the last of them; its pointers are not valid any more */
    char event_text[OTA_ERROR_LINE_MAX];

    uint8_t buffer[4096];
    uint8_t image[RIG_IMAGE_SIZE + 1000];
    uint8_t cells[RIG_FLASH_SIZE];
};

static inline void rig_send_datagram(void *ctx, const struct ota_address *to, const void *bytes,
                                     size_t len)
{
    struct responder_rig *rig = (struct responder_rig *)ctx;

    rig->datagrams++;
    rig->datagram_to = *to;
    memset(rig->datagram, 0, sizeof rig->datagram);
    memcpy(rig->datagram, bytes, len);
}

static inline bool rig_connect(void *ctx, const struct ota_address *to)
{
    struct responder_rig *rig = (struct responder_rig *)ctx;

    rig->connects++;
    rig->connected_to = *to;
    rig->is_open = !rig->connect_fails;
    return rig->is_open;
}

static inline int32_t rig_send(void *ctx, const void *bytes, size_t len)
{
    struct responder_rig *rig = (struct responder_rig *)ctx;
    size_t n = len < rig->room ? len : rig->room;

    if (rig->send_breaks)
        return -1;
    rig->room -= n;
    memcpy(rig->stream + rig->sent, bytes, n);
    rig->sent += n;
    rig->stream[rig->sent] = '\0';
    return (int32_t)n;
}

static inline void rig_close(void *ctx)
{
    struct responder_rig *rig = (struct responder_rig *)ctx;

    rig->closes++;
    rig->is_open = false;
}

/* Different bytes each time, none of them secret. */
static inline bool rig_random(void *ctx, void *out, size_t len)
{
    struct responder_rig *rig = (struct responder_rig *)ctx;

    if (rig->random_fails)
        return false;
    sketch_noise((uint8_t *)out, len, ++rig->randoms);
    return true;
}

static inline void rig_on_event(void *ctx, const struct ota_event *event)
{
    struct responder_rig *rig = (struct responder_rig *)ctx;

    rig->events[event->kind]++;
    rig->event = *event;
    if (event->text)
        snprintf(rig->event_text, sizeof rig->event_text, "%s", event->text);
}

/* Flash that was never written, of 4 KiB sectors and 64 KiB blocks. */
static inline void rig_init_flash(struct responder_rig *rig)
{
    static const struct ota_flash geometry = {
        .size = RIG_FLASH_SIZE, .erase_size = 4096, .block_size = 65536, .write_size = 4
    };

    memset(rig->cells, 0xFF, sizeof rig->cells);
    nor_flash_init(&rig->nor, &geometry, rig->cells, NULL, NULL);
    rig->nor.timing = nor_timing_typical;
    (void)ota_layout_arrange(&rig->layout, &geometry, 0, 65536, 0);
}

/* A device without password, whose clock is about to wrap. */
static inline void rig_init(struct responder_rig *rig)
{
    memset(rig, 0, sizeof *rig);
    rig_init_flash(rig);
    rig->updater_config = (struct ota_updater_config){
        .flash = &rig->nor.flash,
        .layout = &rig->layout,
        .buffer = rig->buffer,
        .buffer_size = sizeof rig->buffer,
        .family = IMAGE_ESP8266,
    };
    rig->net = (struct ota_net){ rig, rig_send_datagram, rig_connect, rig_send, rig_close };
    rig->random = (struct ota_random){ rig, rig_random };
    rig->config = (struct ota_responder_config){ .updater = &rig->updater,
                                                 .net = &rig->net,
                                                 .random = &rig->random,
                                                 .on_event = rig_on_event,
                                                 .event_ctx = rig };
    rig->room = sizeof rig->stream - 1;
    rig->now = UINT32_MAX - 5000;
    sketch_esp8266(rig->image, sizeof rig->image, 1, 5);
    ota_updater_init(&rig->updater, &rig->updater_config);
    ota_responder_init(&rig->responder, &rig->config);
}

/* A restart: the bootloader, and the sketch that it runs confirms itself. */
static inline bool rig_restart(struct responder_rig *rig)
{
    static uint8_t buffer[4096];
    const struct ota_boot_config config = { .flash = &rig->nor.flash,
                                            .layout = &rig->layout,
                                            .buffer = buffer,
                                            .buffer_size = sizeof buffer };
    struct ota_boot boot;

    if (!ota_boot(&config, &boot) || ota_boot_confirm(&rig->nor.flash, &rig->layout) != OTA_OK)
        return false;
    ota_updater_init(&rig->updater, &rig->updater_config);
    return ota_responder_init(&rig->responder, &rig->config);
}

/* A device as after rig_init() with the password, kept as a digest of this kind. */
static inline void rig_init_locked(struct responder_rig *rig, enum auth_dialect dialect,
                                   enum digest_kind kind)
{
    rig_init(rig);
    password_digest_make(&rig->password, kind, RIG_PASSWORD, strlen(RIG_PASSWORD));
    rig->config.password = &rig->password;
    rig->config.dialect = dialect;
}

/* 192.0.2.`host`, `port`. */
static inline struct ota_address rig_peer(uint8_t host, uint16_t port)
{
    return (struct ota_address){ .bytes = { 192, 0, 2, host }, .length = 4, .port = port };
}

static inline void rig_datagram(struct responder_rig *rig, struct ota_address from,
                                const char *text)
{
    ota_responder_on_datagram(&rig->responder, &from, text, strlen(text), rig->now);
}

/* An invitation to TCP port 4711 for the first `size` bytes of the image. */
static inline void rig_invite_for(struct responder_rig *rig, struct ota_address from,
                                  uint32_t command, uint64_t size)
{
    struct invitation invitation = { .command = command, .port = 4711, .size = size };
    char text[INVITATION_MAX];

    sketch_md5(rig->image, size < RIG_IMAGE_SIZE ? (size_t)size : RIG_IMAGE_SIZE, invitation.md5);
    invitation_format(&invitation, text, sizeof text);
    rig_datagram(rig, from, text);
}

static inline void rig_invite(struct responder_rig *rig, struct ota_address from)
{
    rig_invite_for(rig, from, PUSH_SKETCH, RIG_IMAGE_SIZE);
}

/* Format the proof for a challenge as sent by the device. False when it is none. */
static inline bool rig_make_proof(const char *challenge_text, const char *password,
                                  enum digest_kind kind, char out[PROOF_MAX])
{
    static const uint8_t random[DIGEST_SHA256_SIZE] = { 42 };
    struct challenge challenge;
    struct password_digest digest;
    struct proof proof;

    if (!challenge_parse(&challenge, challenge_text, strlen(challenge_text)))
        return false;
    password_digest_make(&digest, kind, password, strlen(password));
    return proof_make(&proof, &challenge, &digest, random) &&
           proof_format(&proof, out, PROOF_MAX) > 0;
}

/* Answer the last datagram, a challenge, for a password kept as an MD5. */
static inline bool rig_prove(struct responder_rig *rig, struct ota_address from,
                             const char *password)
{
    char text[PROOF_MAX];

    if (!rig_make_proof(rig->datagram, password, DIGEST_MD5, text))
        return false;
    rig_datagram(rig, from, text);
    return true;
}

/* Let time pass, then flash work until there is nothing to do at once. */
static inline uint32_t rig_pass(struct responder_rig *rig, uint32_t ms)
{
    uint32_t next;

    rig->now += ms;
    do
        next = ota_responder_poll(&rig->responder, rig->now);
    while (next == 0);
    return next;
}

static inline void rig_connected(struct responder_rig *rig)
{
    ota_responder_on_connected(&rig->responder, rig->now);
}

/* Send bytes of the image as the stock uploader does, in chunks of 1460, held back as needed. */
static inline void rig_stream(struct responder_rig *rig, size_t from, size_t to)
{
    while (from < to) {
        size_t len = to - from < 1460 ? to - from : 1460;
        from += ota_responder_on_stream(&rig->responder, rig->image + from, len, rig->now);
        rig_pass(rig, 0);
    }
}

/* Invite, connect, and send everything. */
static inline void rig_update(struct responder_rig *rig)
{
    rig_invite(rig, rig_peer(1, 5000));
    rig_connected(rig);
    rig_stream(rig, 0, RIG_IMAGE_SIZE);
}

static inline struct ota_record rig_record(const struct responder_rig *rig)
{
    struct ota_record record;

    (void)ota_record_read(&rig->nor.flash, &rig->layout, &record);
    return record;
}

/* The size of what is staged, 0 when nothing is. */
static inline uint32_t rig_staged(const struct responder_rig *rig)
{
    struct ota_record record = rig_record(rig);

    return record.pending ? record.slot[ota_record_other(&record)].size : 0;
}

/* All operations of flash so far. */
static inline uint64_t rig_operations(const struct responder_rig *rig)
{
    return rig->nor.counts.reads + rig->nor.operations;
}

static inline bool rig_ends_with(const struct responder_rig *rig, const char *text)
{
    size_t len = strlen(text);

    return rig->sent >= len && strcmp(rig->stream + rig->sent - len, text) == 0;
}

#endif
