#include "device_publisher.h"

#include <stdio.h>
#include <string.h>

AvahiStringList *device_publisher_txt(const struct device_service *service)
{
    char board[sizeof "board=" + DEVICE_BOARD_BYTES];

    (void)snprintf(board, sizeof board, "board=%s", service->board);
    return avahi_string_list_new("tcp_check=no", "ssh_upload=no", board,
                                 service->has_password ? "auth_upload=yes" : "auth_upload=no",
                                 NULL);
}

const struct device_link *device_publisher_service_link(const struct device_links *links)
{
    /*
     * Avahi takes records back on one interface only when they were added for each of several. Who
     * is on several is on all of them.
     */
    for (size_t i = 1; i < links->count; i++) {
        if (device_links_is_first(links, i))
            return NULL;
    }
    return links->link;
}

AvahiProtocol device_publisher_protocol(const struct device_link *link)
{
    return link && link->is_loopback ? AVAHI_PROTO_INET : AVAHI_PROTO_UNSPEC;
}

AvahiIfIndex device_publisher_interface(const struct device_link *link)
{
    return link ? link->interface : AVAHI_IF_UNSPEC;
}

AvahiAddress device_publisher_address(const struct device_link *link)
{
    const struct ota_address *address = &link->address;
    AvahiAddress out = { .proto = AVAHI_PROTO_INET };

    if (address->length == sizeof out.data.ipv6.address) {
        out.proto = AVAHI_PROTO_INET6;
        memcpy(out.data.ipv6.address, address->bytes, sizeof out.data.ipv6.address);
    } else {
        memcpy(&out.data.ipv4.address, address->bytes, sizeof out.data.ipv4.address);
    }
    return out;
}
