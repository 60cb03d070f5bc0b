/*
 * In place of the responder: the same functions for the port to call, which do what they like
 * (connect, send, take little or nothing, close in the midst of a call) and hold the port to
 * ota/net.h and ota/responder.h.
 */
#ifndef LWIP_TEST_STUB_H
#define LWIP_TEST_STUB_H

#include "device/port/lwip/lwip_net.h"
#include "lwip_test_talk.h"
#include "lwip_test_wire.h"
#include "ota/responder.h"
#include "tests/sim/sim_random.h"

#include <stdbool.h>
#include <stdint.h>

#define LWIP_TEST_UDP_PORT  8266 /* the device's */
#define LWIP_TEST_TCP_PORT  5555 /* the peer's */
#define LWIP_TEST_DEAF_PORT 4444 /* nobody's */

/* What a storm counts. */
enum lwip_test_storm_count {
    STORM_CONNECTIONS,
    STORM_UNREACHED, /* connect() failed at once */
    STORM_BYTES,     /* that the device took */
    STORM_ENDS,      /* on_closed() */
    STORM_ROOM,      /* on_sendable() */
    STORM_BROKEN,    /* send() failed */
    STORM_DATAGRAMS,
    STORM_COMPLETE, /* the peer saw an orderly end behind everything that send() took */
    STORM_COUNTS,
};

struct lwip_test_stub {
    struct ota_responder responder; /* what the port is given; nothing in it is used */
    struct lwip_net net;
    struct lwip_test_talk *talk;
    struct sim_random random;
    enum lwip_test_ip ip;
    uint64_t *counts;

    bool polling; /* inside lwip_net_poll(), where alone the port may call */
    bool calling; /* inside a function of net.net, where it may not */
    bool connected;
    bool closed;          /* on_closed() came */
    bool greedy;          /* takes all it gets on this connection */
    bool patient;         /* does not leave before the verdict is out */
    uint64_t rests_until; /* does not connect before, of lwip_test_elapsed() */
    bool waits_for_room;  /* on_sendable() is due */
    uint32_t verdict;     /* bytes that it sends in the end; 0: not yet */
    uint32_t verdict_sent;
    uint64_t moved_at; /* when something happened last, of lwip_test_elapsed() */
};

/* Open the port and be its responder. `stub` must not move; `talk` and `counts` outlive it. */
void lwip_test_stub_open(struct lwip_test_stub *stub, struct lwip_test_talk *talk,
                         struct sim_random random, enum lwip_test_ip ip, uint64_t *counts);

/* Poll the port once, and look whether it holds what it should, and nothing waits for ever. */
void lwip_test_stub_poll(struct lwip_test_stub *stub);

void lwip_test_stub_close(struct lwip_test_stub *stub);

#endif
