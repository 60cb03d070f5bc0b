#include "lwip_address.h"

#include <string.h>

#if LWIP_IPV4
static void from_ip4(struct ota_address *out, const ip4_addr_t *ip)
{
    out->length = sizeof ip->addr;
    memcpy(out->bytes, &ip->addr, sizeof ip->addr);
}

static void to_ip4(ip_addr_t *out, const struct ota_address *address)
{
    ip4_addr_t ip;

    memcpy(&ip.addr, address->bytes, sizeof ip.addr);
    ip_addr_copy_from_ip4(*out, ip);
}
#endif

#if LWIP_IPV6
static void from_ip6(struct ota_address *out, const ip6_addr_t *ip)
{
    out->length = sizeof ip->addr;
    memcpy(out->bytes, ip->addr, sizeof ip->addr);
#if LWIP_IPV6_SCOPES
    out->scope = ip6_addr_zone(ip);
#endif
}

static void to_ip6(ip_addr_t *out, const struct ota_address *address)
{
    ip6_addr_t ip = { 0 };

    memcpy(ip.addr, address->bytes, sizeof ip.addr);
#if LWIP_IPV6_SCOPES
    ip6_addr_set_zone(&ip, (u8_t)address->scope);
#endif
    ip_addr_copy_from_ip6(*out, ip);
}
#endif

void lwip_address_from_ip(struct ota_address *out, const ip_addr_t *ip, uint16_t port)
{
    *out = (struct ota_address){ .port = port };
#if LWIP_IPV4
    if (IP_IS_V4_VAL(*ip))
        from_ip4(out, ip_2_ip4(ip));
#endif
#if LWIP_IPV6
    if (IP_IS_V6_VAL(*ip))
        from_ip6(out, ip_2_ip6(ip));
#endif
}

bool lwip_address_to_ip(ip_addr_t *out, const struct ota_address *address)
{
#if LWIP_IPV4
    if (address->length == 4) {
        to_ip4(out, address);
        return true;
    }
#endif
#if LWIP_IPV6
    if (address->length == 16) {
        to_ip6(out, address);
        return true;
    }
#endif
    return false;
}
