#include "sf2_net.h"

#include "sf2_clock.h"
#include "sf2_emac.h"
#include "sf2_entropy.h"
#include "sf2_settings.h"
#include "sf2_start.h"
#include "sf2_uart.h"

#include "common/digest.h"
#include "device/port/lwip/lwip_address.h"
#include "ota/net.h"

#include <lwip/dhcp.h>
#include <lwip/init.h>
#include <lwip/memp.h>
#include <lwip/netif.h>
#include <lwip/stats.h>
#include <lwip/sys.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>
#include <string.h>

static const uint8_t fallback[4] = { 10, 0, 2, 15 };
#define ROUTER 2 /* its number in the network of 24 bits */

/* lwIP is one for all, and so is the MAC. */
static struct netif interface;
static struct sf2_emac emac;
static bool asking;  /* DHCP is on */
static bool waiting; /* for an address, since: */
static uint32_t waiting_since;

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
    return !ip4_addr_isany_val(*netif_ip4_addr(&interface));
}

static void set_address(const uint8_t address[4])
{
    ip4_addr_t ip, mask, router;

    IP4_ADDR(&ip, address[0], address[1], address[2], address[3]);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&router, address[0], address[1], address[2], ROUTER);
    netif_set_addr(&interface, &ip, &mask, &router);
}

/* A unicast address of the local kind, which nobody is assigned; it tells nothing of the seed. */
static void choose_mac(uint8_t out[6], const struct sf2_settings *settings)
{
    static const char purpose[] = "Ethernet address";
    uint8_t hash[DIGEST_SHA256_SIZE];
    struct digest digest;

    digest_init(&digest, DIGEST_SHA256);
    digest_update(&digest, purpose, sizeof purpose);
    digest_update(&digest, settings->seed, sizeof settings->seed);
    digest_finish(&digest, hash);
    memcpy(out, hash, 6);
    out[0] = (uint8_t)((out[0] & ~3u) | 2u);
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
    asking = !settings->has_address;
    waiting = asking;
    waiting_since = sf2_clock_ms();
    if (asking)
        return dhcp_start(&interface) == ERR_OK;
    set_address(settings->address);
    return true;
}

static uint32_t waiting_left(void)
{
    uint32_t passed = sf2_clock_ms() - waiting_since;

    return passed < SF2_NET_DHCP_MS ? SF2_NET_DHCP_MS - passed : 0;
}

/* Also after a lease was lost. */
static void watch_lease(void)
{
    if (sf2_net_is_up()) {
        waiting = false;
    } else if (!waiting) {
        waiting = true;
        waiting_since = sf2_clock_ms();
    } else if (waiting_left() == 0) {
        set_address(fallback);
    }
}

void sf2_net_poll(void)
{
    if (sf2_emac_poll(&interface) > 0)
        sf2_entropy_mix(&emac.received, sizeof emac.received);
    sys_check_timeouts();
    if (asking)
        watch_lease();
}

uint32_t sf2_net_sleep_ms(void)
{
    uint32_t timers = sys_timeouts_sleeptime();
    uint32_t lease = waiting ? waiting_left() : UINT32_MAX;

    if (sf2_emac_has_input())
        return 0;
    return timers < lease ? timers : lease;
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
