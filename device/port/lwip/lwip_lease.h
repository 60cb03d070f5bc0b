/*
 * The device's IPv4 address: a fixed one, or one by DHCP, with another to fall back to where no
 * server answers. lwIP must be built with LWIP_IPV4 1, and for asking with LWIP_DHCP 1.
 */
#ifndef LWIP_LEASE_H
#define LWIP_LEASE_H

#include <lwip/netif.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An address with its network, each in network order. */
struct lwip_address_plan {
    uint8_t address[4];
    uint8_t mask[4];
    uint8_t router[4];
};

/* Lives in the caller's memory; the fields are its own. */
struct lwip_lease {
    struct netif *netif;
    const struct lwip_address_plan *fallback;
    uint32_t patience_ms;
    bool asks;
    bool waits; /* for an address, since: */
    uint32_t since;
};

/* Give the interface this address, for good. After netif_add() and netif_set_up(). */
void lwip_lease_fix(struct lwip_lease *lease, struct netif *netif,
                    const struct lwip_address_plan *plan);

/*
 * Ask for an address by DHCP. Where none comes for `patience_ms` (below 2^31), also after one was
 * lost, the interface takes the fallback, if there is one (else NULL; it must outlive the lease),
 * and DHCP goes on asking: an address that comes later takes its place. False when lwIP has no
 * memory.
 */
bool lwip_lease_ask(struct lwip_lease *lease, struct netif *netif,
                    const struct lwip_address_plan *fallback, uint32_t patience_ms,
                    uint32_t now_ms);

/* Let time pass. */
void lwip_lease_poll(struct lwip_lease *lease, uint32_t now_ms);

/* True when there is an address. */
bool lwip_lease_has_address(const struct lwip_lease *lease);

/* Milliseconds after which lwip_lease_poll() has something to do; UINT32_MAX for never. */
uint32_t lwip_lease_sleep_ms(const struct lwip_lease *lease, uint32_t now_ms);

#ifdef __cplusplus
}
#endif

#endif
