#include "responder_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

static bool set(int fd, int level, int option, const void *value, socklen_t size)
{
    return setsockopt(fd, level, option, value, size) == 0;
}

int responder_socket(const char *address, uint32_t *out)
{
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(RESPONDER_PORT) };
    struct ip_mreqn membership = { 0 };
    const int on = 1;
    const int ttl = 255;

    if (inet_pton(AF_INET, address, &membership.imr_address) != 1) {
        errno = EINVAL;
        return -1;
    }
    inet_pton(AF_INET, RESPONDER_GROUP, &membership.imr_multiaddr);
    *out = membership.imr_address.s_addr;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || (set(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) &&
                   set(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) &&
                   bind(fd, (struct sockaddr *)&any, sizeof any) == 0 &&
                   set(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership) &&
                   set(fd, IPPROTO_IP, IP_MULTICAST_IF, &membership, sizeof membership) &&
                   set(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl)))
        return fd;
    close(fd);
    return -1;
}
