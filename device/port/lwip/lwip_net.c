#include "lwip_net.h"

#include "lwip_address.h"

#include <lwip/opt.h>
#include <lwip/pbuf.h>
#include <lwip/tcp.h>
#include <lwip/udp.h>

#if !LWIP_UDP || !LWIP_TCP || !LWIP_CALLBACK_API
#error "lwip_net needs LWIP_UDP, LWIP_TCP and LWIP_CALLBACK_API"
#endif
_Static_assert(PBUF_POOL_SIZE > LWIP_NET_INPUT_PBUFS, "the stream may not use up lwIP's pool");
_Static_assert(MEMP_NUM_TCP_PCB >= 2, "one connection, and one that is being closed");

/* In lwIP's coarse ticks of 500 ms: after a send that found no memory, room is noticed only so. */
#define POLL_TICKS 1

static void on_datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                        u16_t port)
{
    struct lwip_net *net = arg;
    struct lwip_datagram *slot =
        &net->datagrams[(net->datagram_at + net->datagram_count) % LWIP_NET_DATAGRAMS];

    (void)pcb;
    if (net->datagram_count < LWIP_NET_DATAGRAMS && p->tot_len <= sizeof slot->bytes) {
        lwip_address_from_ip(&slot->from, from, port);
        slot->len = pbuf_copy_partial(p, slot->bytes, p->tot_len, 0);
        net->datagram_count++;
    }
    pbuf_free(p);
}

static void net_send_datagram(void *ctx, const struct ota_address *to, const void *bytes,
                              size_t len)
{
    struct lwip_net *net = ctx;
    ip_addr_t address;
    struct pbuf *p;

    if (len > LWIP_NET_DATAGRAM_MAX || !lwip_address_to_ip(&address, to))
        return;
    p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)len, PBUF_RAM);
    if (!p)
        return;
    /* Without memory or a route it gets lost, as datagrams do. */
    if (pbuf_take(p, bytes, (u16_t)len) == ERR_OK)
        (void)udp_sendto(net->udp, p, &address, to->port);
    pbuf_free(p);
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
    struct lwip_net *net = arg;

    (void)pcb;
    (void)err; /* lwIP 2.1 reports success only */
    net->connected = true;
    return ERR_OK;
}

static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct lwip_net *net = arg;

    (void)pcb;
    (void)err;
    if (!p) {
        net->ended = true;
        return ERR_OK;
    }
    if (!net->input) {
        net->input = p;
        return ERR_OK;
    }
    /* lwIP keeps what is refused and offers it again, within 250 ms. */
    if (pbuf_clen(net->input) + pbuf_clen(p) > LWIP_NET_INPUT_PBUFS ||
        (uint32_t)net->input->tot_len + p->tot_len > UINT16_MAX)
        return ERR_MEM;
    pbuf_cat(net->input, p);
    return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    struct lwip_net *net = arg;

    (void)pcb;
    (void)len;
    net->sendable = net->send_is_full;
    return ERR_OK;
}

static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
    return on_sent(arg, pcb, 0);
}

/* Reset, given up, or not to be reached: lwIP has freed the control block. */
static void on_error(void *arg, err_t err)
{
    struct lwip_net *net = arg;

    (void)err;
    net->tcp = NULL;
    net->ended = true;
}

static bool net_connect(void *ctx, const struct ota_address *to)
{
    struct lwip_net *net = ctx;
    ip_addr_t address;
    struct tcp_pcb *pcb;

    if (net->open || !lwip_address_to_ip(&address, to))
        return false;
    pcb = tcp_new_ip_type(IP_GET_TYPE(&address));
    if (!pcb)
        return false;
    tcp_arg(pcb, net);
    tcp_nagle_disable(pcb);
    tcp_recv(pcb, on_received);
    tcp_sent(pcb, on_sent);
    tcp_poll(pcb, on_poll, POLL_TICKS);
    tcp_err(pcb, on_error);
    if (tcp_connect(pcb, &address, to->port, on_connected) != ERR_OK) {
        (void)lwip_closing_release(pcb);
        return false;
    }
    net->tcp = pcb;
    net->open = true;
    return true;
}

static int32_t net_send(void *ctx, const void *bytes, size_t len)
{
    struct lwip_net *net = ctx;
    size_t room;
    err_t err = ERR_MEM;

    if (!net->tcp)
        return -1;
    room = tcp_sndbuf(net->tcp);
    if (room > UINT16_MAX)
        room = UINT16_MAX;
    if (room > len)
        room = len;
    if (room > 0)
        err = tcp_write(net->tcp, bytes, (u16_t)room, TCP_WRITE_FLAG_COPY);
    if (err != ERR_OK && err != ERR_MEM)
        return -1;
    if (err == ERR_MEM)
        room = 0;
    net->send_is_full = room < len;
    /* What cannot leave now is queued: lwIP's timers try again. */
    (void)tcp_output(net->tcp);
    return (int32_t)room;
}

static void net_close(void *ctx)
{
    struct lwip_net *net = ctx;
    struct tcp_pcb *pcb = net->tcp;
    uint16_t unread = net->input ? net->input->tot_len : 0;
    bool connected = net->connected;

    if (net->input)
        pbuf_free(net->input);
    net->tcp = NULL;
    net->input = NULL;
    net->open = false;
    net->connected = false;
    net->connected_told = false;
    net->ended = false;
    net->ended_told = false;
    net->send_is_full = false;
    net->sendable = false;
    if (!pcb)
        return;
    if (!connected) {
        (void)lwip_closing_release(pcb);
        return;
    }
    /* Bytes that were never taken would make the close a reset. */
    if (unread > 0)
        tcp_recved(pcb, unread);
    lwip_closing_begin(&net->closing, pcb, net->now_ms);
}

bool lwip_net_open(struct lwip_net *net, uint16_t udp_port)
{
    *net = (struct lwip_net){ .net = { .ctx = net,
                                       .send_datagram = net_send_datagram,
                                       .connect = net_connect,
                                       .send = net_send,
                                       .close = net_close } };
    net->udp = udp_new_ip_type(IPADDR_TYPE_ANY);
    if (!net->udp)
        return false;
    if (udp_bind(net->udp, IP_ANY_TYPE, udp_port) != ERR_OK) {
        udp_remove(net->udp);
        net->udp = NULL;
        return false;
    }
    udp_recv(net->udp, on_datagram, net);
    return true;
}

void lwip_net_attach(struct lwip_net *net, struct ota_responder *responder)
{
    net->responder = responder;
}

void lwip_net_close(struct lwip_net *net)
{
    net_close(net);
    lwip_closing_abort(&net->closing);
    udp_remove(net->udp);
    net->udp = NULL;
    net->responder = NULL;
}

static void deliver_datagrams(struct lwip_net *net)
{
    /* No more than were there: answers to ourselves, if there could be such, wait for their turn.
     */
    for (uint8_t n = net->datagram_count; n > 0; n--) {
        const struct lwip_datagram *slot = &net->datagrams[net->datagram_at];

        ota_responder_on_datagram(net->responder, &slot->from, slot->bytes, slot->len, net->now_ms);
        net->datagram_at = (uint8_t)((net->datagram_at + 1) % LWIP_NET_DATAGRAMS);
        net->datagram_count--;
    }
}

/* Bytes of the first buffer were taken. */
static void drop_input(struct lwip_net *net, u16_t taken)
{
    struct pbuf *first = net->input;

    if (net->tcp && taken > 0)
        tcp_recved(net->tcp, taken);
    if (taken < first->len) {
        (void)pbuf_remove_header(first, taken);
        return;
    }
    net->input = first->next;
    first->next = NULL;
    pbuf_free(first);
}

/* Buffer by buffer, some of them empty, until the responder has enough. It may close meanwhile. */
static void deliver_input(struct lwip_net *net)
{
    for (uint16_t n = net->input ? pbuf_clen(net->input) : 0; n > 0 && net->input; n--) {
        u16_t len = net->input->len;
        size_t taken = len;

        if (len > 0)
            taken = ota_responder_on_stream(net->responder, net->input->payload, len, net->now_ms);
        if (!net->input)
            return;
        drop_input(net, taken < len ? (u16_t)taken : len);
        if (taken < len)
            return;
    }
}

static void deliver_connection(struct lwip_net *net)
{
    if (net->connected && !net->connected_told) {
        net->connected_told = true;
        ota_responder_on_connected(net->responder, net->now_ms);
    }
    if (net->open && net->sendable) {
        net->sendable = false;
        net->send_is_full = false;
        ota_responder_on_sendable(net->responder, net->now_ms);
    }
    deliver_input(net);
    if (net->open && net->ended && !net->ended_told && !net->input) {
        net->ended_told = true;
        ota_responder_on_closed(net->responder);
    }
}

/* What the next poll will deliver. */
static bool has_news(const struct lwip_net *net)
{
    return net->datagram_count > 0 || net->input || net->sendable ||
           (net->connected && !net->connected_told) || (net->ended && !net->ended_told);
}

uint32_t lwip_net_poll(struct lwip_net *net, uint32_t now_ms)
{
    uint32_t delay = OTA_NEVER;
    uint32_t closing;

    net->now_ms = now_ms;
    if (net->responder) {
        if (net->open)
            deliver_connection(net);
        deliver_datagrams(net);
        delay = ota_responder_poll(net->responder, now_ms);
        if (has_news(net))
            delay = 0;
    }
    closing = lwip_closing_poll(&net->closing, now_ms);
    return closing < delay ? closing : delay;
}
