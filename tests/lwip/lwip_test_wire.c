#include "lwip_test_wire.h"

#include "lwip_test_platform.h"

#include <lwip/ip.h>
#include <lwip/ip4_addr.h>
#include <lwip/ip6_addr.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <string.h>

#define FRAMES 512
#define MTU    1500

struct frame {
    uint16_t len;
    uint8_t bytes[MTU];
};

static struct {
    struct netif netif;
    struct sim_random random;
    uint32_t lost, late; /* of a thousand */
    bool cut;
    unsigned first; /* the oldest frame */
    unsigned count;
    struct frame frames[FRAMES];
} wire;

static void put(const struct frame *frame)
{
    wire.frames[(wire.first + wire.count) % FRAMES] = *frame;
    wire.count++;
}

static err_t output(const struct pbuf *p)
{
    struct frame frame = { .len = p->tot_len };

    lwip_test_require(p->tot_len <= MTU, "lwIP sends more than the interface takes");
    if (wire.count == FRAMES || wire.cut || sim_random_chance(&wire.random, wire.lost)) {
        lwip_test_count_fault();
        return ERR_OK;
    }
    (void)pbuf_copy_partial(p, frame.bytes, p->tot_len, 0);
    put(&frame);
    return ERR_OK;
}

static err_t output_ip4(struct netif *netif, struct pbuf *p, const ip4_addr_t *to)
{
    (void)netif;
    (void)to;
    return output(p);
}

static err_t output_ip6(struct netif *netif, struct pbuf *p, const ip6_addr_t *to)
{
    (void)netif;
    (void)to;
    return output(p);
}

static err_t init(struct netif *netif)
{
    netif->output = output_ip4;
    netif->output_ip6 = output_ip6;
    netif->mtu = MTU;
    netif->flags |= NETIF_FLAG_LINK_UP;
    return ERR_OK;
}

void lwip_test_wire_open(struct sim_random random)
{
    ip4_addr_t ip4, mask;
    ip6_addr_t ip6;

    wire.random = random;
    wire.lost = wire.late = 0;
    wire.cut = false;
    wire.first = wire.count = 0;
    IP4_ADDR(&ip4, 10, 0, 0, 1);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    lwip_test_require(netif_add(&wire.netif, &ip4, &mask, NULL, NULL, init, ip_input) != NULL,
                      "there is no interface");
    netif_set_default(&wire.netif);
    netif_set_up(&wire.netif);
    (void)ip6addr_aton("fd00::1", &ip6);
    netif_ip6_addr_set(&wire.netif, 0, &ip6);
    netif_ip6_addr_set_state(&wire.netif, 0, IP6_ADDR_PREFERRED);
}

void lwip_test_wire_close(void)
{
    wire.count = 0;
    netif_remove(&wire.netif);
}

void lwip_test_wire_spoil(uint32_t lost, uint32_t late)
{
    wire.lost = lost;
    wire.late = late;
}

void lwip_test_wire_cut(bool cut)
{
    wire.cut = cut;
}

/* As a driver does it: without a buffer the frame is lost. */
static void input(const struct frame *frame)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, frame->len, PBUF_POOL);

    if (!p)
        return;
    if (pbuf_take(p, frame->bytes, frame->len) != ERR_OK ||
        wire.netif.input(p, &wire.netif) != ERR_OK)
        pbuf_free(p);
}

bool lwip_test_wire_deliver(unsigned max)
{
    bool any = wire.count > 0;

    for (; wire.count > 0 && max > 0; max--) {
        struct frame frame = wire.frames[wire.first];
        wire.first = (wire.first + 1) % FRAMES;
        wire.count--;
        if (sim_random_chance(&wire.random, wire.late)) {
            lwip_test_count_fault();
            put(&frame);
        } else {
            input(&frame);
        }
    }
    return any;
}

void lwip_test_wire_address(ip_addr_t *out, enum lwip_test_ip ip)
{
    if (ip == LWIP_TEST_IP_ANY)
        ip = sim_random_chance(&wire.random, 500) ? LWIP_TEST_IP_4 : LWIP_TEST_IP_6;
    if (ip == LWIP_TEST_IP_4)
        ip_addr_copy_from_ip4(*out, *netif_ip4_addr(&wire.netif));
    else
        ip_addr_copy_from_ip6(*out, *netif_ip6_addr(&wire.netif, 0));
}
