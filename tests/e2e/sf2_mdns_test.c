/*
 * The board announces itself by mDNS as a device of the Arduino IDE's: a stranger on its network
 * asks, and reads the answer.
 */
#include "sf2_board.h"
#include "sf2_cable.h"

#include "tests/support/deadline.h"
#include "tests/support/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

SF2_SUITE(sf2_mdns);

#define MDNS_GROUP "224.0.0.251"
#define MDNS_PORT  5353

enum {
    DNS_HEADER = 12,
    DNS_RECORD = 10, /* type, class, time to live, length */
    TYPE_A = 1,
    TYPE_PTR = 12,
    TYPE_TXT = 16,
    TYPE_SRV = 33,
};

static struct sf2_board board;
static struct sf2_cable cable;

/* What was answered so far. */
struct service {
    char txt[4096]; /* its strings, each followed by a newline */
    char address[INET_ADDRSTRLEN];
    unsigned port;
    bool has_ptr;
};

static unsigned big_endian_16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

/* ---- asking ---- */

static int join_group(uint16_t port)
{
    struct ip_mreqn membership = { 0 };
    int fd = loopback_bind("0.0.0.0", port, SOCK_DGRAM);

    cr_assert_geq(fd, 0);
    cr_assert_eq(inet_pton(AF_INET, MDNS_GROUP, &membership.imr_multiaddr), 1);
    cr_assert_eq(inet_pton(AF_INET, SF2_HOST_ADDRESS, &membership.imr_address), 1);
    cr_assert_eq(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership), 0);
    cr_assert_eq(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &membership, sizeof membership), 0);
    return fd;
}

/* Who provides _arduino._tcp.local? */
static void ask(int fd)
{
    static const char query[] = "\0\0\0\0\0\1\0\0\0\0\0\0"
                                "\10_arduino\4_tcp\5local\0"
                                "\0\14\0\1"; /* PTR, IN */
    struct loopback_address group;

    cr_assert(loopback_parse(&group, MDNS_GROUP, MDNS_PORT));
    cr_assert_eq(sendto(fd, query, sizeof query - 1, 0, &group.sa.any, group.len),
                 (ssize_t)sizeof query - 1);
}

/* ---- reading ---- */

/* Where a name that begins at `at` ends, 0 when it does not. */
static size_t name_end(const uint8_t *message, size_t len, size_t at)
{
    while (at < len && message[at] != 0) {
        if (message[at] >= 0xC0) /* the rest of it is elsewhere */
            return at + 2 <= len ? at + 2 : 0;
        at += 1u + message[at];
    }
    return at < len ? at + 1 : 0;
}

static void read_txt(struct service *service, const uint8_t *data, size_t len)
{
    size_t used = strlen(service->txt);

    for (size_t at = 0; at < len && at + 1 + data[at] <= len; at += 1u + data[at]) {
        cr_assert_lt(used + data[at] + 2, sizeof service->txt, "too much: %s", service->txt);
        memcpy(service->txt + used, data + at + 1, data[at]);
        used += data[at];
        service->txt[used++] = '\n';
        service->txt[used] = '\0';
    }
}

static void read_record(struct service *service, unsigned type, const uint8_t *data, size_t len)
{
    switch (type) {
    case TYPE_A:
        if (len == 4)
            inet_ntop(AF_INET, data, service->address, sizeof service->address);
        break;
    case TYPE_PTR:
        service->has_ptr = true;
        break;
    case TYPE_TXT:
        read_txt(service, data, len);
        break;
    case TYPE_SRV: /* priority, weight, port, name */
        if (len > 6)
            service->port = big_endian_16(data + 4);
        break;
    default:
        break;
    }
}

/* Everything but questions, whichever section it is in. */
static void read_answer(struct service *service, const uint8_t *message, size_t len)
{
    if (len < DNS_HEADER || !(message[2] & 0x80))
        return;
    unsigned questions = big_endian_16(message + 4);
    unsigned records =
        big_endian_16(message + 6) + big_endian_16(message + 8) + big_endian_16(message + 10);
    size_t at = DNS_HEADER;
    for (; questions > 0; questions--) {
        at = name_end(message, len, at);
        cr_assert(at > 0 && at + 4 <= len);
        at += 4;
    }
    for (; records > 0; records--) {
        at = name_end(message, len, at);
        cr_assert(at > 0 && at + DNS_RECORD <= len);
        unsigned type = big_endian_16(message + at);
        size_t data_len = big_endian_16(message + at + 8);
        at += DNS_RECORD;
        cr_assert_leq(at + data_len, len);
        read_record(service, type, message + at, data_len);
        at += data_len;
    }
}

static bool is_complete(const struct service *service)
{
    return service->has_ptr && service->port != 0 && service->txt[0] != '\0' &&
           service->address[0] != '\0';
}

static struct service look_for_service(uint16_t from_port)
{
    int64_t deadline = deadline_after(SF2_PATIENCE_MS);
    struct service service = { .port = 0 };
    int fd = join_group(from_port);
    uint8_t message[9000];

    while (!is_complete(&service)) {
        cr_assert_gt(deadline_left(deadline), 0, "not all of it is answered; TXT: %s, port %u, %s",
                     service.txt, service.port, service.address);
        ask(fd);
        int64_t next = deadline_after(1500); /* it may not answer the same twice in a second */
        while (!is_complete(&service) && loopback_wait(fd, POLLIN, -1, next)) {
            ssize_t n = recv(fd, message, sizeof message, 0);
            if (n > 0)
                read_answer(&service, message, (size_t)n);
        }
    }
    loopback_close(&fd);
    return service;
}

static void expect_txt(const struct service *service, const char *pair)
{
    char line[64];

    snprintf(line, sizeof line, "%s\n", pair);
    const char *at = strstr(service->txt, line);
    cr_assert(at && (at == service->txt || at[-1] == '\n'), "no %s in:\n%s", pair, service->txt);
}

static void expect_service(const char *settings, uint16_t from_port, const char *auth)
{
    if (!sf2_cable_may())
        cr_skip_test("no right to make network namespaces and TAP devices");
    sf2_make(&board, "flash.bin", settings);
    sf2_cable_lay(&cable, &(struct sf2_cable_options){ .seed = 1 });
    sf2_start(&board, &(struct sf2_options){ .network = SF2_CABLE_NETWORK });
    sf2_expect_version(&board, 1);
    struct service service = look_for_service(from_port);
    expect_txt(&service, "tcp_check=no");
    expect_txt(&service, "ssh_upload=no");
    expect_txt(&service, auth);
    cr_assert(strstr(service.txt, "board="), "%s", service.txt);
    cr_assert_eq(service.port, 8266);
    cr_assert_str_eq(service.address, SF2_ADDRESS);
    sf2_pull_plug(&board);
    sf2_cable_end(&cable);
}

Test(sf2_mdns, tells_where_the_board_is)
{
    expect_service("address=" SF2_ADDRESS "\n", MDNS_PORT, "auth_upload=no");
}

Test(sf2_mdns, tells_that_a_password_is_needed)
{
    expect_service("seed=nobody else knows\npassword-md5=5ebe2294ecd0e0f08eab7690d2a6ee69\n",
                   MDNS_PORT, "auth_upload=yes");
}

/* Who does not speak mDNS but asks the group all the same is answered alone. */
Test(sf2_mdns, answers_who_asks_from_another_port)
{
    expect_service("address=" SF2_ADDRESS "\n", 0, "auth_upload=no");
}
