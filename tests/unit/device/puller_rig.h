/*
 * A puller over flash in memory and a network that only records, in virtual time, for the puller's
 * tests: the test is the server.
 */
#ifndef PULLER_RIG_H
#define PULLER_RIG_H

#include "common/hex.h"
#include "device/port/nor/nor_flash.h"
#include "ota/boot.h"
#include "ota/boot_state.h"
#include "ota/puller.h"
#include "tests/unit/device/sketch.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef RIG_FLASH_SIZE
#define RIG_FLASH_SIZE (256u << 10)
#define RIG_IMAGE_SIZE 20001u
#define RIG_SIZE_CODE  1 /* of the flash that the image is configured for: 256 KiB */
#endif

#define RIG_URL "http://192.0.2.1:8080/firmware.bin"

struct puller_rig {
    struct nor_flash nor;
    struct ota_layout layout;
    struct ota_updater_config updater_config;
    struct ota_updater updater;
    struct ota_identity identity;
    struct ota_pull_net net;
    struct ota_puller_config config;
    struct ota_puller puller;
    uint32_t now;

    unsigned connects, closes;
    char host[OTA_PULL_URL_SIZE]; /* of the last connection */
    uint16_t port;
    bool tls;
    bool is_open, is_connected;
    bool connect_fails;
    bool send_breaks;
    bool send_boasts; /* of more bytes than there were */
    size_t room;      /* bytes that send() takes before it is full */
    size_t sent;
    char request[4096]; /* what was sent on the last connection, NUL-terminated */

    unsigned events[OTA_PULL_EVENT_DONE + 1];
    struct ota_pull_event event; /* the last of them; its text is not valid any more */
    char event_text[OTA_PULL_URL_SIZE];

    uint8_t buffer[4096];
    uint8_t image[RIG_IMAGE_SIZE];
    char md5[HEX_SIZE(DIGEST_MD5_SIZE)]; /* of the image */
    uint8_t cells[RIG_FLASH_SIZE];
};

/* --- The network ------------------------------------------------------------------------------ */

static inline bool rig_connect(void *ctx, const char *host, uint16_t port, bool tls)
{
    struct puller_rig *rig = (struct puller_rig *)ctx;

    rig->connects++;
    snprintf(rig->host, sizeof rig->host, "%s", host);
    rig->port = port;
    rig->tls = tls;
    rig->sent = 0;
    rig->request[0] = '\0';
    /* There is one connection at a time. */
    if (rig->is_open)
        abort();
    rig->is_open = !rig->connect_fails;
    rig->is_connected = false;
    return rig->is_open;
}

static inline int32_t rig_send(void *ctx, const void *bytes, size_t len)
{
    struct puller_rig *rig = (struct puller_rig *)ctx;
    size_t n = len < rig->room ? len : rig->room;

    if (!rig->is_connected || len == 0)
        abort();
    if (rig->send_breaks)
        return -1;
    rig->room -= n;
    if (n > sizeof rig->request - 1 - rig->sent)
        abort();
    memcpy(rig->request + rig->sent, bytes, n);
    rig->sent += n;
    rig->request[rig->sent] = '\0';
    return (int32_t)(rig->send_boasts ? len + 1 : n);
}

static inline void rig_close(void *ctx)
{
    struct puller_rig *rig = (struct puller_rig *)ctx;

    if (!rig->is_open)
        abort();
    rig->closes++;
    rig->is_open = false;
    rig->is_connected = false;
}

static inline void rig_on_event(void *ctx, const struct ota_pull_event *event)
{
    struct puller_rig *rig = (struct puller_rig *)ctx;

    rig->events[event->kind]++;
    rig->event = *event;
    if (event->text)
        snprintf(rig->event_text, sizeof rig->event_text, "%s", event->text);
}

/* --- The device ------------------------------------------------------------------------------- */

static inline void rig_init_flash(struct puller_rig *rig)
{
    static const struct ota_flash geometry = {
        .size = RIG_FLASH_SIZE, .erase_size = 4096, .block_size = 65536, .write_size = 4
    };

    memset(rig->cells, 0xFF, sizeof rig->cells);
    nor_flash_init(&rig->nor, &geometry, rig->cells, NULL, NULL);
    rig->nor.timing = nor_timing_typical;
    (void)ota_layout_arrange(&rig->layout, &geometry, 0, RIG_FLASH_SIZE / 8, 0);
}

/* Make the image another one, told by `seed`. */
static inline void rig_set_image(struct puller_rig *rig, uint32_t seed)
{
    uint8_t md5[DIGEST_MD5_SIZE];

    sketch_esp8266(rig->image, sizeof rig->image, RIG_SIZE_CODE, seed);
    sketch_md5(rig->image, sizeof rig->image, md5);
    hex_encode(rig->md5, md5, sizeof md5);
}

static inline void rig_identify(struct puller_rig *rig, enum image_kind family)
{
    rig->identity = (struct ota_identity){
        .family = family,
        .chip_id = 3830442,
        .station = { 0x18, 0xFE, 0xAA, 0xAA, 0xAA, 0xAA },
        .access_point = { 0x1A, 0xFE, 0xAA, 0xAA, 0xAA, 0xAB },
        .free_space = 671744,
        .sketch_size = 373940,
        .chip_size = 4194304,
        .sdk_version = "2.2.2-dev(38a443e)",
    };
    memset(rig->identity.sketch_md5, 0xA5, sizeof rig->identity.sketch_md5);
    memset(rig->identity.sketch_sha256, 0xBE, sizeof rig->identity.sketch_sha256);
}

/* A device that has no sketch on record, whose clock is about to wrap. */
static inline void rig_init(struct puller_rig *rig)
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
    rig_identify(rig, IMAGE_ESP8266);
    rig->net = (struct ota_pull_net){ rig, rig_connect, rig_send, rig_close };
    rig->config = (struct ota_puller_config){ .updater = &rig->updater,
                                              .net = &rig->net,
                                              .identity = &rig->identity,
                                              .redirects = 3,
                                              .retries = 2,
                                              .on_event = rig_on_event,
                                              .event_ctx = rig };
    rig->room = SIZE_MAX;
    rig->now = UINT32_MAX - 5000;
    rig_set_image(rig, 5);
    ota_updater_init(&rig->updater, &rig->updater_config);
    if (!ota_puller_init(&rig->puller, &rig->config))
        abort();
}

/* A restart: the bootloader, and the sketch that it runs confirms itself. */
static inline bool rig_restart(struct puller_rig *rig)
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
    return ota_puller_init(&rig->puller, &rig->config);
}

/* Let time pass, then flash work until there is nothing to do at once. */
static inline uint32_t rig_pass(struct puller_rig *rig, uint32_t ms)
{
    uint32_t next;

    rig->now += ms;
    do
        next = ota_puller_poll(&rig->puller, rig->now);
    while (next == 0);
    return next;
}

static inline void rig_connected(struct puller_rig *rig)
{
    rig->is_connected = true;
    ota_puller_on_connected(&rig->puller, rig->now);
    rig_pass(rig, 0);
}

/* Ask for a file; the connection stands, and the request is out. */
static inline void rig_ask_for(struct puller_rig *rig, const char *url)
{
    if (!ota_puller_start(&rig->puller, url, OTA_SKETCH, rig->now))
        abort();
    rig_pass(rig, 0);
    if (rig->is_open)
        rig_connected(rig);
}

static inline void rig_ask(struct puller_rig *rig)
{
    rig_ask_for(rig, RIG_URL);
}

/* --- The server ------------------------------------------------------------------------------- */

/* Send bytes in chunks of `chunk`, held back as needed, as long as there is a connection. */
static inline void rig_give_chunks(struct puller_rig *rig, const void *bytes, size_t len,
                                   size_t chunk)
{
    const uint8_t *at = (const uint8_t *)bytes;

    while (len > 0 && rig->is_open) {
        size_t taken = ota_puller_on_stream(&rig->puller, at, len < chunk ? len : chunk, rig->now);
        if (taken > len)
            abort();
        at += taken;
        len -= taken;
        rig_pass(rig, 0);
    }
}

static inline void rig_give(struct puller_rig *rig, const void *bytes, size_t len)
{
    rig_give_chunks(rig, bytes, len, 1460);
}

static inline void rig_say(struct puller_rig *rig, const char *text)
{
    rig_give(rig, text, strlen(text));
}

static inline void rig_close_by_server(struct puller_rig *rig)
{
    if (!rig->is_open)
        return;
    ota_puller_on_closed(&rig->puller, rig->now);
    rig_pass(rig, 0);
}

/* A header, as with printf(), and the empty line. */
__attribute__((format(printf, 2, 3))) static inline void rig_head(struct puller_rig *rig,
                                                                  const char *format, ...)
{
    char text[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    rig_say(rig, text);
    rig_say(rig, "\r\n");
}

/* The header of a 200 with all that the project's server says. */
static inline void rig_offer(struct puller_rig *rig)
{
    rig_head(rig,
             "HTTP/1.1 200 OK\r\nContent-Length: %u\r\nx-MD5: %s\r\nETag: \"%s\"\r\n"
             "x-version: DOOR-8\r\nConnection: close\r\n",
             (unsigned)RIG_IMAGE_SIZE, rig->md5, rig->md5);
}

static inline void rig_image(struct puller_rig *rig, size_t from, size_t to)
{
    rig_give(rig, rig->image + from, to - from);
}

/* One question, and the answer to it. */
static inline void rig_answer(struct puller_rig *rig, const char *answer)
{
    rig_ask(rig);
    rig_say(rig, answer);
    rig_close_by_server(rig);
}

/* The new attempt after a break, whose pause must have `ms`. */
static inline void rig_retry(struct puller_rig *rig, uint32_t ms)
{
    if (rig_pass(rig, 0) != ms)
        abort();
    rig_pass(rig, ms);
    if (rig->is_open)
        rig_connected(rig);
}

/* --- What came of it -------------------------------------------------------------------------- */

static inline struct ota_record rig_record(const struct puller_rig *rig)
{
    struct ota_record record;

    (void)ota_record_read(&rig->nor.flash, &rig->layout, &record);
    return record;
}

/* True when the image is staged, and the next start will find it. */
static inline bool rig_stages_image(const struct puller_rig *rig)
{
    struct ota_record record = rig_record(rig);
    unsigned slot = ota_record_other(&record);

    return record.pending == OTA_PENDING_SKETCH && record.slot[slot].size == RIG_IMAGE_SIZE &&
           memcmp(rig->cells + ota_layout_staging(&rig->layout, slot), rig->image,
                  RIG_IMAGE_SIZE) == 0;
}

static inline bool rig_stages_nothing(const struct puller_rig *rig)
{
    return rig_record(rig).pending == OTA_PENDING_NONE;
}

/* Ended well, with the image staged. */
static inline bool rig_is_updated(const struct puller_rig *rig)
{
    return ota_puller_is_idle(&rig->puller) && ota_puller_result(&rig->puller) == OTA_PULL_OK &&
           ota_puller_error(&rig->puller) == 0 && rig_stages_image(rig) && !rig->is_open;
}

/* Ended with this error, and this text. */
static inline bool rig_has_said(const struct puller_rig *rig, int error, const char *text)
{
    return ota_puller_is_idle(&rig->puller) && ota_puller_result(&rig->puller) == OTA_PULL_FAILED &&
           ota_puller_error(&rig->puller) == error && rig->event.kind == OTA_PULL_EVENT_DONE &&
           rig->event.error == error && strcmp(rig->event_text, text) == 0 && !rig->is_open;
}

/* Ended with this error and its own text, and nothing has changed. */
static inline bool rig_has_failed(const struct puller_rig *rig, int error)
{
    return rig_has_said(rig, error, ota_pull_error_text(error)) && rig_stages_nothing(rig) &&
           !ota_updater_is_running(&rig->updater);
}

/* True when the last request has this line. */
static inline bool rig_has_line(const struct puller_rig *rig, const char *line)
{
    char text[512];

    snprintf(text, sizeof text, "\r\n%s\r\n", line);
    return strstr(rig->request, text) != NULL;
}

#endif
