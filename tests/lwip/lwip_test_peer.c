#include "lwip_test_peer.h"

#include "lwip_test_platform.h"
#include "lwip_test_stub.h"

#include <lwip/tcp.h>
#include <lwip/udp.h>

#define UDP_PORT     7777
#define TALK_MAX     60000 /* bytes of a connection */
#define PIECE_MAX    2000
#define DATAGRAM_MAX 400 /* some are too long for the device */

static bool chance(struct lwip_test_peer *peer, uint32_t permille)
{
    return sim_random_chance(&peer->random, permille);
}

static bool is_newest(const struct lwip_test_peer *peer)
{
    return peer->number == peer->talk->number;
}

/* --- One connection --------------------------------------------------------------------------- */

static void forget_unread(struct lwip_test_peer *peer)
{
    if (peer->unread)
        pbuf_free(peer->unread);
    peer->unread = NULL;
}

/* lwIP's it is, or nobody's, from here on. */
static struct tcp_pcb *let_go(struct lwip_test_peer *peer)
{
    struct tcp_pcb *tcp = peer->tcp;

    peer->tcp = NULL;
    forget_unread(peer);
    if (is_newest(peer))
        peer->talk->peer_open = false;
    tcp_arg(tcp, NULL);
    tcp_recv(tcp, NULL);
    tcp_err(tcp, NULL);
    return tcp;
}

static void reset(struct lwip_test_peer *peer)
{
    if (peer->tcp)
        tcp_abort(let_go(peer));
}

/* Both ends are closed. Returns as a callback of lwIP's must. */
static err_t finish(struct lwip_test_peer *peer)
{
    struct tcp_pcb *tcp = let_go(peer);

    if (tcp_close(tcp) == ERR_OK)
        return ERR_OK;
    tcp_abort(tcp);
    return ERR_ABRT;
}

static void read_all(struct lwip_test_peer *peer)
{
    for (const struct pbuf *at = peer->unread; at; at = at->next) {
        lwip_test_require(
            lwip_test_talk_is_said(at->payload, at->len, peer->number, true, peer->got),
            "what the device has sent has changed on its way");
        peer->got += at->len;
    }
    if (peer->unread)
        tcp_recved(peer->tcp, peer->unread->tot_len);
    forget_unread(peer);
}

/* As with sockets, a reset takes with it what was not read yet. */
static void on_error(void *arg, err_t err)
{
    struct lwip_test_peer *peer = arg;
    struct lwip_test_talk *talk = peer->talk;

    (void)err;
    peer->tcp = NULL;
    forget_unread(peer);
    if (!is_newest(peer))
        return;
    talk->peer_open = false;
    if (!lwip_test_talk_is_calm(talk))
        return;
    lwip_test_require(!talk->device_open, "the port has reset a connection that is in use");
    lwip_test_require(peer->got == talk->device_sent, "a reset came before what send() took");
}

static err_t on_end(struct lwip_test_peer *peer)
{
    peer->has_ended = true;
    read_all(peer);
    if (is_newest(peer)) {
        lwip_test_require(!peer->talk->device_open, "the port has closed by itself");
        lwip_test_require(peer->got == peer->talk->device_sent,
                          "the end came before what send() took");
        peer->counts[STORM_COMPLETE]++;
    }
    if (peer->ended)
        return finish(peer);
    return ERR_OK;
}

static err_t on_received(void *arg, struct tcp_pcb *tcp, struct pbuf *p, err_t err)
{
    struct lwip_test_peer *peer = arg;

    (void)tcp;
    (void)err;
    if (!p)
        return on_end(peer);
    if (peer->unread)
        pbuf_cat(peer->unread, p);
    else
        peer->unread = p;
    return ERR_OK;
}

static err_t on_accepted(void *arg, struct tcp_pcb *tcp, err_t err)
{
    struct lwip_test_peer *peer = arg;

    if (err != ERR_OK || !tcp)
        return ERR_VAL;
    reset(peer);
    peer->tcp = tcp;
    peer->number = peer->talk->number_of_port[tcp->remote_port];
    peer->size = sim_random_below(&peer->random, TALK_MAX);
    peer->piece = sim_random_range(&peer->random, 1, chance(peer, 300) ? 3 : PIECE_MAX);
    peer->sent = peer->got = 0;
    peer->patient = chance(peer, 500);
    peer->ended = peer->has_ended = false;
    if (is_newest(peer))
        peer->talk->peer_open = true;
    tcp_nagle_disable(tcp);
    tcp_arg(tcp, peer);
    tcp_recv(tcp, on_received);
    tcp_err(tcp, on_error);
    return ERR_OK;
}

/* --- What it does ----------------------------------------------------------------------------- */

/* One piece. False when there is no room for it, or nothing left. */
static bool send_piece(struct lwip_test_peer *peer)
{
    uint8_t bytes[PIECE_MAX];
    uint32_t len = peer->piece;

    if (len > peer->size - peer->sent)
        len = peer->size - peer->sent;
    if (len > tcp_sndbuf(peer->tcp))
        len = tcp_sndbuf(peer->tcp);
    if (len == 0)
        return false;
    lwip_test_talk_say(bytes, len, peer->number, false, peer->sent);
    if (tcp_write(peer->tcp, bytes, (u16_t)len, TCP_WRITE_FLAG_COPY) != ERR_OK)
        return false;
    peer->sent += len;
    if (is_newest(peer))
        peer->talk->peer_sent = peer->sent;
    (void)tcp_output(peer->tcp);
    return true;
}

static void end(struct lwip_test_peer *peer)
{
    /* Before, because the device may hear of it at once. */
    if (is_newest(peer))
        peer->talk->peer_ended = true;
    peer->ended = tcp_shutdown(peer->tcp, 0, 1) == ERR_OK;
    if (peer->ended && peer->has_ended)
        (void)finish(peer);
}

static void go_on(struct lwip_test_peer *peer)
{
    if (peer->ended || !peer->tcp)
        return;
    while (send_piece(peer)) {
        if (chance(peer, 300))
            break;
    }
    if ((peer->sent == peer->size || peer->has_ended) && chance(peer, 50))
        end(peer);
}

static void send_datagram(struct lwip_test_peer *peer)
{
    uint8_t bytes[DATAGRAM_MAX];
    uint16_t len = (uint16_t)sim_random_below(&peer->random, DATAGRAM_MAX);
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, len, PBUF_RAM);
    ip_addr_t to;

    if (!p)
        return;
    lwip_test_talk_say(bytes, len, len, false, 0);
    (void)pbuf_take(p, bytes, len);
    lwip_test_wire_address(&to, peer->ip);
    (void)udp_sendto(peer->udp, p, &to, LWIP_TEST_UDP_PORT);
    pbuf_free(p);
}

static void on_datagram(void *arg, struct udp_pcb *udp, struct pbuf *p, const ip_addr_t *from,
                        u16_t port)
{
    uint8_t bytes[DATAGRAM_MAX];
    uint16_t len = pbuf_copy_partial(p, bytes, sizeof bytes, 0);

    (void)arg;
    (void)udp;
    (void)from;
    lwip_test_require(port == LWIP_TEST_UDP_PORT, "a datagram comes from another port");
    lwip_test_require(len == p->tot_len && lwip_test_talk_is_said(bytes, len, len, false, 0),
                      "an answer is not what was sent");
    pbuf_free(p);
}

void lwip_test_peer_open(struct lwip_test_peer *peer, struct lwip_test_talk *talk,
                         struct sim_random random, enum lwip_test_ip ip, uint64_t *counts)
{
    struct tcp_pcb *tcp = tcp_new_ip_type(IPADDR_TYPE_ANY);

    *peer = (struct lwip_test_peer){ .talk = talk, .random = random, .ip = ip, .counts = counts };
    peer->udp = udp_new_ip_type(IPADDR_TYPE_ANY);
    lwip_test_require(tcp && tcp_bind(tcp, IP_ANY_TYPE, LWIP_TEST_TCP_PORT) == ERR_OK &&
                          peer->udp && udp_bind(peer->udp, IP_ANY_TYPE, UDP_PORT) == ERR_OK,
                      "the peer has no ports");
    peer->listener = tcp_listen(tcp);
    tcp_arg(peer->listener, peer);
    tcp_accept(peer->listener, on_accepted);
    udp_recv(peer->udp, on_datagram, peer);
}

void lwip_test_peer_step(struct lwip_test_peer *peer)
{
    if (!peer->patient && chance(peer, 2))
        reset(peer);
    if (peer->tcp && chance(peer, 100))
        read_all(peer);
    go_on(peer);
    if (chance(peer, 30))
        send_datagram(peer);
}

void lwip_test_peer_close(struct lwip_test_peer *peer)
{
    reset(peer);
    (void)tcp_close(peer->listener);
    udp_remove(peer->udp);
}
