#include "cli/discover/mdns_ask.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MDNS_PORT 5353
#define MDNS_TTL  255

/* A message with one question: PTR records of class IN for MDNS_SERVICE in "local". */
static const uint8_t question[] = {
    0,   0,   0, 0,   0,   1,   0,   0, 0,   0,   0,   0,   8,   '_', 'a', 'r', 'd', 'u', 'i',
    'n', 'o', 4, '_', 't', 'c', 'p', 5, 'l', 'o', 'c', 'a', 'l', 0,   0,   12,  0,   1,
};

static bool set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

/*
 * A socket that sends from the port of mDNS, which it shares with avahi: whoever asks from another
 * port is answered alone. -1 when there is none, as when a daemon does not share.
 */
static int open_socket(int family)
{
    const struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(MDNS_PORT) };
    const struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(MDNS_PORT) };
    int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    bool ok = set(fd, SOL_SOCKET, SO_REUSEADDR, 1) && set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (family == AF_INET)
        ok = ok && set(fd, IPPROTO_IP, IP_MULTICAST_TTL, MDNS_TTL) &&
             bind(fd, (const struct sockaddr *)&v4, sizeof v4) == 0;
    else
        ok = ok && set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
             set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, MDNS_TTL) &&
             bind(fd, (const struct sockaddr *)&v6, sizeof v6) == 0;
    if (!ok) {
        close(fd);
        return -1;
    }
    return fd;
}

/* avahi uses neither interfaces that are down nor tunnels. */
static bool is_usable(int fd, const char *name)
{
    struct ifreq ifr = { 0 };
    const int needed = IFF_UP | IFF_MULTICAST;

    memcpy(ifr.ifr_name, name, strnlen(name, sizeof ifr.ifr_name - 1));
    return ioctl(fd, SIOCGIFFLAGS, &ifr) == 0 && (ifr.ifr_flags & needed) == needed &&
           !(ifr.ifr_flags & IFF_POINTOPOINT);
}

static bool send_v4(int fd, unsigned interface)
{
    const struct ip_mreqn through = { .imr_ifindex = (int)interface };
    const struct sockaddr_in to = { .sin_family = AF_INET,
                                    .sin_port = htons(MDNS_PORT),
                                    .sin_addr.s_addr = htonl(0xE00000FB) }; /* 224.0.0.251 */

    return setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &through, sizeof through) == 0 &&
           sendto(fd, question, sizeof question, 0, (const struct sockaddr *)&to, sizeof to) > 0;
}

static bool send_v6(int fd, unsigned interface)
{
    struct sockaddr_in6 to = { .sin6_family = AF_INET6,
                               .sin6_port = htons(MDNS_PORT),
                               .sin6_scope_id = interface };

    to.sin6_addr.s6_addr[0] = 0xFF; /* ff02::fb */
    to.sin6_addr.s6_addr[1] = 0x02;
    to.sin6_addr.s6_addr[15] = 0xFB;
    return sendto(fd, question, sizeof question, 0, (const struct sockaddr *)&to, sizeof to) > 0;
}

static unsigned ask_over(int family, const struct if_nameindex *interfaces, unsigned only)
{
    int fd = open_socket(family);
    unsigned sent = 0;

    if (fd < 0)
        return 0;
    for (const struct if_nameindex *at = interfaces; at->if_index != 0; at++) {
        if ((only != 0 && at->if_index != only) || !is_usable(fd, at->if_name))
            continue;
        if (family == AF_INET ? send_v4(fd, at->if_index) : send_v6(fd, at->if_index))
            sent++;
    }
    close(fd);
    return sent;
}

unsigned mdns_ask(unsigned interface)
{
    struct if_nameindex *interfaces = if_nameindex();

    if (!interfaces)
        return 0;
    unsigned sent = ask_over(AF_INET, interfaces, interface);
    sent += ask_over(AF_INET6, interfaces, interface);
    if_freenameindex(interfaces);
    return sent;
}
