#include "device_publisher.h"

#include <string.h>

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
