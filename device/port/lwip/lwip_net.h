/*
 * The network over lwIP's raw API (2.1.3): one UDP socket, one TCP connection that the device
 * opens.
 *
 * lwIP's callbacks only note what has happened; lwip_net_poll() tells the responder. So it matters
 * not when lwIP calls, even if a driver delivers a frame while another one is being sent.
 * Everything here runs where lwIP runs: in the main loop of a system without threads (NO_SYS=1), or
 * under lwIP's core lock. Nothing allocates but lwIP, from its pools; what waits has limits:
 * - datagrams: LWIP_NET_DATAGRAMS of LWIP_NET_DATAGRAM_MAX bytes; more and longer ones are dropped;
 * - stream: TCP_WND bytes, in LWIP_NET_INPUT_PBUFS of lwIP's buffers, so that a peer that sends
 *   tiny segments cannot use up the pool. lwIP itself holds back one segment more;
 * - connections: that of the responder, one that is being closed for LWIP_CLOSING_MS, and what lwIP
 *   winds down itself.
 *
 * Options of lwIP: LWIP_UDP, LWIP_TCP and LWIP_CALLBACK_API 1; ARP_QUEUEING 1, or the first answer
 * to a neighbour is lost behind the connection to it; PBUF_POOL_SIZE well above
 * LWIP_NET_INPUT_PBUFS; MEMP_NUM_TCP_PCB 2 at least; LWIP_RANDOMIZE_INITIAL_LOCAL_PORTS 1 with a
 * real LWIP_RAND(), or a device that has restarted takes the ports of connections that its peers
 * still remember. Answers and connections leave by the route and from the address that lwIP
 * chooses: with several addresses on one interface that may not be the one the uploader has sent
 * to.
 */
#ifndef LWIP_NET_H
#define LWIP_NET_H

#include "lwip_closing.h"

#include "ota/net.h"
#include "ota/responder.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LWIP_NET_DATAGRAMS    4
#define LWIP_NET_DATAGRAM_MAX 256
#define LWIP_NET_INPUT_PBUFS  16

struct pbuf;
struct tcp_pcb;
struct udp_pcb;

struct lwip_datagram {
    struct ota_address from;
    uint16_t len;
    uint8_t bytes[LWIP_NET_DATAGRAM_MAX];
};

/* Lives in the caller's memory and must not move while it is open; the fields are its own. */
struct lwip_net {
    struct ota_net net; /* the interface, ready to use between open and close */
    struct ota_responder *responder;
    uint32_t now_ms; /* of the last poll */

    struct udp_pcb *udp;
    uint8_t datagram_at;    /* the oldest one that waits */
    uint8_t datagram_count; /* how many do */
    struct lwip_datagram datagrams[LWIP_NET_DATAGRAMS];

    /* The responder's connection. */
    struct tcp_pcb *tcp; /* NULL: none, or lwIP has freed it */
    struct pbuf *input;  /* received and not taken yet */
    bool open;           /* between connect() and close() */
    bool connected;      /* the connection stands, or stood */
    bool connected_told; /* the responder knows */
    bool ended;          /* the peer has closed or reset it, or it could not be made */
    bool ended_told;     /* the responder knows */
    bool send_is_full;   /* the responder has more to send */
    bool sendable;       /* there may be room again */

    struct lwip_closing closing; /* the connection before, if it is being closed */
};

/*
 * Bind the UDP socket to the port (in the host's order, not 0) on all addresses, IPv4 and IPv6 as
 * lwIP was built. After lwip_init(); interfaces may come later. False when lwIP has no control
 * block left or the port is taken; there is nothing to close then.
 */
bool lwip_net_open(struct lwip_net *net, uint16_t udp_port);

/*
 * Tell this responder, whose configuration names net->net, of what arrives. It must outlive the
 * attachment; NULL ends it, and then datagrams wait until they are dropped.
 */
void lwip_net_attach(struct lwip_net *net, struct ota_responder *responder);

/*
 * Deliver what has arrived, then poll the responder once. Returns the milliseconds after which to
 * call it again: 0 for at once, OTA_NEVER for after lwIP's next callback. Since nobody sees those,
 * call it after every round of input and timers of lwIP.
 */
uint32_t lwip_net_poll(struct lwip_net *net, uint32_t now_ms);

/* Give up connections (by reset) and socket. The responder is not told. */
void lwip_net_close(struct lwip_net *net);

#ifdef __cplusplus
}
#endif

#endif
