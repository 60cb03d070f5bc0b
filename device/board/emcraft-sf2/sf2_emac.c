#include "sf2_emac.h"

#include "sf2_memory.h"

#include <lwip/etharp.h>
#include <lwip/pbuf.h>
#include <netif/ethernet.h>
#include <string.h>

/* Registers, in bytes from SF2_EMAC. */
enum {
    CONFIG = 0x00,
    STATION_1 = 0x40,
    STATION_2 = 0x44,
    TX_CONTROL = 0x180,
    TX_DESCRIPTOR = 0x184,
    TX_STATUS = 0x188,
    RX_CONTROL = 0x18C,
    RX_DESCRIPTOR = 0x190,
    RX_STATUS = 0x194,
    INTERRUPT_MASK = 0x198,
};

#define CONFIG_RESET   0x80000000u
#define CONFIG_ENABLED 0x00000005u /* receive, transmit */
#define DMA_ENABLED    0x00000001u
#define TX_SENT        0x00000001u /* writing it counts one frame down */
#define TX_UNDERRUN    0x00000002u
#define RX_RECEIVED    0x00000001u /* writing it counts one frame down */
#define RX_OVERFLOW    0x00000004u
#define INTERRUPT_RX   0x00000050u /* received, overflow */

/* In bytes from SF2_NVIC. */
#define NVIC_ENABLE  0x000u
#define NVIC_DISABLE 0x080u
#define INTERRUPT    (1u << 12)

#define EMPTY      0x80000000u /* nothing to send; or free to receive into */
#define LEN_MASK   0x000007FFu
#define BUFFER     2048u /* more than a length can be */
#define RX_COUNT   16u   /* two windows of TCP's, as lwipopts.h has it */
#define TX_COUNT   16u
#define HEADER_LEN 14u
#define FRAME_MAX  1514u

_Static_assert(BUFFER > LEN_MASK, "no frame is longer than its buffer");

struct descriptor {
    uint32_t address;
    uint32_t size;
    uint32_t next;
};

/* The MAC reads and writes these, one ring for each direction. */
static volatile struct descriptor rx[RX_COUNT], tx[TX_COUNT];
static uint8_t rx_buffers[RX_COUNT][BUFFER] __attribute__((aligned(4)));
static uint8_t tx_buffers[TX_COUNT][BUFFER] __attribute__((aligned(4)));

static uint32_t rx_at;   /* the next to be received */
static uint32_t tx_at;   /* the next to be filled */
static uint32_t tx_sent; /* the oldest that was filled and not seen to be sent */

static volatile uint32_t *reg(uint32_t offset)
{
    return sf2_word(SF2_EMAC + offset);
}

/* Memory is written before the MAC is told so. */
static void barrier(void)
{
    __asm__ volatile("dsb" ::: "memory");
}

static uint32_t address_of(const volatile void *memory)
{
    return (uint32_t)(uintptr_t)memory;
}

static void start_receiving(void)
{
    barrier();
    *reg(RX_DESCRIPTOR) = address_of(&rx[rx_at]);
    *reg(RX_CONTROL) = DMA_ENABLED;
}

/* Count what was sent; the MAC stops at the first empty descriptor, and goes on when it is told. */
static void serve_sending(void)
{
    while (tx_sent != tx_at && (tx[tx_sent].size & EMPTY)) {
        *reg(TX_STATUS) = TX_SENT;
        tx_sent = (tx_sent + 1) % TX_COUNT;
    }
    if (tx_sent == tx_at || (*reg(TX_CONTROL) & DMA_ENABLED))
        return;
    *reg(TX_STATUS) = TX_UNDERRUN;
    *reg(TX_DESCRIPTOR) = address_of(&tx[tx_sent]);
    *reg(TX_CONTROL) = DMA_ENABLED;
}

static err_t send_frame(struct netif *netif, struct pbuf *p)
{
    struct sf2_emac *emac = netif->state;
    u16_t len = (u16_t)(p->tot_len - ETH_PAD_SIZE);
    uint32_t next = (tx_at + 1) % TX_COUNT;

    if (p->tot_len < ETH_PAD_SIZE + HEADER_LEN || len > FRAME_MAX)
        return ERR_BUF;
    serve_sending();
    /* One stays empty: there the MAC stops. */
    if (next == tx_sent) {
        emac->unsent++;
        return ERR_MEM;
    }
    if (pbuf_copy_partial(p, tx_buffers[tx_at], len, ETH_PAD_SIZE) != len)
        return ERR_BUF;
    barrier();
    tx[tx_at].size = len;
    barrier();
    tx_at = next;
    serve_sending();
    return ERR_OK;
}

static void set_up_rings(void)
{
    for (uint32_t i = 0; i < RX_COUNT; i++) {
        rx[i].address = address_of(rx_buffers[i]);
        rx[i].size = EMPTY;
        rx[i].next = address_of(&rx[(i + 1) % RX_COUNT]);
    }
    for (uint32_t i = 0; i < TX_COUNT; i++) {
        tx[i].address = address_of(tx_buffers[i]);
        tx[i].size = EMPTY;
        tx[i].next = address_of(&tx[(i + 1) % TX_COUNT]);
    }
    rx_at = 0;
    tx_at = 0;
    tx_sent = 0;
}

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16;
}

static void start(const uint8_t mac[6])
{
    *sf2_word(SF2_NVIC + NVIC_DISABLE) = INTERRUPT;
    *reg(CONFIG) = CONFIG_RESET;
    set_up_rings();
    *reg(STATION_1) = big_endian(mac) | big_endian(mac + 2) >> 16;
    *reg(STATION_2) = big_endian(mac + 4);
    *reg(INTERRUPT_MASK) = INTERRUPT_RX;
    *reg(CONFIG) = CONFIG_ENABLED;
    start_receiving();
    *sf2_word(SF2_NVIC + NVIC_ENABLE) = INTERRUPT;
}

err_t sf2_emac_init(struct netif *netif)
{
    const struct sf2_emac *emac = netif->state;

    if (emac->mac[0] & 1)
        return ERR_ARG;
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->hwaddr_len = sizeof emac->mac;
    memcpy(netif->hwaddr, emac->mac, sizeof emac->mac);
    netif->mtu = FRAME_MAX - HEADER_LEN;
    netif->flags |= NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
                    NETIF_FLAG_IGMP | NETIF_FLAG_LINK_UP;
    netif->output = etharp_output;
    netif->linkoutput = send_frame;
    start(emac->mac);
    return ERR_OK;
}

static bool receive_frame(struct netif *netif, const uint8_t *frame, uint32_t len)
{
    struct pbuf *p;

    if (len < HEADER_LEN)
        return false;
    p = pbuf_alloc(PBUF_RAW, (u16_t)(len + ETH_PAD_SIZE), PBUF_POOL);
    if (!p)
        return false;
    if (pbuf_take_at(p, frame, (u16_t)len, ETH_PAD_SIZE) == ERR_OK &&
        netif->input(p, netif) == ERR_OK)
        return true;
    pbuf_free(p);
    return false;
}

bool sf2_emac_has_input(void)
{
    return !(rx[rx_at].size & EMPTY) || (*reg(RX_STATUS) & RX_OVERFLOW);
}

unsigned sf2_emac_poll(struct netif *netif)
{
    struct sf2_emac *emac = netif->state;
    unsigned frames = 0;

    for (uint32_t n = 0; n < RX_COUNT && !(rx[rx_at].size & EMPTY); n++) {
        barrier();
        if (receive_frame(netif, rx_buffers[rx_at], rx[rx_at].size & LEN_MASK))
            frames++;
        else
            emac->dropped++;
        barrier();
        rx[rx_at].size = EMPTY;
        *reg(RX_STATUS) = RX_RECEIVED;
        rx_at = (rx_at + 1) % RX_COUNT;
    }
    /* The MAC goes on where it stopped only once all before that was read: by now, or next time. */
    if ((rx[rx_at].size & EMPTY) && (*reg(RX_STATUS) & RX_OVERFLOW)) {
        emac->overflows++;
        *reg(RX_STATUS) = RX_OVERFLOW;
        start_receiving();
    }
    serve_sending();
    emac->received += frames;
    if (!sf2_emac_has_input())
        *sf2_word(SF2_NVIC + NVIC_ENABLE) = INTERRUPT;
    return frames;
}

void sf2_emac_stop(void)
{
    *sf2_word(SF2_NVIC + NVIC_DISABLE) = INTERRUPT;
    *reg(RX_CONTROL) = 0;
    *reg(TX_CONTROL) = 0;
    *reg(CONFIG) = CONFIG_RESET;
}

void sf2_on_emac(void)
{
    *sf2_word(SF2_NVIC + NVIC_DISABLE) = INTERRUPT;
}
