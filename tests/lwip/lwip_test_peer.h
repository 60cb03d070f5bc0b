/*
 * Whom the device connects to: sends in pieces of any size, closes, resets or falls silent, and
 * holds the device to what it says. Also sends datagrams to the device.
 */
#ifndef LWIP_TEST_PEER_H
#define LWIP_TEST_PEER_H

#include "lwip_test_talk.h"
#include "lwip_test_wire.h"
#include "tests/sim/sim_random.h"

#include <stdbool.h>
#include <stdint.h>

struct pbuf;
struct tcp_pcb;
struct udp_pcb;

/* One connection, the newest. The fields are its own. */
struct lwip_test_peer {
    struct tcp_pcb *listener;
    struct udp_pcb *udp;
    struct tcp_pcb *tcp; /* NULL: none */
    struct lwip_test_talk *talk;
    struct sim_random random;
    enum lwip_test_ip ip;
    uint64_t *counts;

    uint32_t number; /* the connection's, in `talk` */
    uint32_t size;   /* bytes that it wants to send, */
    uint32_t piece;  /* in pieces of this size */
    uint32_t sent;
    uint32_t got; /* and read */
    struct pbuf *unread;
    bool patient;   /* does not reset the connection */
    bool ended;     /* our end is closed */
    bool has_ended; /* the device's is */
};

/* Listen. `peer` must not move; `talk` and `counts` outlive it. */
void lwip_test_peer_open(struct lwip_test_peer *peer, struct lwip_test_talk *talk,
                         struct sim_random random, enum lwip_test_ip ip, uint64_t *counts);

/* Do something, or nothing. */
void lwip_test_peer_step(struct lwip_test_peer *peer);

/* Reset the connection, and do not listen any more. */
void lwip_test_peer_close(struct lwip_test_peer *peer);

#endif
