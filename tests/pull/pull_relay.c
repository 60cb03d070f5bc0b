#include "pull_relay.h"

#include "tests/support/deadline.h"
#include "tests/support/loopback.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Milliseconds that one connection may last. */
#define PATIENCE_MS 60000

struct pull_relay {
    pthread_t thread;
    int listener;
    int stop; /* readable when it is to end */
    struct sockaddr_un path;
    struct loopback_address port;
    size_t cuts[PULL_RELAY_CUTS];
    atomic_uint count;
};

static int connect_to_server(const struct pull_relay *relay)
{
    if (relay->path.sun_path[0] == '\0')
        return loopback_connect(&relay->port, NULL, 0, PATIENCE_MS);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&relay->path, sizeof relay->path) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static bool write_all(int fd, const char *bytes, size_t len, int stop, int64_t deadline)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && loopback_wait(fd, POLLOUT, stop, deadline) != POLLOUT)
            return false;
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
    return true;
}

/* Hand on what has arrived, at most `*left` bytes; false when that is over. */
static bool move(int from, int to, size_t *left, int stop, int64_t deadline)
{
    char bytes[16384];
    size_t size = *left < sizeof bytes ? *left : sizeof bytes;
    ssize_t n = recv(from, bytes, size, MSG_DONTWAIT);

    if (n <= 0 || !write_all(to, bytes, (size_t)n, stop, deadline))
        return false;
    *left -= (size_t)n;
    return *left > 0;
}

static void reset(int fd)
{
    const struct linger linger = { .l_onoff = 1, .l_linger = 0 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static void relay_connection(const struct pull_relay *relay, int client, int server, size_t cut)
{
    int64_t deadline = deadline_after(PATIENCE_MS);
    size_t request = SIZE_MAX;
    size_t answer = cut > 0 ? cut : SIZE_MAX;

    for (;;) {
        struct pollfd fds[] = { { client, POLLIN, 0 },
                                { server, POLLIN, 0 },
                                { relay->stop, POLLIN, 0 } };
        if (poll(fds, 3, deadline_left(deadline)) <= 0 || fds[2].revents)
            return;
        if (fds[1].revents && !move(server, client, &answer, relay->stop, deadline))
            break;
        if (fds[0].revents && !move(client, server, &request, relay->stop, deadline))
            break;
    }
    if (answer == 0) {
        /* What was sent shall arrive: a reset throws away what the peer has not read yet. */
        shutdown(client, SHUT_WR);
        loopback_wait(client, POLLIN, relay->stop, deadline_after(200));
        reset(client);
    }
}

static void *run(void *arg)
{
    struct pull_relay *relay = arg;
    size_t cut = 0;

    while (loopback_wait(relay->listener, POLLIN, relay->stop, deadline_after(PATIENCE_MS)) > 0) {
        int client = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC);
        int server = client >= 0 ? connect_to_server(relay) : -1;
        atomic_fetch_add(&relay->count, 1);
        if (server >= 0)
            relay_connection(relay, client, server, relay->cuts[cut]);
        cut += relay->cuts[cut] > 0;
        loopback_close(&client);
        loopback_close(&server);
    }
    return NULL;
}

static struct pull_relay *start(const struct sockaddr_un *path, uint16_t port, const size_t *cuts)
{
    struct pull_relay *relay = calloc(1, sizeof *relay);

    cr_assert_not_null(relay);
    relay->path = *path;
    cr_assert(loopback_parse(&relay->port, "127.0.0.1", port));
    for (size_t i = 0; cuts && cuts[i] > 0; i++) {
        cr_assert_lt(i, (size_t)PULL_RELAY_CUTS - 1);
        relay->cuts[i] = cuts[i];
    }
    relay->listener = loopback_bind("127.0.0.1", 0, SOCK_STREAM);
    relay->stop = eventfd(0, EFD_CLOEXEC);
    cr_assert(relay->listener >= 0 && relay->stop >= 0);
    cr_assert_eq(pthread_create(&relay->thread, NULL, run, relay), 0);
    return relay;
}

struct pull_relay *pull_relay_start(const char *path, const size_t *cuts)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    cr_assert_lt(strlen(path), sizeof address.sun_path, "%s", path);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return start(&address, 0, cuts);
}

struct pull_relay *pull_relay_start_to_port(uint16_t port, const size_t *cuts)
{
    return start(&(struct sockaddr_un){ 0 }, port, cuts);
}

uint16_t pull_relay_port(const struct pull_relay *relay)
{
    return loopback_port(relay->listener);
}

unsigned pull_relay_count(const struct pull_relay *relay)
{
    return atomic_load(&relay->count);
}

void pull_relay_stop(struct pull_relay *relay)
{
    eventfd_write(relay->stop, 1);
    pthread_join(relay->thread, NULL);
    loopback_close(&relay->listener);
    loopback_close(&relay->stop);
    free(relay);
}
