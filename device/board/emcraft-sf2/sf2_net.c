#include "sf2_net.h"

#include "sf2_clock.h"
#include "sf2_emac.h"
#include "sf2_entropy.h"
#include "sf2_settings.h"
#include "sf2_start.h"
#include "sf2_uart.h"

#include "common/digest.h"
#include "device/port/lwip/lwip_address.h"
#include "device/port/lwip/lwip_lease.h"
#include "ota/net.h"

#include <lwip/init.h>
#include <lwip/memp.h>
#include <lwip/netif.h>
#include <lwip/stats.h>
#include <lwip/sys.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>
#include <string.h>

static const struct lwip_address_plan fallback = { { 10, 0, 2, 15 },
                                                   { 255, 255, 255, 0 },
                                                   { 10, 0, 2, 2 } };
#define ROUTER 2 /* its number in the network of 24 bits */

/* lwIP is one for all, and so is the MAC. */
static struct netif interface;
static struct sf2_emac emac;
static struct lwip_lease lease;
static struct lwip_address_plan plan;

u32_t sys_now(void)
{
    return sf2_clock_ms();
}

_Noreturn void sf2_net_broken(const char *what)
{
    sf2_uart_text("lwip ");
    sf2_uart_quoted(what, strlen(what));
    sf2_uart_text("\n");
    sf2_on_fault();
}

bool sf2_net_is_up(void)
{
    return lwip_lease_has_address(&lease);
}

bool sf2_net_is_heard(void)
{
    return emac.received > 0;
}

/* One that nobody was assigned (bit 1 of the first byte), and always the same for a name. */
static void choose_mac(uint8_t out[6], const struct sf2_settings *settings)
{
    uint8_t hash[DIGEST_SHA256_SIZE];
    struct digest digest;

    if (settings->has_mac) {
        memcpy(out, settings->mac, 6);
        return;
    }
    digest_init(&digest, DIGEST_SHA256);
    digest_update(&digest, settings->name, strlen(settings->name));
    digest_finish(&digest, hash);
    memcpy(out, hash, 6);
    out[0] = (uint8_t)((out[0] & ~3u) | 2u);
}

static void plan_address(const struct sf2_settings *settings)
{
    plan = fallback;
    memcpy(plan.address, settings->address, sizeof plan.address);
    memcpy(plan.router, settings->address, 3);
    plan.router[3] = ROUTER;
}

bool sf2_net_start(const struct sf2_settings *settings)
{
    choose_mac(emac.mac, settings);
    lwip_init();
    if (!netif_add(&interface, NULL, NULL, NULL, &emac, sf2_emac_init, ethernet_input))
        return false;
    netif_set_hostname(&interface, settings->name);
    netif_set_default(&interface);
    netif_set_up(&interface);
    if (!settings->has_address)
        return lwip_lease_ask(&lease, &interface, &fallback, SF2_NET_DHCP_MS, sf2_clock_ms());
    plan_address(settings);
    lwip_lease_fix(&lease, &interface, &plan);
    return true;
}

void sf2_net_stop(void)
{
    sf2_emac_stop();
}

void sf2_net_poll(void)
{
    if (sf2_emac_poll(&interface) > 0)
        sf2_entropy_mix(&emac.received, sizeof emac.received);
    sys_check_timeouts();
    lwip_lease_poll(&lease, sf2_clock_ms());
}

uint32_t sf2_net_sleep_ms(void)
{
    uint32_t timers = sys_timeouts_sleeptime();
    uint32_t asking = lwip_lease_sleep_ms(&lease, sf2_clock_ms());

    if (sf2_emac_has_input())
        return 0;
    return timers < asking ? timers : asking;
}

void sf2_net_address(struct ota_address *out)
{
    lwip_address_from_ip(out, netif_ip_addr4(&interface), 0);
}

struct netif *sf2_net_netif(void)
{
    return &interface;
}

void sf2_net_usage(struct sf2_net_usage *out)
{
    const struct stats_mem *buffers = lwip_stats.memp[MEMP_PBUF_POOL];
    const struct stats_mem *segments = lwip_stats.memp[MEMP_TCP_SEG];

    *out = (struct sf2_net_usage){ .heap_used = lwip_stats.mem.max,
                                   .heap_size = lwip_stats.mem.avail,
                                   .pbufs_used = buffers->max,
                                   .pbufs = buffers->avail,
                                   .segments_used = segments->max,
                                   .segments = segments->avail,
                                   .refusals = lwip_stats.mem.err,
                                   .frames_dropped = emac.dropped,
                                   .overflows = emac.overflows };
    for (int i = 0; i < MEMP_MAX; i++)
        out->refusals += lwip_stats.memp[i]->err;
}
