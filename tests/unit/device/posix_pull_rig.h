/*
 * The puller's connection with a whole puller behind it, and a server in the same thread, which is
 * the test: every step of the loop has something to do, and one that waits in vain lets the test
 * run into its time limit. Name the suite with PULL_SUITE.
 */
#ifndef POSIX_PULL_RIG_H
#define POSIX_PULL_RIG_H

#include "device/port/posix/posix_pull.h"
#include "tests/support/deadline.h"
#include "tests/support/loopback.h"
#include "tests/unit/device/sketch.h"
#include "tests/unit/device/test_flash.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IMAGE_SIZE  100001u
#define PATIENCE_MS 25000

static struct test_flash chip;
static struct ota_layout layout;
static uint8_t buffer[4096];
static uint8_t image[IMAGE_SIZE];
static struct ota_updater updater;
static struct ota_updater_config updater_config;
static struct posix_pull pull;
static struct ota_puller puller;
static struct ota_puller_config config;
static struct ota_identity identity;
static unsigned events[OTA_PULL_EVENT_DONE + 1];

static inline void on_event(void *ctx, const struct ota_pull_event *event)
{
    (void)ctx;
    events[event->kind]++;
}

static inline void start_device(void)
{
    test_flash_init(&chip, &(struct ota_flash){ .size = TEST_FLASH_MAX,
                                                .erase_size = 4096,
                                                .block_size = 4096,
                                                .write_size = 4 });
    cr_assert(ota_layout_arrange(&layout, &chip.nor.flash, 0, 0, 0));
    sketch_esp8266(image, sizeof image, 1, 1);
    updater_config = (struct ota_updater_config){
        .flash = &chip.nor.flash,
        .layout = &layout,
        .buffer = buffer,
        .buffer_size = sizeof buffer,
        .family = IMAGE_ESP8266,
    };
    ota_updater_init(&updater, &updater_config);
    posix_pull_init(&pull);
    identity = (struct ota_identity){ .family = IMAGE_ESP8266, .sdk_version = "test" };
    config = (struct ota_puller_config){
        .updater = &updater,
        .net = &pull.net,
        .identity = &identity,
        .on_event = on_event,
    };
    cr_assert(ota_puller_init(&puller, &config));
}

static inline void stop_device(void)
{
    posix_pull_close(&pull);
}

#define PULL_SUITE(name) TestSuite(name, .init = start_device, .fini = stop_device, .timeout = 60)

static inline void ask(const char *host, uint16_t port)
{
    char url[128];

    snprintf(url, sizeof url, "http://%s:%u/fw.bin", host, (unsigned)port);
    cr_assert(posix_pull_start(&pull, &puller, url, OTA_SKETCH));
}

/* A turn of the loop; waits for `fd` (or -1) as well, and returns what it is ready for. */
static inline short step(int fd, short wanted)
{
    struct pollfd fds[POSIX_PULL_FDS + 1];
    uint32_t delay_ms = posix_pull_prepare(&pull, fds);

    cr_assert(pull.input_at == pull.input_len || delay_ms == 0, "what has come has to wait");
    fds[POSIX_PULL_FDS] = (struct pollfd){ .fd = fd, .events = wanted };
    int ready = poll(fds, POSIX_PULL_FDS + 1, delay_ms < PATIENCE_MS ? (int)delay_ms : PATIENCE_MS);
    cr_assert(ready > 0 || (ready == 0 && delay_ms < PATIENCE_MS), "it waits for nothing");
    posix_pull_serve(&pull, &puller, fds);
    return fds[POSIX_PULL_FDS].revents;
}

static inline void step_until(enum ota_pull_event_kind kind)
{
    while (events[kind] == 0)
        step(-1, 0);
}

static inline void expect_failed(int error)
{
    step_until(OTA_PULL_EVENT_DONE);
    cr_assert_eq(ota_puller_result(&puller), OTA_PULL_FAILED);
    cr_assert_eq(ota_puller_error(&puller), error, "%d", ota_puller_error(&puller));
    cr_assert(ota_puller_is_idle(&puller));
    cr_assert_eq(pull.fd, -1);
}

/* ---- the server ---- */

static inline int listener(const char *address, uint16_t port)
{
    int fd = loopback_bind(address, port, SOCK_STREAM);

    cr_assert_geq(fd, 0, "%s: %s", address, strerror(errno));
    return fd;
}

/* Wait for the device's connection, and for its request. */
static inline int accept_request(int fd)
{
    char request[2048] = "";
    size_t used = 0;

    while (!(step(fd, POLLIN) & POLLIN))
        ;
    int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    cr_assert_geq(peer, 0);
    while (!strstr(request, "\r\n\r\n")) {
        while (!(step(peer, POLLIN) & POLLIN))
            ;
        ssize_t n = recv(peer, request + used, sizeof request - 1 - used, 0);
        cr_assert_gt(n, 0);
        used += (size_t)n;
    }
    cr_assert_eq(strncmp(request, "GET /fw.bin HTTP/1.0\r\n", 22), 0, "%s", request);
    return peer;
}

/* Send, while the device works; `piece` bytes at a time. */
static inline void send_all(int fd, const void *bytes, size_t len, size_t piece)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t n = send(fd, at, len < piece ? len : piece, MSG_NOSIGNAL);
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
        step(fd, POLLOUT);
    }
}

static inline void send_head(int fd)
{
    char head[128];
    int len =
        snprintf(head, sizeof head, "HTTP/1.0 200 OK\r\nContent-Length: %u\r\n\r\n", IMAGE_SIZE);

    send_all(fd, head, (size_t)len, (size_t)len);
}

static inline void expect_image(void)
{
    step_until(OTA_PULL_EVENT_DONE);
    cr_assert_eq(ota_puller_result(&puller), OTA_PULL_OK, "%d", ota_puller_error(&puller));
    cr_assert_arr_eq(chip.cells + layout.slot[1].offset, image, sizeof image);
}

/* The whole image on this connection. */
static inline void expect_update_on(int peer, size_t piece)
{
    send_head(peer);
    send_all(peer, image, sizeof image, piece);
    close(peer);
    expect_image();
}

/* The same from whoever listens at `fd`. */
static inline void expect_update(int fd, size_t piece)
{
    expect_update_on(accept_request(fd), piece);
    close(fd);
}

/* End a question, so that another one can be asked. */
static inline void give_up(void)
{
    ota_puller_abort(&puller, OTA_PULL_CONNECTION_LOST);
    expect_failed(OTA_PULL_CONNECTION_LOST);
    events[OTA_PULL_EVENT_DONE] = 0;
}

/* ---- a server that does not answer ---- */

/* So many that whose queue has room for none: more are dropped, and try again later. */
#define CALLERS 8

struct deaf {
    int listener;
    int callers[CALLERS];
};

static inline struct deaf deaf_start(const char *address, uint16_t port)
{
    struct deaf deaf;
    struct loopback_address to;
    int family = strchr(address, ':') ? AF_INET6 : AF_INET;

    deaf.listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(deaf.listener >= 0 && loopback_parse(&to, address, port));
    cr_assert_eq(bind(deaf.listener, &to.sa.any, to.len), 0, "%s", strerror(errno));
    cr_assert_eq(listen(deaf.listener, 0), 0);
    loopback_set_port(&to, loopback_port(deaf.listener));
    for (int i = 0; i < CALLERS; i++) {
        deaf.callers[i] = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        cr_assert_geq(deaf.callers[i], 0);
        (void)connect(deaf.callers[i], &to.sa.any, to.len);
    }
    return deaf;
}

/* Take nobody's place in the queue any more: who tries again is let in. */
static inline void deaf_listen(struct deaf *deaf)
{
    int fd;

    for (int i = 0; i < CALLERS; i++)
        loopback_close(&deaf->callers[i]);
    while (loopback_wait(deaf->listener, POLLIN, -1, deadline_after(1)) & POLLIN) {
        fd = accept4(deaf->listener, NULL, NULL, SOCK_CLOEXEC);
        loopback_close(&fd);
    }
}

static inline void deaf_stop(struct deaf *deaf)
{
    for (int i = 0; i < CALLERS; i++)
        loopback_close(&deaf->callers[i]);
    loopback_close(&deaf->listener);
}

#endif
