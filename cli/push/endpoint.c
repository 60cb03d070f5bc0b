#include "cli/push/endpoint.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Close after an error, whose number the caller still wants. */
static void close_quietly(int fd)
{
    int saved = errno;

    close(fd);
    errno = saved;
}

static bool bind_address(int fd, const struct address *bind_to, struct failure *failure)
{
    char text[ADDRESS_TEXT_MAX];

    if (bind_to->len == 0 || bind(fd, &bind_to->u.any, bind_to->len) == 0)
        return true;
    return failure_set(failure, EXIT_LOCAL_FAILURE,
                       "cannot use the local address %s: %s; give one of this machine's with -I",
                       address_host_text(bind_to, text), strerror(errno));
}

int endpoint_open_udp(const struct address *device, const struct address *bind_to,
                      struct address *local, struct failure *failure)
{
    char text[ADDRESS_TEXT_MAX];

    if (bind_to->len > 0 && bind_to->u.any.sa_family != device->u.any.sa_family) {
        failure_set(failure, EXIT_LOCAL_FAILURE,
                    "%s cannot be reached from the address given with -I: "
                    "one is IPv4, the other IPv6",
                    address_host_text(device, text));
        return -1;
    }
    int fd = socket(device->u.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "cannot open a UDP socket: %s", strerror(errno));
        return -1;
    }
    if (!bind_address(fd, bind_to, failure)) {
        close_quietly(fd);
        return -1;
    }
    struct sockaddr_storage name;
    socklen_t len = sizeof name;
    if (connect(fd, &device->u.any, device->len) != 0 ||
        getsockname(fd, (struct sockaddr *)&name, &len) != 0 ||
        !address_from(local, (struct sockaddr *)&name, len)) {
        failure_set(failure, EXIT_LOCAL_FAILURE,
                    "there is no way to %s from here: %s; check this machine's network",
                    address_host_text(device, text), strerror(errno));
        close_quietly(fd);
        return -1;
    }
    if (bind_to->len > 0)
        *local = *bind_to;
    return fd;
}

static int try_listen(struct address *local, uint16_t port)
{
    const int on = 1;
    struct sockaddr_storage name;
    socklen_t len = sizeof name;
    int fd =
        socket(local->u.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

    if (fd < 0)
        return -1;
    address_set_port(local, port);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, &local->u.any, local->len) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, (struct sockaddr *)&name, &len) != 0 ||
        !address_from(local, (struct sockaddr *)&name, len)) {
        close_quietly(fd);
        return -1;
    }
    return fd;
}

int endpoint_listen(struct address *local, struct port_range range, struct failure *failure)
{
    char text[ADDRESS_TEXT_MAX];

    for (unsigned port = range.first; port <= range.last; port++) {
        int fd = try_listen(local, (uint16_t)port);
        if (fd >= 0)
            return fd;
        if (errno != EADDRINUSE)
            break;
    }
    int saved = errno;
    if (range.first == range.last)
        failure_set(failure, EXIT_LOCAL_FAILURE, "cannot listen on %s: %s",
                    address_text(local, text), strerror(saved));
    else
        failure_set(failure, EXIT_LOCAL_FAILURE,
                    "cannot listen on %s at any port from %u to %u: %s",
                    address_host_text(local, text), range.first, range.last, strerror(saved));
    errno = saved;
    return -1;
}
