/*
 * The POSIX sockets with a whole device behind them, and an uploader in the same thread: every step
 * of the loop has something to do, and one that waits in vain lets the test run into its time
 * limit.
 */
#include "device/port/posix/posix_address.h"
#include "device/port/posix/posix_net.h"
#include "tests/unit/device/sketch.h"
#include "tests/unit/device/test_flash.h"

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define IMAGE_SIZE 20001u

static struct test_flash chip;
static struct ota_layout layout;
static uint8_t buffer[4096];
static uint8_t image[IMAGE_SIZE];
static struct posix_net net;
static struct ota_updater updater;
static struct ota_updater_config updater_config;
static struct ota_responder responder;
static struct ota_responder_config config;
static unsigned events[OTA_EVENT_RESTART + 1];
static struct ota_address device;
static struct ota_address uploader, answerer;
static int udp, listener;

static void on_event(void *ctx, const struct ota_event *event)
{
    (void)ctx;
    events[event->kind]++;
}

/* A device on an address of this machine; false when there is no such address. */
static bool start_device(const char *address)
{
    struct ota_address local;

    cr_assert(posix_address_parse(&local, address));
    if (!posix_net_open(&net, &local))
        return false;
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
    config =
        (struct ota_responder_config){ .updater = &updater, .net = &net.net, .on_event = on_event };
    ota_updater_init(&updater, &updater_config);
    cr_assert(ota_responder_init(&responder, &config));
    device = net.local;
    return true;
}

static int bound_socket(int type, uint16_t *port)
{
    struct ota_address local = device;
    struct sockaddr_storage address;
    socklen_t len;
    int fd;

    local.port = 0;
    len = posix_address_to_socket(&local, &address);
    fd = socket(address.ss_family, type, 0);
    cr_assert_geq(fd, 0);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&address, len), 0);
    len = sizeof address;
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    cr_assert(posix_address_from_socket(&local, &address));
    *port = local.port;
    return fd;
}

static void step_until(enum ota_event_kind kind)
{
    while (events[kind] == 0)
        cr_assert(posix_net_step(&net, &responder, NULL));
}

static struct ota_address address_of(const char *text, uint16_t port)
{
    struct ota_address out;

    cr_assert(posix_address_parse(&out, text));
    out.port = port;
    return out;
}

static void send_text(int fd, const struct ota_address *to, const char *text, size_t len)
{
    struct sockaddr_storage address;
    socklen_t address_len = posix_address_to_socket(to, &address);

    cr_assert_eq(sendto(fd, text, len, 0, (const struct sockaddr *)&address, address_len),
                 (ssize_t)len);
}

/* What the uploader hears, and from where. */
static void hear(const char *expected)
{
    struct sockaddr_storage address = { 0 };
    socklen_t len = sizeof address;
    char text[64];
    ssize_t n = recvfrom(udp, text, sizeof text, 0, (struct sockaddr *)&address, &len);

    cr_assert_eq(n, (ssize_t)strlen(expected));
    cr_assert_arr_eq(text, expected, strlen(expected));
    cr_assert(posix_address_from_socket(&answerer, &address));
}

/* Open the uploader's sockets and invite; `listens` tells whether anybody is at the TCP port. */
static void invite(bool listens)
{
    struct invitation invitation = { .size = IMAGE_SIZE };
    char text[INVITATION_MAX];
    size_t len;

    uploader = device;
    udp = bound_socket(SOCK_DGRAM, &uploader.port);
    listener = bound_socket(SOCK_STREAM, &invitation.port);
    if (listens)
        cr_assert_eq(listen(listener, 1), 0);
    sketch_md5(image, sizeof image, invitation.md5);
    len = invitation_format(&invitation, text, sizeof text);
    send_text(udp, &device, text, len);
    step_until(OTA_EVENT_INVITED);
    hear("OK");
}

static struct ota_address calling_end(int fd)
{
    struct sockaddr_storage address = { 0 };
    socklen_t len = sizeof address;
    struct ota_address out;

    cr_assert_eq(getpeername(fd, (struct sockaddr *)&address, &len), 0);
    cr_assert(posix_address_from_socket(&out, &address));
    return out;
}

static int connection(void)
{
    step_until(OTA_EVENT_CONNECTED);
    int fd = accept(listener, NULL, NULL);
    cr_assert_geq(fd, 0);
    return fd;
}

static void expect_update(const char *address)
{
    char text[512];
    ssize_t n;

    if (!start_device(address))
        return;
    invite(true);
    int fd = connection();
    cr_assert_eq(send(fd, image, sizeof image, 0), (ssize_t)sizeof image);
    step_until(OTA_EVENT_UPDATED);
    n = recv(fd, text, sizeof text, 0);
    cr_assert_geq(n, 2);
    cr_assert_arr_eq(text + n - 2, "OK", 2);
    close(fd);
    step_until(OTA_EVENT_RESTART);
    cr_assert_arr_eq(chip.cells + layout.slot[1].offset, image, sizeof image);
    posix_net_close(&net);
}

Test(posix_net, a_whole_update_over_ipv4)
{
    expect_update("127.0.0.1");
}

Test(posix_net, a_whole_update_over_ipv6)
{
    expect_update("::1");
}

/* A device at every address is asked at one that the system would not have chosen to answer from.
 */
static void expect_answers_from(const char *bound, const char *asked, const char *also)
{
    if (!start_device(bound))
        return;
    uint16_t port = device.port;
    device = address_of(asked, port);
    invite(true);
    int fd = connection();
    cr_assert(ota_address_equal(&answerer, &device), "the answer");
    struct ota_address caller = calling_end(fd);
    cr_assert(ota_address_same_host(&caller, &device), "the connection");

    /* An answer that comes late, when somebody else has asked elsewhere. */
    struct ota_address elsewhere = address_of(also, port);
    uint16_t other_port;
    send_text(bound_socket(SOCK_DGRAM, &other_port), &elsewhere, "?", 1);
    cr_assert(posix_net_step(&net, &responder, NULL));
    net.net.send_datagram(net.net.ctx, &uploader, "late", 4);
    hear("late");
    cr_assert(ota_address_equal(&answerer, &device), "the late answer");
    posix_net_close(&net);
}

Test(posix_net, bound_to_every_ipv4_address_it_answers_from_the_one_it_was_asked_at)
{
    expect_answers_from("0.0.0.0", "127.0.0.2", "127.0.0.3");
}

Test(posix_net, bound_to_every_ipv6_address_it_answers_from_the_one_it_was_asked_at)
{
    expect_answers_from("::", "::1", "::1");
}

Test(posix_net, bound_to_every_address_it_answers_ipv4_from_the_one_it_was_asked_at)
{
    expect_answers_from("::", "::ffff:127.0.0.2", "::ffff:127.0.0.3");
}

Test(posix_net, a_peer_that_closes_one_way_gets_the_verdict_and_the_device_restarts)
{
    char text[512];
    ssize_t n;

    cr_assert(start_device("127.0.0.1"));
    invite(true);
    int fd = connection();
    cr_assert_eq(send(fd, image, sizeof image, 0), (ssize_t)sizeof image);
    cr_assert_eq(shutdown(fd, SHUT_WR), 0);
    step_until(OTA_EVENT_RESTART);
    n = recv(fd, text, sizeof text, 0);
    cr_assert_geq(n, 2);
    cr_assert_arr_eq(text + n - 2, "OK", 2);
}

Test(posix_net, a_port_at_which_nobody_listens)
{
    cr_assert(start_device("127.0.0.1"));
    invite(false);
    step_until(OTA_EVENT_FAILED);
    cr_assert(ota_responder_is_idle(&responder));
}

Test(posix_net, a_peer_that_resets_the_connection)
{
    const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

    cr_assert(start_device("127.0.0.1"));
    invite(true);
    int fd = connection();
    cr_assert_eq(send(fd, image, 5000, 0), 5000);
    cr_assert_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
    close(fd);
    step_until(OTA_EVENT_FAILED);
    cr_assert(ota_responder_is_idle(&responder));
}

Test(posix_net, addresses_are_read_and_written)
{
    static const char *const good[] = { "192.0.2.1", "0.0.0.0", "::", "2001:db8::1" };
    static const char *const bad[] = { "", "localhost", "192.0.2.256", "::g", "192.0.2.1:80" };
    struct ota_address address;
    char text[POSIX_ADDRESS_MAX];

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        cr_assert(posix_address_parse(&address, good[i]));
        posix_address_format(&address, text);
        cr_assert_str_eq(text, good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_not(posix_address_parse(&address, bad[i]), "%s", bad[i]);
}
