/*
 * A wire from lwIP to itself: one interface whose frames come in again, some of them late, out of
 * order or never. So both ends of a connection are in one lwIP, and in one process.
 */
#ifndef LWIP_TEST_WIRE_H
#define LWIP_TEST_WIRE_H

#include "tests/sim/sim_random.h"

#include <lwip/ip_addr.h>
#include <stdbool.h>
#include <stdint.h>

/* Which addresses a test uses. */
enum lwip_test_ip {
    LWIP_TEST_IP_ANY, /* either, as chance will have it */
    LWIP_TEST_IP_4,
    LWIP_TEST_IP_6,
};

/* Add the interface, without faults. After lwip_init(). */
void lwip_test_wire_open(struct sim_random random);

/* Remove it, and what is on the wire. */
void lwip_test_wire_close(void);

/* Of a thousand frames, how many get lost, and how many let others pass. */
void lwip_test_wire_spoil(uint32_t lost, uint32_t late);

/* While the wire is cut, everything that is sent gets lost. */
void lwip_test_wire_cut(bool cut);

/* Let lwIP have up to `max` of the frames on the wire. False when there were none. */
bool lwip_test_wire_deliver(unsigned max);

/* The interface's address. */
void lwip_test_wire_address(ip_addr_t *out, enum lwip_test_ip ip);

#endif
