#include "tests/support/loopback.h"

#include "tests/support/deadline.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

bool loopback_parse(struct loopback_address *out, const char *text, uint16_t port)
{
    *out = (struct loopback_address){ .len = sizeof out->sa.v4 };
    out->sa.any.sa_family = AF_INET;
    if (inet_pton(AF_INET, text, &out->sa.v4.sin_addr) != 1) {
        out->sa.any.sa_family = AF_INET6;
        out->len = sizeof out->sa.v6;
        if (inet_pton(AF_INET6, text, &out->sa.v6.sin6_addr) != 1)
            return false;
    }
    loopback_set_port(out, port);
    return true;
}

uint16_t loopback_port_of(const struct loopback_address *address)
{
    return ntohs(address->sa.any.sa_family == AF_INET6 ? address->sa.v6.sin6_port
                                                       : address->sa.v4.sin_port);
}

void loopback_set_port(struct loopback_address *address, uint16_t port)
{
    if (address->sa.any.sa_family == AF_INET6)
        address->sa.v6.sin6_port = htons(port);
    else
        address->sa.v4.sin_port = htons(port);
}

static int fail(int fd, int error)
{
    loopback_close(&fd);
    errno = error;
    return -1;
}

int loopback_bind(const char *address, uint16_t port, int type)
{
    struct loopback_address at;

    if (!loopback_parse(&at, address, port))
        return fail(-1, EINVAL);
    int fd = socket(at.sa.any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, &at.sa.any, at.len) != 0 ||
        (type == SOCK_STREAM && listen(fd, SOMAXCONN) != 0))
        return fail(fd, errno);
    return fd;
}

uint16_t loopback_port(int fd)
{
    struct loopback_address at = { .len = sizeof at.sa };

    return getsockname(fd, &at.sa.any, &at.len) == 0 ? loopback_port_of(&at) : 0;
}

int loopback_connect(const struct loopback_address *to, const char *source, int receive_buffer,
                     int timeout_ms)
{
    struct loopback_address from;
    int on = 1;
    int error = 0;
    socklen_t len = sizeof error;
    int fd = socket(to->sa.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receive_buffer > 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    if (source && !loopback_parse(&from, source, 0))
        return fail(fd, EINVAL);
    if (source && bind(fd, &from.sa.any, from.len) != 0)
        return fail(fd, errno);
    if (connect(fd, &to->sa.any, to->len) != 0 && errno != EINPROGRESS)
        return fail(fd, errno);
    if (loopback_wait(fd, POLLOUT, -1, deadline_after(timeout_ms)) == 0)
        return fail(fd, ETIMEDOUT);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0)
        return fail(fd, error);
    return fd;
}

short loopback_wait(int fd, short events, int stop, int64_t deadline)
{
    struct pollfd fds[] = { { .fd = fd, .events = events }, { .fd = stop, .events = POLLIN } };

    while (poll(fds, 2, deadline_left(deadline)) < 0 && errno == EINTR)
        ;
    return fds[0].revents;
}

void loopback_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
