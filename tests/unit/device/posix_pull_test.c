/*
 * The puller's connection with a whole puller behind it, and a server in the same thread: every
 * step of the loop has something to do, and one that waits in vain lets the test run into its time
 * limit.
 */
#include "device/port/posix/posix_pull.h"
#include "tests/support/deadline.h"
#include "tests/support/loopback.h"
#include "tests/unit/device/sketch.h"
#include "tests/unit/device/test_flash.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
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

static void on_event(void *ctx, const struct ota_pull_event *event)
{
    (void)ctx;
    events[event->kind]++;
}

static void start_device(void)
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

static void stop_device(void)
{
    posix_pull_close(&pull);
}

TestSuite(posix_pull, .init = start_device, .fini = stop_device, .timeout = 60);

static void ask(const char *host, uint16_t port)
{
    char url[128];

    snprintf(url, sizeof url, "http://%s:%u/fw.bin", host, (unsigned)port);
    cr_assert(posix_pull_start(&pull, &puller, url, OTA_SKETCH));
}

/* A turn of the loop; waits for `fd` (or -1) as well, and returns what it is ready for. */
static short step(int fd, short wanted)
{
    struct pollfd fds[POSIX_PULL_FDS + 1];
    uint32_t delay_ms = posix_pull_prepare(&pull, fds);

    fds[POSIX_PULL_FDS] = (struct pollfd){ .fd = fd, .events = wanted };
    int ready = poll(fds, POSIX_PULL_FDS + 1, delay_ms < PATIENCE_MS ? (int)delay_ms : PATIENCE_MS);
    cr_assert(ready > 0 || (ready == 0 && delay_ms < PATIENCE_MS), "it waits for nothing");
    posix_pull_serve(&pull, &puller, fds);
    return fds[POSIX_PULL_FDS].revents;
}

static void step_until(enum ota_pull_event_kind kind)
{
    while (events[kind] == 0)
        step(-1, 0);
}

static void expect_failed(int error)
{
    step_until(OTA_PULL_EVENT_DONE);
    cr_assert_eq(ota_puller_result(&puller), OTA_PULL_FAILED);
    cr_assert_eq(ota_puller_error(&puller), error, "%d", ota_puller_error(&puller));
    cr_assert(ota_puller_is_idle(&puller));
    cr_assert_eq(pull.fd, -1);
}

/* ---- the server ---- */

static int listener(const char *address, uint16_t port)
{
    int fd = loopback_bind(address, port, SOCK_STREAM);

    cr_assert_geq(fd, 0, "%s: %s", address, strerror(errno));
    return fd;
}

/* Wait for the device's connection, and for its request. */
static int accept_request(int fd)
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
static void send_all(int fd, const void *bytes, size_t len, size_t piece)
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

static void send_head(int fd)
{
    char head[128];
    int len =
        snprintf(head, sizeof head, "HTTP/1.0 200 OK\r\nContent-Length: %u\r\n\r\n", IMAGE_SIZE);

    send_all(fd, head, (size_t)len, (size_t)len);
}

static void expect_image(void)
{
    step_until(OTA_PULL_EVENT_DONE);
    cr_assert_eq(ota_puller_result(&puller), OTA_PULL_OK, "%d", ota_puller_error(&puller));
    cr_assert_arr_eq(chip.cells + layout.slot[1].offset, image, sizeof image);
}

/* The whole image from whoever listens at `fd`. */
static void expect_update(int fd, size_t piece)
{
    int peer = accept_request(fd);

    send_head(peer);
    send_all(peer, image, sizeof image, piece);
    close(peer);
    expect_image();
    close(fd);
}

/* ---- one address ---- */

Test(posix_pull, a_whole_update_over_ipv4)
{
    int fd = listener("127.0.0.1", 0);

    ask("127.0.0.1", loopback_port(fd));
    expect_update(fd, 60000);
}

Test(posix_pull, a_whole_update_over_ipv6)
{
    int fd = loopback_bind("::1", 0, SOCK_STREAM);

    if (fd < 0)
        cr_skip_test("needs IPv6");
    ask("[::1]", loopback_port(fd));
    expect_update(fd, 60000);
}

Test(posix_pull, a_whole_update_from_a_name)
{
    int fd = listener("127.0.0.1", 0);

    ask("localhost", loopback_port(fd));
    expect_update(fd, 60000);
}

Test(posix_pull, a_whole_update_in_small_pieces)
{
    int fd = listener("127.0.0.1", 0);

    ask("127.0.0.1", loopback_port(fd));
    expect_update(fd, 777);
}

/* Whatever the updater does not take waits, and its end comes behind it. */
Test(posix_pull, a_peer_that_has_gone_before_its_bytes_were_taken)
{
    int fd = listener("127.0.0.1", 0);

    ask("127.0.0.1", loopback_port(fd));
    int peer = accept_request(fd);
    int room = 1 << 20;
    setsockopt(peer, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    send_head(peer);
    ssize_t sent = send(peer, image, sizeof image, MSG_NOSIGNAL);
    cr_assert_gt(sent, 50000);
    if ((size_t)sent < sizeof image)
        send_all(peer, image + sent, sizeof image - (size_t)sent, sizeof image);
    close(peer);
    expect_image();
    close(fd);
}

Test(posix_pull, a_port_at_which_nobody_listens)
{
    int fd = listener("127.0.0.1", 0);
    uint16_t port = loopback_port(fd);

    close(fd);
    ask("127.0.0.1", port);
    expect_failed(OTA_PULL_NOT_CONNECTED);
}

Test(posix_pull, a_peer_that_closes_at_once)
{
    int fd = listener("127.0.0.1", 0);

    ask("127.0.0.1", loopback_port(fd));
    close(accept_request(fd));
    expect_failed(OTA_PULL_CONNECTION_LOST);
    close(fd);
}

Test(posix_pull, a_peer_that_resets_the_connection)
{
    const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    int fd = listener("127.0.0.1", 0);

    ask("127.0.0.1", loopback_port(fd));
    int peer = accept_request(fd);
    send_head(peer);
    send_all(peer, image, 50000, 50000);
    setsockopt(peer, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(peer);
    expect_failed(OTA_PULL_CONNECTION_LOST);
    close(fd);
}

Test(posix_pull, a_peer_that_is_silent)
{
    int fd = listener("127.0.0.1", 0);

    config.header_timeout_ms = 50;
    ask("127.0.0.1", loopback_port(fd));
    int peer = accept_request(fd);
    expect_failed(OTA_PULL_TIMEOUT);
    close(peer);
    close(fd);
}

Test(posix_pull, giving_up_closes_the_connection)
{
    int fd = listener("127.0.0.1", 0);
    char byte;

    ask("127.0.0.1", loopback_port(fd));
    int peer = accept_request(fd);
    ota_puller_abort(&puller, OTA_PULL_CONNECTION_LOST);
    expect_failed(OTA_PULL_CONNECTION_LOST);
    cr_assert_eq(loopback_wait(peer, POLLIN, -1, deadline_after(PATIENCE_MS)) & POLLIN, POLLIN);
    cr_assert_leq(recv(peer, &byte, 1, 0), 0);
    close(peer);
    close(fd);
}

Test(posix_pull, what_the_connection_has_no_room_for_is_sent_later)
{
    static char much[1 << 20];
    int fd = listener("127.0.0.1", 0);
    struct pollfd fds[POSIX_PULL_FDS];

    ask("127.0.0.1", loopback_port(fd));
    int peer = accept_request(fd);
    while (pull.net.send(pull.net.ctx, much, sizeof much) == (int32_t)sizeof much)
        ;
    posix_pull_prepare(&pull, fds);
    cr_assert(fds[0].events & POLLOUT, "it waits for room");
    cr_assert_eq(poll(fds, 1, 0), 0);
    while (recv(peer, much, sizeof much, 0) > 0)
        ;
    cr_assert_eq(poll(fds, 1, PATIENCE_MS), 1);
    posix_pull_serve(&pull, &puller, fds);
    posix_pull_prepare(&pull, fds);
    cr_assert_not(fds[0].events & POLLOUT, "it has been told");
    close(peer);
    close(fd);
}

Test(posix_pull, there_is_no_tls)
{
    cr_assert_not(pull.net.connect(pull.net.ctx, "127.0.0.1", 443, true));
    cr_assert(posix_pull_start(&pull, &puller, "https://127.0.0.1/", OTA_SKETCH));
    expect_failed(OTA_PULL_NOT_CONNECTED);
}

/* ---- names ---- */

/* Another file in the place of one of the system's, for this test alone. */
static void replace(const char *path, const char *text)
{
    char name[] = "/tmp/posix_pull_XXXXXX";
    int fd = mkstemp(name);

    cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    int result = mount(name, path, NULL, MS_BIND, NULL);
    unlink(name);
    if (result != 0)
        cr_skip_test("%s cannot be replaced: %s", path, strerror(errno));
}

/* This test's own loopback, and its own view of files: who asks for names is in its hands. */
static void have_own_names(const char *hosts)
{
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };

    if (unshare(CLONE_NEWNS | CLONE_NEWNET) != 0)
        cr_skip_test("needs namespaces: %s (run as root)", strerror(errno));
    cr_assert_eq(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    replace("/etc/hosts", hosts);
    replace("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
    replace("/etc/nsswitch.conf", "hosts: files dns\n");
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    cr_assert(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0);
    close(fd);
}

#define TWO_ADDRESSES "127.0.0.1 two.test\n::1 two.test\n"

/* Of the two, whichever comes first: nobody listens there. */
Test(posix_pull, the_next_address_when_the_first_refuses)
{
    static const char *const addresses[] = { "127.0.0.1", "::1" };

    have_own_names(TWO_ADDRESSES);
    for (size_t i = 0; i < 2; i++) {
        int fd = listener(addresses[i], 0);
        ask("two.test", loopback_port(fd));
        int peer = accept_request(fd);
        cr_assert_eq(pull.addresses, 2u);
        ota_puller_abort(&puller, OTA_PULL_CONNECTION_LOST);
        expect_failed(OTA_PULL_CONNECTION_LOST);
        events[OTA_PULL_EVENT_DONE] = 0;
        close(peer);
        close(fd);
    }
}

/* Nobody answers: a listener whose queue is full drops who knocks. */
static int deaf_listener(const char *address, uint16_t port, int callers[8])
{
    struct loopback_address to;
    int fd = socket(strchr(address, ':') ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert(fd >= 0 && loopback_parse(&to, address, port));
    cr_assert_eq(bind(fd, &to.sa.any, to.len), 0);
    cr_assert_eq(listen(fd, 0), 0);
    for (int i = 0; i < 8; i++) {
        callers[i] = socket(to.sa.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        cr_assert_geq(callers[i], 0);
        (void)connect(callers[i], &to.sa.any, to.len);
    }
    return fd;
}

Test(posix_pull, the_next_address_when_the_first_does_not_answer)
{
    static const char *const addresses[] = { "127.0.0.1", "::1" };
    int callers[8];

    have_own_names(TWO_ADDRESSES);
    for (size_t i = 0; i < 2; i++) {
        int fd = listener(addresses[i], 0);
        int deaf = deaf_listener(addresses[1 - i], loopback_port(fd), callers);
        ask("two.test", loopback_port(fd));
        int peer = accept_request(fd);
        ota_puller_abort(&puller, OTA_PULL_CONNECTION_LOST);
        expect_failed(OTA_PULL_CONNECTION_LOST);
        events[OTA_PULL_EVENT_DONE] = 0;
        for (int j = 0; j < 8; j++)
            close(callers[j]);
        close(deaf);
        close(peer);
        close(fd);
    }
}

Test(posix_pull, a_name_that_nobody_has)
{
    have_own_names("127.0.0.1 localhost\n");
    ask("nobody.test", 80);
    expect_failed(OTA_PULL_NOT_CONNECTED);
}

/* The name server is asked, and does not answer: neither the loop nor giving up waits for it. */
Test(posix_pull, a_name_server_that_is_silent_holds_nothing_up)
{
    have_own_names("127.0.0.1 localhost\n");
    int server = loopback_bind("127.0.0.1", 53, SOCK_DGRAM);

    cr_assert_geq(server, 0);
    ask("somebody.test", 80);
    while (!(step(server, POLLIN) & POLLIN))
        ;
    cr_assert_eq(pull.state, POSIX_PULL_LOOKING_UP);
    ota_puller_abort(&puller, OTA_PULL_TIMEOUT);
    expect_failed(OTA_PULL_TIMEOUT);
    cr_assert_null(pull.lookup);

    /* The next one is as good as the first. */
    int fd = listener("127.0.0.1", 0);
    events[OTA_PULL_EVENT_DONE] = 0;
    ask("localhost", loopback_port(fd));
    expect_update(fd, 60000);
    close(server);
}
