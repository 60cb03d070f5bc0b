/*
 * The end of a TCP connection over lwIP: our end is closed behind what was sent, and for a while
 * what the peer still sends is taken and forgotten. tcp_close() alone would answer that by a reset,
 * and what the peer has not read yet would be lost.
 */
#ifndef LWIP_CLOSING_H
#define LWIP_CLOSING_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* For which that lasts, at most; then lwIP winds the connection down by itself. */
#define LWIP_CLOSING_MS 3000

struct tcp_pcb;

/* One connection, or none (zeros). Must not move while there is one; the fields are its own. */
struct lwip_closing {
    struct tcp_pcb *pcb;
    bool shut; /* our end is closed */
    uint32_t since;
};

/*
 * Take over an established connection, all of whose bytes tcp_recved() was told of. One that is
 * being closed already is left to lwIP.
 */
void lwip_closing_begin(struct lwip_closing *closing, struct tcp_pcb *pcb, uint32_t now_ms);

/*
 * Try again what found no memory, and end what lasts too long. Returns the milliseconds after which
 * to call it again, UINT32_MAX when there is no connection.
 */
uint32_t lwip_closing_poll(struct lwip_closing *closing, uint32_t now_ms);

/* Reset the connection, if there is one. */
void lwip_closing_abort(struct lwip_closing *closing);

/*
 * Leave any connection to lwIP: close it, or reset it when that fails. False when it was reset:
 * a callback of lwIP's must return ERR_ABRT then. The control block is lwIP's afterwards.
 */
bool lwip_closing_release(struct tcp_pcb *pcb);

#ifdef __cplusplus
}
#endif

#endif
