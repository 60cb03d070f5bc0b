#include "posix_datagram.h"

#include "posix_address.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* Room for what comes with a datagram, aligned as the system wants it. */
union control {
    struct cmsghdr header;
    char v4[CMSG_SPACE(sizeof(struct in_pktinfo))];
    char v6[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

bool posix_datagram_prepare(int fd, int family)
{
    const int one = 1;

    if (family == AF_INET6)
        return setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof one) == 0;
    return setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof one) == 0;
}

static void take_v4(struct ota_address *out, const struct cmsghdr *header)
{
    struct in_pktinfo info;

    memcpy(&info, CMSG_DATA(header), sizeof info);
    out->length = sizeof info.ipi_spec_dst;
    memcpy(out->bytes, &info.ipi_spec_dst, sizeof info.ipi_spec_dst);
}

static void take_v6(struct ota_address *out, const struct cmsghdr *header)
{
    struct in6_pktinfo info;

    memcpy(&info, CMSG_DATA(header), sizeof info);
    if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr))
        return;
    out->length = sizeof info.ipi6_addr;
    memcpy(out->bytes, &info.ipi6_addr, sizeof info.ipi6_addr);
    /* Such an address says nothing without its interface; any other is good on every one. */
    if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
        out->scope = (uint32_t)info.ipi6_ifindex;
}

ssize_t posix_datagram_receive(int fd, void *out, size_t size, struct ota_address *from,
                               struct ota_address *to)
{
    struct sockaddr_storage address = { 0 };
    struct iovec part = { .iov_base = out, .iov_len = size };
    union control control;
    struct msghdr message = { .msg_name = &address,
                              .msg_namelen = sizeof address,
                              .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof control };
    ssize_t n = recvmsg(fd, &message, 0);

    *to = (struct ota_address){ 0 };
    if (n < 0)
        return n;
    posix_address_from_socket(from, &address);
    for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at; at = CMSG_NXTHDR(&message, at)) {
        if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO)
            take_v4(to, at);
        else if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO)
            take_v6(to, at);
    }
    return n;
}

/* Say where from; returns the bytes of `control` in use, 0 to leave it to the system. */
static size_t put_source(union control *control, const struct ota_address *from)
{
    struct in_pktinfo v4 = { 0 };
    struct in6_pktinfo v6 = { .ipi6_ifindex = from->scope };

    memset(control, 0, sizeof *control);
    if (from->length == sizeof v4.ipi_spec_dst) {
        memcpy(&v4.ipi_spec_dst, from->bytes, sizeof v4.ipi_spec_dst);
        control->header = (struct cmsghdr){ .cmsg_level = IPPROTO_IP,
                                            .cmsg_type = IP_PKTINFO,
                                            .cmsg_len = CMSG_LEN(sizeof v4) };
        memcpy(CMSG_DATA(&control->header), &v4, sizeof v4);
        return CMSG_SPACE(sizeof v4);
    }
    if (from->length == sizeof v6.ipi6_addr) {
        memcpy(&v6.ipi6_addr, from->bytes, sizeof v6.ipi6_addr);
        control->header = (struct cmsghdr){ .cmsg_level = IPPROTO_IPV6,
                                            .cmsg_type = IPV6_PKTINFO,
                                            .cmsg_len = CMSG_LEN(sizeof v6) };
        memcpy(CMSG_DATA(&control->header), &v6, sizeof v6);
        return CMSG_SPACE(sizeof v6);
    }
    return 0;
}

void posix_datagram_send(int fd, const struct ota_address *from, const struct ota_address *to,
                         const void *bytes, size_t len)
{
    struct sockaddr_storage address;
    socklen_t address_len = posix_address_to_socket(to, &address);
    char payload[POSIX_DATAGRAM_MAX];
    struct iovec part = { .iov_base = payload, .iov_len = len };
    union control control;
    size_t control_len = put_source(&control, from);
    struct msghdr message = { .msg_name = &address,
                              .msg_namelen = address_len,
                              .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = control_len > 0 ? &control : NULL,
                              .msg_controllen = control_len };

    if (len > sizeof payload)
        return;
    /* An iovec cannot point to what is const. */
    memcpy(payload, bytes, len);
    if (sendmsg(fd, &message, 0) >= 0 || control_len == 0)
        return;
    message.msg_control = NULL;
    message.msg_controllen = 0;
    (void)sendmsg(fd, &message, 0);
}
