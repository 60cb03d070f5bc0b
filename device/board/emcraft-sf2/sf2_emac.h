/*
 * Driver of the board's Ethernet MAC, as an interface of lwIP. Frames are copied from and to
 * buffers of the driver; nothing waits. The interrupt does nothing but end a WFI.
 *
 * Registers as in Microsemi's UG0331, as far as QEMU 7.2 has them: on hardware, the PHY, the MAC's
 * mode and its FIFOs would have to be set up before, and lwIP be told of the link's state. Here it
 * is taken to be up always.
 */
#ifndef SF2_EMAC_H
#define SF2_EMAC_H

#include <lwip/err.h>
#include <lwip/netif.h>
#include <stdbool.h>
#include <stdint.h>

/* The state of the interface, which netif_add() is handed. There is one MAC, and so one of these.
 */
struct sf2_emac {
    uint8_t mac[6]; /* the caller's choice: a unicast address */

    /* Counted by the driver; they wrap. */
    uint32_t received;  /* frames that lwIP was given */
    uint32_t dropped;   /* frames received without memory for them, or of a wrong length */
    uint32_t overflows; /* times that the ring of received frames was full */
    uint32_t unsent;    /* frames for which the ring of frames to send was full */
};

/* For netif_add(): reset the MAC and start it. ERR_OK; ERR_ARG for an address that is no unicast
 * one. */
err_t sf2_emac_init(struct netif *netif);

/*
 * Hand to lwIP what has arrived, one ring of frames at most; restart the MAC if it has stopped; let
 * it interrupt again once all is read. Returns the frames that were handed over.
 */
unsigned sf2_emac_poll(struct netif *netif);

/* True when a frame waits to be read. To be asked before WFI, with interrupts off. */
bool sf2_emac_has_input(void);

/* Stop the MAC, before memory gets other owners: frames would go on landing in it. */
void sf2_emac_stop(void);

/* The interrupt (12): masks itself until everything was read. */
void sf2_on_emac(void);

#endif
