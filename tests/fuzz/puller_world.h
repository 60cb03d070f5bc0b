/*
 * The world of puller_fuzz.c: a device with flash, a bootloader, and a network that looks at what
 * the puller says.
 */
#ifndef PULLER_WORLD_H
#define PULLER_WORLD_H

#include "common/hex.h"
#include "device/port/nor/nor_flash.h"
#include "ota/boot.h"
#include "ota/boot_state.h"
#include "ota/puller.h"
#include "tests/unit/device/sketch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Small, for many runs a second. */
#define FLASH_SIZE (64u << 10)
#define IMAGES     2
#define IMAGE_SIZE 3000u

#define CREDENTIALS   "user:password"
#define AUTHORIZATION "Authorization: Basic dXNlcjpwYXNzd29yZA=="

struct world {
    const uint8_t *script;
    size_t left;
    struct nor_flash nor;
    struct ota_layout layout;
    struct ota_updater updater;
    struct ota_puller puller;
    struct ota_updater_config updater_config;
    struct ota_puller_config config;
    struct ota_identity identity;
    struct ota_pull_net net;
    uint32_t now;

    bool is_open, is_connected, is_closed_by_server;
    bool is_redirect; /* the next request is one */
    bool is_deaf;     /* no connection can be made any more */
    bool is_secret;   /* every connection must have TLS */
    size_t room;
    size_t sent;
    char request[4096];
    char first_host[OTA_PULL_URL_SIZE]; /* that the user has named */
    uint16_t first_port;
    bool first_tls;
    bool is_first; /* the connection is to that server */

    bool is_one_tag;         /* the images have the same ETag: then x-MD5 alone tells them */
    bool has_lied;           /* something came that is not of the images below */
    unsigned serves;         /* the image of the answer that is being given */
    size_t at, end;          /* what of it is still to come */
    unsigned done;           /* updates that have ended */
    uint64_t checked;        /* changes of flash so far, when it was last checked */
    struct ota_record first; /* the record, when the device started */

    uint8_t buffer[512];
    uint8_t boot_buffer[4096];
    uint8_t image[IMAGES][IMAGE_SIZE];
    char md5[IMAGES][HEX_SIZE(DIGEST_MD5_SIZE)];
    uint8_t given_up[DIGEST_MD5_SIZE];
    uint8_t cells[FLASH_SIZE];
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

/* --- The network ------------------------------------------------------------------------------ */

static inline bool net_connect(void *ctx, const char *host, uint16_t port, bool tls)
{
    struct world *w = ctx;

    demand(!w->is_open && port != 0 && host[0] != '\0');
    for (const char *c = host; *c != '\0'; c++)
        demand(*c > ' ' && *c < 0x7F && !strchr("/@?#[]\\", *c));
    demand(tls || !w->is_secret);
    if (w->first_host[0] == '\0') {
        snprintf(w->first_host, sizeof w->first_host, "%s", host);
        w->first_port = port;
        w->first_tls = tls;
    }
    w->is_first =
        strcasecmp(host, w->first_host) == 0 && port == w->first_port && tls == w->first_tls;
    w->is_secret = w->is_secret || tls;
    w->is_open = !w->is_deaf;
    w->is_connected = w->is_closed_by_server = false;
    w->sent = 0;
    w->request[0] = '\0';
    w->at = w->end = 0;
    return w->is_open;
}

static inline int32_t net_send(void *ctx, const void *bytes, size_t len)
{
    struct world *w = ctx;
    size_t n = len < w->room ? len : w->room;

    demand(w->is_open && w->is_connected && len > 0);
    demand(n < sizeof w->request - w->sent);
    memcpy(w->request + w->sent, bytes, n);
    w->sent += n;
    w->request[w->sent] = '\0';
    w->room -= n;
    return w->is_closed_by_server && n % 2 ? -1 : (int32_t)n;
}

static inline void net_close(void *ctx)
{
    struct world *w = ctx;

    demand(w->is_open);
    w->is_open = false;
}

/* One request, of lines that nothing foreign has got into, with credentials for the first alone. */
static inline void check_request(const struct world *w)
{
    const char *end = strstr(w->request, "\r\n\r\n");

    demand(strlen(w->request) == w->sent);
    for (const char *c = w->request; *c != '\0'; c++) {
        demand((*c >= ' ' && *c < 0x7F) || (*c == '\r' && c[1] == '\n') ||
               (*c == '\n' && c > w->request && c[-1] == '\r') || (*c == '\r' && c[1] == '\0') ||
               ((unsigned char)*c >= 0x80));
    }
    demand(!end || end[4] == '\0');
    demand(!end || strncmp(w->request, "GET /", 5) == 0);
    demand(!strstr(w->request, "Authorization") || w->is_first);
    demand(!end || !w->is_first || strstr(w->request, AUTHORIZATION "\r\n"));
    demand(!end || strstr(w->request, "\r\nx-ESP8266-STA-MAC: 02:00:00:00:00:01\r\n"));
}

/* --- The device ------------------------------------------------------------------------------- */

static inline void on_event(void *ctx, const struct ota_pull_event *event)
{
    struct world *w = ctx;

    if (event->kind == OTA_PULL_EVENT_DONE)
        w->done++;
    /* Every attempt begins where the user has said, with http perhaps. */
    if (event->kind == OTA_PULL_EVENT_ASKING) {
        w->is_secret = w->is_secret && w->is_redirect;
        w->is_redirect = false;
    }
    if (event->kind == OTA_PULL_EVENT_REDIRECTED)
        w->is_redirect = true;
    demand(event->done <= event->total);
    demand(event->kind != OTA_PULL_EVENT_DONE ||
           (event->error != 0) == (event->result == OTA_PULL_FAILED));
}

/* The bootloader, and an application that confirms itself. */
static inline void restart(struct world *w)
{
    const struct ota_boot_config config = { .flash = &w->nor.flash,
                                            .layout = &w->layout,
                                            .buffer = w->boot_buffer,
                                            .buffer_size = sizeof w->boot_buffer };
    struct ota_boot found;
    const struct ota_area *active;

    w->nor.protected_count = 0;
    w->nor.fail_write = w->nor.fail_erase = 0;
    demand(ota_boot(&config, &found) || w->first.slot[w->first.active].size == 0);
    (void)ota_boot_confirm(&w->nor.flash, &w->layout);
    (void)ota_record_read(&w->nor.flash, &w->layout, &w->first);
    active = &w->layout.slot[w->first.active];
    nor_flash_protect(&w->nor, active->offset, active->size);
    nor_flash_protect(&w->nor, w->layout.filesystem.offset, w->layout.filesystem.size);
    w->identity.sketch_size = w->first.slot[w->first.active].size;
    memcpy(w->identity.sketch_md5, w->first.slot[w->first.active].md5, DIGEST_MD5_SIZE);
    w->is_open = false;
    ota_updater_init(&w->updater, &w->updater_config);
    demand(ota_puller_init(&w->puller, &w->config));
}

static inline void make_images(struct world *w)
{
    uint8_t md5[DIGEST_MD5_SIZE];

    for (unsigned i = 0; i < IMAGES; i++) {
        sketch_esp8266(w->image[i], IMAGE_SIZE, 15, i + 1);
        sketch_md5(w->image[i], IMAGE_SIZE, md5);
        hex_encode(w->md5[i], md5, sizeof md5);
    }
}

static inline void begin(struct world *w)
{
    uint8_t options = next_byte(w);
    const struct ota_flash geometry = { .size = FLASH_SIZE,
                                        .erase_size = options & 1 ? 512 : 4096,
                                        .block_size = 4096,
                                        .write_size = 4 };

    memset(w->cells, 0xFF, sizeof w->cells);
    nor_flash_init(&w->nor, &geometry, w->cells, NULL, NULL);
    demand(ota_layout_arrange(&w->layout, &geometry, 0, 8u << 10, 0));
    w->updater_config = (struct ota_updater_config){
        .flash = &w->nor.flash,
        .layout = &w->layout,
        .buffer = w->buffer,
        .buffer_size = sizeof w->buffer,
        .family = IMAGE_ESP8266,
    };
    w->identity = (struct ota_identity){ .family = IMAGE_ESP8266,
                                         .station = { 2, 0, 0, 0, 0, 1 },
                                         .sdk_version = "fuzz" };
    make_images(w);
    if (options & 0x80) {
        sketch_md5(w->image[1], IMAGE_SIZE, w->given_up);
        w->identity.given_up_md5 = w->given_up;
    }
    w->is_one_tag = options & 0x40;
    w->net = (struct ota_pull_net){ w, net_connect, net_send, net_close };
    w->config = (struct ota_puller_config){
        .updater = &w->updater,
        .net = &w->net,
        .identity = &w->identity,
        .credentials = CREDENTIALS,
        .redirects = options >> 1 & 3,
        .retries = options >> 3 & 7,
        .resumes_by_md5_alone = w->is_one_tag,
        .limit_ms = 600000,
        .on_event = on_event,
        .event_ctx = w,
    };
    w->room = sizeof w->request;
    w->now = UINT32_MAX - 20000;
    restart(w);
}

#endif
