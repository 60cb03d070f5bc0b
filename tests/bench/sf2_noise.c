/*
 * sf2-noise PORT SECONDS SEED: what a network may throw at the emulated board whose UDP port is
 * forwarded to 127.0.0.1:PORT, for so long: datagrams that are damaged, and uploaders that answer
 * the board's connection with noise, images that go wrong, resets and stalls. Then it asks until
 * the board answers an invitation, and says how long that took. SECONDS may be 0: only that.
 *
 * Exit status: 0 when the board answered in time, 1 when not, 2 for a bad command line.
 */
#include "tests/support/deadline.h"
#include "tests/support/image_builder.h"
#include "tests/support/loopback.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Milliseconds: for the board's answer in the end, between two questions, for its connection. */
#define ANSWER_MS     120000
#define ASK_MS        20
#define CONNECTION_MS 100

#define CHIP_ID    0x05F2
#define IMAGE_SIZE 300000u

/* Any digest: nothing that is sent here has it. */
#define SOME_MD5 "0123456789abcdef0123456789abcdef"

static struct {
    uint32_t random;
    int udp;
    int listener;
    uint16_t port; /* of the listener */
    struct built_image image;
    uint64_t datagrams, connections, bytes; /* sent, taken, sent */
} noise;

static uint32_t any(uint32_t below)
{
    noise.random ^= noise.random << 13; /* xorshift32 */
    noise.random ^= noise.random >> 17;
    noise.random ^= noise.random << 5;
    return noise.random % below;
}

static void say(const void *bytes, size_t len)
{
    (void)!send(noise.udp, bytes, len, 0);
    noise.datagrams++;
}

static int hear(char *out, size_t size, int timeout_ms)
{
    if (!loopback_wait(noise.udp, POLLIN, -1, deadline_after(timeout_ms)))
        return 0;
    ssize_t n = recv(noise.udp, out, size - 1, 0);
    out[n > 0 ? n : 0] = '\0';
    return n > 0 ? (int)n : 0;
}

static size_t invitation(char *out, size_t size, uint32_t image_size)
{
    return (size_t)snprintf(out, size, "0 %u %" PRIu32 " " SOME_MD5 "\n", noise.port, image_size);
}

/* ---- datagrams ---- */

static void send_bytes(void)
{
    uint8_t bytes[1400];
    size_t len = any(sizeof bytes);

    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)any(256);
    say(bytes, len);
}

static void send_damaged_invitation(void)
{
    static const char letters[] = "0123456789abcdef \n-%";
    char text[128];
    size_t len = invitation(text, sizeof text, any(2000000));

    for (uint32_t i = 1 + any(4); i > 0; i--) {
        char *at = &text[any((uint32_t)len)];
        if (any(3) > 0)
            *at = letters[any(sizeof letters - 1)];
        else
            *at = (char)any(128);
    }
    say(text, any(8) > 0 ? len : any((uint32_t)len));
}

/* Numbers that are too large, and commands that there are and are not. */
static void send_strange_invitation(void)
{
    static const char *const numbers[] = { "0",     "1",     "100",        "200",
                                           "65535", "65536", "4294967295", "18446744073709551616",
                                           "-1" };
    const uint32_t count = sizeof numbers / sizeof *numbers;
    char text[160];

    say(text, (size_t)snprintf(text, sizeof text, "%s %s %s " SOME_MD5 "\n", numbers[any(count)],
                               numbers[any(count)], numbers[any(count)]));
}

static void send_proof(void)
{
    char text[200] = "200 ";
    size_t len = 4;
    size_t half = any(2) ? 32 : 64;

    for (size_t i = 0; i < 2 * half + 1; i++)
        text[len++] = "0123456789abcdef"[any(16)];
    text[4 + half] = ' ';
    say(text, len);
}

/* ---- connections ---- */

/* Send until the board takes no more of it; less than `len` when it has gone or stands still. */
static void send_stream(int fd, const uint8_t *bytes, size_t len)
{
    int64_t deadline = deadline_after(3000);
    char counts[512];

    while (len > 0 && loopback_wait(fd, POLLIN | POLLOUT, -1, deadline)) {
        if (recv(fd, counts, sizeof counts, 0) == 0)
            return;
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            return;
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
            noise.bytes += (uint64_t)n;
        }
    }
}

static void send_image(int fd, size_t len, bool damaged)
{
    uint32_t at = any((uint32_t)noise.image.size);
    uint8_t before = noise.image.bytes[at];

    if (damaged)
        noise.image.bytes[at] = (uint8_t)any(256);
    send_stream(fd, noise.image.bytes, len);
    noise.image.bytes[at] = before;
}

static void send_noise(int fd)
{
    uint8_t bytes[4096];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)any(256);
    send_stream(fd, bytes, any(sizeof bytes));
}

static void leave(int fd)
{
    const struct linger at_once = { .l_onoff = 1 };

    if (any(8) == 0) /* stalls first, while others knock */
        for (uint32_t i = any(100); i > 0; i--) {
            send_damaged_invitation();
            (void)loopback_wait(-1, 0, -1, deadline_after(10));
        }
    if (any(2) == 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    loopback_close(&fd);
}

/* Invite, be called back, misbehave. */
static void be_uploader(void)
{
    static const uint32_t sizes[] = { 1, 20, 4096, IMAGE_SIZE, IMAGE_SIZE, IMAGE_SIZE, 1u << 20 };
    char text[256];

    say(text, invitation(text, sizeof text, sizes[any(sizeof sizes / sizeof *sizes)]));
    if (any(16) == 0)
        return; /* gone before it is called back */
    if (!loopback_wait(noise.listener, POLLIN, -1, deadline_after(CONNECTION_MS)))
        return;
    int fd = accept4(noise.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    noise.connections++;
    switch (any(4)) {
    case 0:
        send_noise(fd);
        break;
    case 1:
        send_image(fd, any((uint32_t)noise.image.size), any(2) > 0);
        break;
    case 2:
        send_image(fd, noise.image.size, any(2) > 0);
        (void)loopback_wait(fd, POLLIN, -1, deadline_after(500));
        break;
    default:
        break; /* says nothing at all */
    }
    leave(fd);
}

static void make_noise(int seconds)
{
    int64_t deadline = deadline_after(seconds * 1000);
    char answer[256];

    while (deadline_left(deadline) > 0) {
        switch (any(8)) {
        case 0:
            send_bytes();
            break;
        case 1:
        case 2:
            send_damaged_invitation();
            break;
        case 3:
            send_strange_invitation();
            break;
        case 4:
            send_proof();
            break;
        default:
            be_uploader();
            break;
        }
        while (hear(answer, sizeof answer, 0) > 0)
            ;
    }
}

/* ---- the end ---- */

/* An invitation that changes nothing: to an image of no bytes, which is refused with words. */
static bool ask(void)
{
    int64_t start = deadline_now();
    int64_t deadline = deadline_after(ANSWER_MS);
    char text[256];

    while (deadline_left(deadline) > 0) {
        say(text, invitation(text, sizeof text, 0));
        int64_t next = deadline_after(ASK_MS);
        while (deadline_left(next) > 0)
            if (hear(text, sizeof text, deadline_left(next)) > 0 &&
                (strstr(text, "ERROR[5]") || strncmp(text, "AUTH", 4) == 0)) {
                printf("answered after %.3f s: %.*s\n", (double)(deadline_now() - start) / 1e9,
                       (int)strcspn(text, "\r\n"), text);
                return true;
            }
    }
    return false;
}

static bool open_sockets(uint16_t device)
{
    struct loopback_address to;

    noise.udp = loopback_bind("127.0.0.1", 0, SOCK_DGRAM);
    noise.listener = loopback_bind("127.0.0.1", 0, SOCK_STREAM);
    if (noise.udp < 0 || noise.listener < 0 || !loopback_parse(&to, "127.0.0.1", device))
        return false;
    noise.port = loopback_port(noise.listener);
    return connect(noise.udp, &to.sa.any, to.len) == 0;
}

int main(int argc, char **argv)
{
    unsigned long numbers[3] = { 0 };

    for (int i = 0; i < 3; i++) {
        char *end = NULL;
        if (argc == 4)
            numbers[i] = strtoul(argv[i + 1], &end, 10);
        if (!end || end == argv[i + 1] || *end != '\0' || numbers[i] > 1000000) {
            fprintf(stderr, "usage: sf2-noise PORT SECONDS SEED\n");
            return 2;
        }
    }
    noise.random = (uint32_t)numbers[2] * 2654435769u | 1;
    noise.image = build_esp32(IMAGE_SIZE, (uint32_t)numbers[2], CHIP_ID);
    if (!noise.image.bytes || !open_sockets((uint16_t)numbers[0])) {
        perror("sf2-noise");
        return 1;
    }
    make_noise((int)numbers[1]);
    if (numbers[1] > 0)
        printf("%" PRIu64 " datagrams, %" PRIu64 " connections, %" PRIu64 " bytes\n",
               noise.datagrams, noise.connections, noise.bytes);
    bool answered = ask();
    if (!answered)
        printf("no answer\n");
    built_image_free(&noise.image);
    return answered ? 0 : 1;
}
