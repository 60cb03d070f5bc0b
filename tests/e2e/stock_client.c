#include "stock_client.h"

#include "tests/support/deadline.h"
#include "tests/support/loopback.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CHUNK 1460

/* Long enough for an answer that must not come. */
#define MOMENT_MS 300

struct stock_client stock_open(const struct board *board)
{
    struct stock_client client = { .stream = -1 };
    struct loopback_address to;
    bool is_v6 = strchr(board->address, ':') != NULL;
    const char *local = is_v6 ? "::1" : "127.0.0.1";
    uint16_t port = (uint16_t)strtoul(board->port.text, NULL, 10);

    cr_assert(loopback_parse(&to, board->address, port));
    client.udp = loopback_bind(local, 0, SOCK_DGRAM);
    client.listener = loopback_bind(local, 0, SOCK_STREAM);
    cr_assert(client.udp >= 0 && client.listener >= 0);
    cr_assert_eq(connect(client.udp, &to.sa.any, to.len), 0);
    client.port = loopback_port(client.listener);
    return client;
}

void stock_say(const struct stock_client *client, const char *datagram)
{
    cr_assert_eq(send(client->udp, datagram, strlen(datagram), 0), (ssize_t)strlen(datagram));
}

void stock_invite(const struct stock_client *client, unsigned command, size_t size, const char *md5)
{
    char text[128];

    snprintf(text, sizeof text, "%u %u %zu %s\n", command, client->port, size, md5);
    stock_say(client, text);
}

void stock_hears(struct stock_client *client, const char *text)
{
    cr_assert(loopback_wait(client->udp, POLLIN, -1, deadline_after(E2E_PATIENCE_MS)),
              "silence instead of %s", text);
    ssize_t n = recv(client->udp, client->text, sizeof client->text - 1, 0);
    cr_assert_gt(n, 0);
    client->text[n] = '\0';
    cr_assert_eq(strncmp(client->text, text, strlen(text)), 0, "it says: %s", client->text);
}

void stock_hears_nothing(struct stock_client *client)
{
    cr_assert_eq(loopback_wait(client->udp, POLLIN, -1, deadline_after(MOMENT_MS)), 0);
}

void stock_accept(struct stock_client *client)
{
    cr_assert(loopback_wait(client->listener, POLLIN, -1, deadline_after(E2E_PATIENCE_MS)));
    client->stream = accept4(client->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    cr_assert_geq(client->stream, 0);
}

static void send_all(const struct stock_client *client, const uint8_t *bytes, size_t len)
{
    int64_t deadline = deadline_after(E2E_PATIENCE_MS);

    while (len > 0) {
        ssize_t n = send(client->stream, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN && loopback_wait(client->stream, POLLOUT, -1, deadline))
            continue;
        cr_assert_gt(n, 0, "it does not take everything: %s", strerror(errno));
        bytes += n;
        len -= (size_t)n;
    }
}

/* Read what is there; 0 at the end or when nothing came in time. */
static size_t receive(struct stock_client *client)
{
    if (!loopback_wait(client->stream, POLLIN, -1, deadline_after(E2E_PATIENCE_MS)))
        return 0;
    ssize_t n = recv(client->stream, client->text, sizeof client->text - 1, 0);
    client->text[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

void stock_send(struct stock_client *client, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        size_t chunk = len < CHUNK ? len : CHUNK;
        send_all(client, bytes, chunk);
        bytes += chunk;
        len -= chunk;
        if (len > 0)
            cr_assert_gt(receive(client), 0, "no count with %zu bytes left", len);
    }
}

void stock_verdict(struct stock_client *client)
{
    char all[sizeof client->text] = "";
    size_t used = 0;

    while (!strstr(all, "OK") && receive(client) > 0)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s", client->text);
    memcpy(client->text, all, sizeof all);
}

void stock_reset(struct stock_client *client)
{
    const struct linger at_once = { .l_onoff = 1 };

    setsockopt(client->stream, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    stock_close(client);
}

void stock_close(struct stock_client *client)
{
    loopback_close(&client->stream);
    loopback_close(&client->listener);
    loopback_close(&client->udp);
}
