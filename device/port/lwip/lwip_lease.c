#include "lwip_lease.h"

#include <lwip/dhcp.h>
#include <lwip/ip4_addr.h>

static ip4_addr_t address_of(const uint8_t bytes[4])
{
    ip4_addr_t out;

    IP4_ADDR(&out, bytes[0], bytes[1], bytes[2], bytes[3]);
    return out;
}

static void take(struct netif *netif, const struct lwip_address_plan *plan)
{
    ip4_addr_t address = address_of(plan->address);
    ip4_addr_t mask = address_of(plan->mask);
    ip4_addr_t router = address_of(plan->router);

    netif_set_addr(netif, &address, &mask, &router);
}

void lwip_lease_fix(struct lwip_lease *lease, struct netif *netif,
                    const struct lwip_address_plan *plan)
{
    *lease = (struct lwip_lease){ .netif = netif };
    take(netif, plan);
}

bool lwip_lease_ask(struct lwip_lease *lease, struct netif *netif,
                    const struct lwip_address_plan *fallback, uint32_t patience_ms, uint32_t now_ms)
{
    *lease = (struct lwip_lease){ .netif = netif,
                                  .fallback = fallback,
                                  .patience_ms = patience_ms,
                                  .asks = true,
                                  .waits = true,
                                  .since = now_ms };
    return dhcp_start(netif) == ERR_OK;
}

bool lwip_lease_has_address(const struct lwip_lease *lease)
{
    return !ip4_addr_isany_val(*netif_ip4_addr(lease->netif));
}

static uint32_t time_left(const struct lwip_lease *lease, uint32_t now_ms)
{
    uint32_t passed = now_ms - lease->since;

    return passed < lease->patience_ms ? lease->patience_ms - passed : 0;
}

void lwip_lease_poll(struct lwip_lease *lease, uint32_t now_ms)
{
    if (!lease->asks)
        return;
    if (lwip_lease_has_address(lease)) {
        lease->waits = false;
    } else if (!lease->waits) {
        lease->waits = true;
        lease->since = now_ms;
    } else if (lease->fallback && time_left(lease, now_ms) == 0) {
        take(lease->netif, lease->fallback);
    }
}

uint32_t lwip_lease_sleep_ms(const struct lwip_lease *lease, uint32_t now_ms)
{
    return lease->waits && lease->fallback ? time_left(lease, now_ms) : UINT32_MAX;
}
