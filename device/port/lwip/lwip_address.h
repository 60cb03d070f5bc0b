/*
 * Addresses between libota and lwIP, whatever of IPv4 and IPv6 lwIP was built with.
 */
#ifndef LWIP_ADDRESS_H
#define LWIP_ADDRESS_H

#include "ota/net.h"

#include <lwip/ip_addr.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * lwIP's address and a port (in the host's order) as libota's. The scope is the zone of a
 * link-local IPv6 address, if lwIP keeps zones.
 */
void lwip_address_from_ip(struct ota_address *out, const ip_addr_t *ip, uint16_t port);

/* The other way, without the port. False when it is of a kind that lwIP was built without. */
bool lwip_address_to_ip(ip_addr_t *out, const struct ota_address *address);

#ifdef __cplusplus
}
#endif

#endif
