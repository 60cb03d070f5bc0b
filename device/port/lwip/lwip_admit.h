/*
 * Keeps from lwIP what it cannot take. In lwipopts.h:
 *
 *     #define LWIP_HOOK_FILENAME "device/port/lwip/lwip_admit.h"
 *     #define LWIP_HOOK_TCP_INPACKET_PCB(pcb, header, optlen, opt1len, opt2, p) \
 *         lwip_admit(pcb, header, p)
 */
#ifndef LWIP_ADMIT_H
#define LWIP_ADMIT_H

#include <lwip/err.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pbuf;
struct tcp_hdr;
struct tcp_pcb;

/*
 * For LWIP_HOOK_TCP_INPACKET_PCB: ERR_OK, or ERR_VAL for a segment to be dropped. lwIP 2.1.3 (up to
 * "ooseq tcplen > rcv_wnd" in tcp_in.c) keeps the first segment that comes out of order whole, also
 * when it reaches beyond the window, and asserts when the gap before it is filled. Peers do that by
 * will, and honest ones, lwIP among them, when acknowledgements overtake each other.
 */
err_t lwip_admit(const struct tcp_pcb *pcb, const struct tcp_hdr *header, const struct pbuf *data);

#ifdef __cplusplus
}
#endif

#endif
