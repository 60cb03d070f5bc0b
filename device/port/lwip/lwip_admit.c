#include "lwip_admit.h"

#include <lwip/pbuf.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/tcp.h>

err_t lwip_admit(const struct tcp_pcb *pcb, const struct tcp_hdr *header, const struct pbuf *data)
{
    uint32_t end = header->seqno + data->tot_len;

    /* Before there is a window; a listener has not even the fields. */
    if (pcb->state < SYN_RCVD || pcb->state == TIME_WAIT)
        return ERR_OK;
    if (TCPH_FLAGS(header) & TCP_FIN)
        end++;
    return TCP_SEQ_GT(header->seqno, pcb->rcv_nxt) && TCP_SEQ_GT(end, pcb->rcv_nxt + pcb->rcv_wnd)
               ? ERR_VAL
               : ERR_OK;
}
