/*
 * A responder of mDNS that nobody would want on their network:
 *
 *     hostile-responder ADDRESS KIND
 *
 * It speaks on the interface with this IPv4 address; the list at the end of this file has its
 * kinds. It says "ready", sends what its kind sends, and again whenever somebody asks for anything,
 * and once a second; until its stdin ends.
 */
#include "dns_message.h"
#include "responder_socket.h"

#include "tests/support/deadline.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PERIOD_MS 1000

struct responder {
    int fd;
    uint32_t address; /* ours, in network byte order */
    unsigned round;   /* of sending, from 0 */
    struct dns_message message;
};

static const char good_txt[] = "\x0ctcp_check=no"
                               "\x0dssh_upload=no"
                               "\x0f"
                               "board=nodemcuv2"
                               "\x0e"
                               "auth_upload=no";

static struct dns_device usual(const struct responder *responder, struct dns_bytes label)
{
    return (struct dns_device){
        .label = label,
        .host = DNS_TEXT("hostile"),
        .txt = DNS_TEXT(good_txt),
        .service = "_arduino",
        .port = 8266,
        .ttl = 120,
        .address = responder->address,
    };
}

static void send_message(struct responder *responder)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(RESPONDER_PORT) };

    inet_pton(AF_INET, RESPONDER_GROUP, &to.sin_addr);
    if (sendto(responder->fd, responder->message.bytes, responder->message.len, 0,
               (struct sockaddr *)&to, sizeof to) < 0)
        perror("sendto");
}

static void send_device(struct responder *responder, const struct dns_device *device)
{
    dns_begin(&responder->message);
    dns_put_device(&responder->message, device);
    dns_set_count(&responder->message, DNS_DEVICE_RECORDS);
    send_message(responder);
}

static void send_txt(struct responder *responder, struct dns_bytes label, struct dns_bytes txt)
{
    struct dns_device device = usual(responder, label);

    device.txt = txt;
    send_device(responder, &device);
}

/* ---- TXT records ---- */

/* Strings of 255 bytes with different keys, `len` bytes in all. */
static void send_long_txt(struct responder *responder, struct dns_bytes label, size_t len)
{
    static char txt[DNS_MESSAGE_MAX];

    memset(txt, 'x', sizeof txt);
    for (size_t at = 0; at + 256 <= len; at += 256) {
        char key[8];
        int n = snprintf(key, sizeof key, "k%03zu=", at / 256);
        txt[at] = (char)255;
        memcpy(txt + at + 1, key, (size_t)n);
    }
    send_txt(responder, label, (struct dns_bytes){ txt, len / 256 * 256 });
}

static void large_txt(struct responder *responder)
{
    send_long_txt(responder, DNS_TEXT("large"), 8192);
    send_long_txt(responder, DNS_TEXT("largest"), 60u * 1024); /* IP carries it in pieces */
}

static void wrong_txt(struct responder *responder)
{
    send_txt(responder, DNS_TEXT("no-pairs"),
             DNS_TEXT("\x05"
                      "board"
                      "\x04"
                      "auth"));
    send_txt(responder, DNS_TEXT("no-keys"),
             DNS_TEXT("\x06=board"
                      "\x01="
                      "\x02=="));
    send_txt(responder, DNS_TEXT("no-strings"), DNS_TEXT("\0\0\0\0"));
    send_txt(responder, DNS_TEXT("nothing"), (struct dns_bytes){ "", 0 });
    send_txt(responder, DNS_TEXT("cut-short"),
             DNS_TEXT("\xff"
                      "board=x"));
    send_txt(responder, DNS_TEXT("twice"),
             DNS_TEXT("\x07"
                      "board=a"
                      "\x07"
                      "board=b"
                      "\x07"
                      "BOARD=c"));
}

static void binary_txt(struct responder *responder)
{
    char all[1 + 6 + 249];
    size_t len = 0;

    send_txt(responder, DNS_TEXT("escapes"),
             DNS_TEXT("\x0e"
                      "board=\x1b[31mred"
                      "\x0a"
                      "\x1b]0;t\x07=\x9b\x31m"
                      "\x04"
                      "a=\r\n"));
    send_txt(responder, DNS_TEXT("not-utf8"),
             DNS_TEXT("\x0d"
                      "board=\xc3(\xff\xfe\xed\xa0\x80"
                      "\x05"
                      "\xf0\x9f=\xe2\x82"));
    send_txt(responder, DNS_TEXT("zeros"),
             DNS_TEXT("\x0a"
                      "board=\0a\0b"
                      "\x05"
                      "a\0b=c"));
    all[len++] = (char)255;
    memcpy(all + len, "board=", 6);
    len += 6;
    for (int c = 1; len < sizeof all; c++)
        all[len++] = (char)c;
    send_txt(responder, DNS_TEXT("all-bytes"), (struct dns_bytes){ all, sizeof all });
}

/* ---- names ---- */

static void odd_names(struct responder *responder)
{
    static const char label[] = "a.b \"c\" \\d\\ 'e' \x1b[31m $(f) `g` %s%n {h} \xc3\xa9 \xff\xfe"
                                " \r\n.local.. 0123456789";
    struct dns_device device = usual(responder, (struct dns_bytes){ label, 63 });

    send_device(responder, &device);
    device.label = DNS_TEXT("odd-host");
    device.host = (struct dns_bytes){ label, 63 };
    send_device(responder, &device);
    device.label = DNS_TEXT(".");
    device.host = DNS_TEXT(".");
    send_device(responder, &device);
    device.label = DNS_TEXT("-rf");
    device.host = DNS_TEXT("\0\0");
    send_device(responder, &device);
    device.label = DNS_TEXT("\x01");
    send_device(responder, &device);
    device.label = DNS_TEXT(""); /* the instance is the service itself */
    send_device(responder, &device);
}

/* ---- ports, addresses, services ---- */

static void odd_numbers(struct responder *responder)
{
    static const struct {
        const char *label;
        unsigned port;
        const char *address; /* NULL: ours */
    } devices[] = {
        { "port-zero", 0, NULL },
        { "last-port", 65535, NULL },
        { "to-nobody", 8266, "0.0.0.0" },
        { "to-all", 8266, "255.255.255.255" },
        { "to-group", 8266, RESPONDER_GROUP },
        { "to-loopback", 8266, "127.0.0.1" },
    };

    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        struct dns_bytes label = { devices[i].label, strlen(devices[i].label) };
        struct dns_device device = usual(responder, label);
        device.host = label; /* each has its own address */
        device.port = devices[i].port;
        if (devices[i].address)
            inet_pton(AF_INET, devices[i].address, &device.address);
        send_device(responder, &device);
    }
}

static void other_services(struct responder *responder)
{
    struct dns_device device = usual(responder, DNS_TEXT("printer"));

    device.service = "_ipp";
    send_device(responder, &device);
    device.label = DNS_TEXT("stranger"); /* an instance of one service, listed under another */
    device.shown_under = "_arduino";
    send_device(responder, &device);
}

/* ---- messages that are none ---- */

static void cut_short(struct responder *responder)
{
    struct dns_message *message = &responder->message;
    struct dns_device device = usual(responder, DNS_TEXT("cut"));

    dns_begin(message);
    dns_put_device(message, &device);
    dns_set_count(message, DNS_DEVICE_RECORDS);
    for (size_t len = message->len - 1; len > 0; len--) {
        message->len = len;
        send_message(responder);
    }
}

/* A record whose name, and data, is a pointer to this place in the message. */
static void send_pointer(struct responder *responder, unsigned to)
{
    struct dns_message *message = &responder->message;

    dns_begin(message);
    dns_put_service(message, "_arduino");
    size_t at = dns_begin_data(message, DNS_PTR, DNS_SHARED, 120);
    dns_put_label(message, DNS_TEXT("loop"));
    dns_put_16(message, 0xC000 | to);
    dns_end_data(message, at);
    dns_put_16(message, 0xC000 | to);
    at = dns_begin_data(message, DNS_SRV, DNS_UNIQUE, 120);
    dns_put(message, "\0\0\0\0\x20\x4a", 6);
    dns_put_16(message, 0xC000 | (unsigned)message->len); /* to itself */
    dns_end_data(message, at);
    dns_set_count(message, 2);
    send_message(responder);
}

static void loops(struct responder *responder)
{
    for (unsigned to = 0; to < 90; to++)
        send_pointer(responder, to);
    send_pointer(responder, 0x3FFF); /* behind its end */
}

static void wrong_counts(struct responder *responder)
{
    struct dns_message *message = &responder->message;
    struct dns_device device = usual(responder, DNS_TEXT("miscounted"));

    dns_begin(message);
    dns_put_device(message, &device);
    for (size_t at = 4; at < DNS_HEADER_SIZE; at += 2) {
        dns_set_count(message, DNS_DEVICE_RECORDS);
        message->bytes[at] = message->bytes[at + 1] = 0xFF;
        send_message(responder);
        message->bytes[at] = message->bytes[at + 1] = 0;
    }
    uint8_t noise[512];
    for (unsigned i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)(i * 97 + responder->round * 31);
    dns_begin(message);
    dns_put(message, noise, sizeof noise);
    dns_set_count(message, 100);
    send_message(responder);
}

/* ---- devices that are not there ---- */

#define GHOSTS 240

/* Names, and no more. */
static void ghosts(struct responder *responder)
{
    struct dns_message *message = &responder->message;

    for (unsigned i = 0; i < GHOSTS; i++) {
        char label[32];
        int len = snprintf(label, sizeof label, "ghost-%u", i);
        dns_begin(message);
        dns_put_service(message, "_arduino");
        size_t at = dns_begin_data(message, DNS_PTR, DNS_SHARED, 120);
        dns_put_label(message, (struct dns_bytes){ label, (size_t)len });
        dns_put_service(message, "_arduino");
        dns_end_data(message, at);
        dns_set_count(message, 1);
        send_message(responder);
    }
}

/* ---- a flood ---- */

#define FLOOD_MESSAGES 100
#define FLOOD_DEVICES  30 /* in a message */
#define FLOOD_TTL      10 /* seconds in which it is over after its end */

/* Thousands of devices a second, each once; half of them are taken back at once. */
static void flood(struct responder *responder)
{
    for (unsigned i = 0; i < FLOOD_MESSAGES; i++) {
        dns_begin(&responder->message);
        for (unsigned k = 0; k < FLOOD_DEVICES; k++) {
            char label[32];
            int len = snprintf(label, sizeof label, "flood-%u-%u-%u", responder->round, i / 2, k);
            struct dns_device device = usual(responder, (struct dns_bytes){ label, (size_t)len });
            device.host = device.label;
            device.ttl = i % 2 == 0 || k % 2 == 0 ? FLOOD_TTL : 0;
            dns_put_device(&responder->message, &device);
        }
        dns_set_count(&responder->message, FLOOD_DEVICES * DNS_DEVICE_RECORDS);
        send_message(responder);
        usleep(2000);
    }
}

/* ---- */

static const struct {
    const char *name;
    void (*send)(struct responder *responder);
} kinds[] = {
    { "large-txt", large_txt },
    { "wrong-txt", wrong_txt },
    { "binary-txt", binary_txt },
    { "odd-names", odd_names },
    { "odd-numbers", odd_numbers },
    { "other-services", other_services },
    { "cut-short", cut_short },
    { "loops", loops },
    { "wrong-counts", wrong_counts },
    { "ghosts", ghosts },
    { "flood", flood },
};

/* Wait until somebody asks, or the time has come. False when stdin has ended. */
static bool wait_for_question(const struct responder *responder)
{
    struct pollfd fds[] = { { .fd = responder->fd, .events = POLLIN },
                            { .fd = STDIN_FILENO, .events = POLLIN } };
    int64_t next = deadline_after(PERIOD_MS);
    uint8_t message[9000];
    char input[64];

    while (poll(fds, 2, deadline_left(next)) > 0) {
        if (fds[1].revents != 0 && read(STDIN_FILENO, input, sizeof input) <= 0)
            return false;
        ssize_t n = recv(responder->fd, message, sizeof message, MSG_DONTWAIT);
        if (n >= DNS_HEADER_SIZE && !(message[2] & 0x80))
            break;
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct responder responder;
    size_t kind = 0;

    while (argc == 3 && kind < sizeof kinds / sizeof kinds[0] &&
           strcmp(kinds[kind].name, argv[2]) != 0)
        kind++;
    if (argc != 3 || kind == sizeof kinds / sizeof kinds[0]) {
        fprintf(stderr, "usage: hostile-responder ADDRESS KIND\n");
        return EXIT_FAILURE;
    }
    responder.fd = responder_socket(argv[1], &responder.address);
    if (responder.fd < 0) {
        perror(argv[1]);
        return EXIT_FAILURE;
    }
    puts("ready");
    fflush(stdout);
    do {
        kinds[kind].send(&responder);
        responder.round++;
    } while (wait_for_question(&responder));
    return EXIT_SUCCESS;
}
