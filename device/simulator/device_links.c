#include "device_links.h"

#include "device/port/posix/posix_address.h"

#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define IPV4_LENGTH 4

static bool read_address(struct ota_address *out, const struct sockaddr *address)
{
    struct sockaddr_storage storage = { 0 };

    if (!address)
        return false;
    if (address->sa_family == AF_INET)
        memcpy(&storage, address, sizeof(struct sockaddr_in));
    else if (address->sa_family == AF_INET6)
        memcpy(&storage, address, sizeof(struct sockaddr_in6));
    return posix_address_from_socket(out, &storage);
}

/* ::ffff:192.0.2.1, as a socket of IPv6 shows IPv4, is 192.0.2.1. */
static struct ota_address without_mapping(const struct ota_address *address)
{
    static const uint8_t prefix[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };
    struct ota_address out = *address;

    out.port = 0;
    if (address->length == 16 && memcmp(address->bytes, prefix, sizeof prefix) == 0) {
        out = (struct ota_address){ .length = IPV4_LENGTH };
        memcpy(out.bytes, address->bytes + sizeof prefix, IPV4_LENGTH);
    }
    return out;
}

static bool is_unspecified(const struct ota_address *address)
{
    static const uint8_t zero[sizeof address->bytes];

    return memcmp(address->bytes, zero, address->length) == 0;
}

/* Every address of 127.0.0.0/8 is the loopback interface's, which has but one of them. */
static bool is_in_loopback_net(const struct ifaddrs *entry, const struct ota_address *has,
                               const struct ota_address *bound)
{
    struct ota_address mask;

    if (!(entry->ifa_flags & IFF_LOOPBACK) || has->length != IPV4_LENGTH ||
        bound->length != IPV4_LENGTH || !read_address(&mask, entry->ifa_netmask))
        return false;
    for (size_t i = 0; i < IPV4_LENGTH; i++) {
        if ((has->bytes[i] ^ bound->bytes[i]) & mask.bytes[i])
            return false;
    }
    return true;
}

static bool is_usable(const struct ifaddrs *entry)
{
    return (entry->ifa_flags & IFF_UP) && (entry->ifa_flags & (IFF_LOOPBACK | IFF_MULTICAST));
}

static void add(struct device_links *out, const struct ifaddrs *entry,
                const struct ota_address *address)
{
    struct device_link *link = &out->link[out->count++];
    size_t len = strcspn(entry->ifa_name, ":"); /* a label of the address's may follow */

    *link = (struct device_link){
        .is_loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0,
        .address = *address,
    };
    (void)snprintf(link->interface_name, sizeof link->interface_name, "%.*s", (int)len,
                   entry->ifa_name);
}

static void select_all(struct device_links *out, const struct ifaddrs *list, uint8_t length)
{
    struct ota_address has;

    for (; list && out->count < DEVICE_LINKS_MAX; list = list->ifa_next) {
        if (is_usable(list) && read_address(&has, list->ifa_addr) && has.length <= length)
            add(out, list, &has);
    }
}

static void select_one(struct device_links *out, const struct ifaddrs *list,
                       const struct ota_address *bound)
{
    const struct ifaddrs *near = NULL;
    struct ota_address has;

    for (; list && out->count == 0; list = list->ifa_next) {
        if (!is_usable(list) || !read_address(&has, list->ifa_addr))
            continue;
        if (ota_address_equal(&has, bound))
            add(out, list, bound);
        else if (is_in_loopback_net(list, &has, bound))
            near = list;
    }
    if (out->count == 0 && near)
        add(out, near, bound);
}

void device_links_select(struct device_links *out, const struct ifaddrs *list,
                         const struct ota_address *bound)
{
    struct ota_address wanted = without_mapping(bound);

    out->count = 0;
    if (is_unspecified(&wanted))
        select_all(out, list, wanted.length);
    else
        select_one(out, list, &wanted);
}

/* Ask for the interfaces' indexes; those that have gone in between are left out. */
static void number(struct device_links *links)
{
    size_t kept = 0;

    for (size_t i = 0; i < links->count; i++) {
        struct device_link *link = &links->link[i];
        link->interface = (int)if_nametoindex(link->interface_name);
        if (link->interface > 0)
            links->link[kept++] = *link;
    }
    links->count = kept;
}

bool device_links_find(struct device_links *out, const struct ota_address *bound)
{
    struct ifaddrs *list;

    out->count = 0;
    if (getifaddrs(&list) != 0)
        return false;
    device_links_select(out, list, bound);
    freeifaddrs(list);
    number(out);
    return true;
}

bool device_links_equal(const struct device_links *a, const struct device_links *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->link[i].interface != b->link[i].interface ||
            strcmp(a->link[i].interface_name, b->link[i].interface_name) != 0 ||
            !ota_address_equal(&a->link[i].address, &b->link[i].address))
            return false;
    }
    return true;
}

bool device_links_is_first(const struct device_links *links, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(links->link[i].interface_name, links->link[index].interface_name) == 0)
            return false;
    }
    return true;
}
