/*
 * The board's network: lwIP with one Ethernet interface, by DHCP or with an address of its own.
 *
 * The main loop: sf2_net_poll(), whatever uses lwIP, and then, when nobody has anything to do:
 *
 *     cpsid i; if (sf2_net_sleep_ms() > 0) wfi; cpsie i
 *
 * A WFI ends by the clock's next tick or a frame, so it need not be told how long it may be.
 */
#ifndef SF2_NET_H
#define SF2_NET_H

#include "sf2_hooks.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netif;
struct ota_address;
struct sf2_settings;

/* Without a lease for so long, the interface takes 10.0.2.15/24 with router 10.0.2.2; DHCP goes on.
 */
#define SF2_NET_DHCP_MS 3000

/* Of lwIP's memory and the driver, since the start. */
struct sf2_net_usage {
    uint32_t heap_used; /* bytes of lwIP's heap, at most */
    uint32_t heap_size;
    uint32_t pbufs_used; /* buffers for received frames, at most */
    uint32_t pbufs;
    uint32_t segments_used; /* segments of TCP that wait, at most */
    uint32_t segments;
    uint32_t refusals;       /* times that lwIP had no memory for something, of any kind */
    uint32_t frames_dropped; /* received without memory for them */
    uint32_t overflows;      /* times that frames came faster than they were read */
};

/*
 * Start lwIP and the interface; once, after sf2_clock_start() and sf2_entropy_start(). From the
 * settings it takes the name (for the DHCP server; it must outlive the network), the address (its
 * network has 24 bits, and the router number 2), and the MAC's address, or makes one of the name.
 * False when lwIP refuses, for too little memory in lwipopts.h; there may be no address then.
 */
bool sf2_net_start(const struct sf2_settings *settings);

/* Let lwIP have what has arrived, and its timers run. Mixes the time of arrivals into the entropy.
 */
void sf2_net_poll(void);

/* Milliseconds for which lwIP and the driver have nothing to do: 0 to UINT32_MAX. */
uint32_t sf2_net_sleep_ms(void);

/* Stop the MAC, before a reset: frames would go on landing in memory. */
void sf2_net_stop(void);

/* True when a frame has come from the network since the start: it works, not only this end. */
bool sf2_net_is_heard(void);

/* True when there is an address; without one nothing is sent but questions for one. */
bool sf2_net_is_up(void);

/* The address, 0.0.0.0 when there is none, with port 0. It may change at every poll. */
void sf2_net_address(struct ota_address *out);

/* The interface, for mDNS. */
struct netif *sf2_net_netif(void);

/* What was used of each at most, and what went wrong, since the start. */
void sf2_net_usage(struct sf2_net_usage *out);

#endif
