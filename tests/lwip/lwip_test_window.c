#include "lwip_test_window.h"

#include "lwip_test_platform.h"

#include <lwip/pbuf.h>
#include <lwip/tcp.h>

/* `held` bytes of a connection wait for the responder. */
static void check(const struct tcp_pcb *pcb, uint32_t held)
{
    lwip_test_require(pcb->rcv_wnd + held <= TCP_WND, "the peer may send what nobody has room for");
    /* The end of the stream takes one number. */
    lwip_test_require(pcb->rcv_wnd + held + 1 >= TCP_WND, "the window shrinks");
}

static uint32_t refused(const struct tcp_pcb *pcb)
{
    return pcb->refused_data ? pcb->refused_data->tot_len : 0;
}

uint32_t lwip_test_window_check(const struct lwip_net *net)
{
    uint32_t held = net->input ? net->input->tot_len : 0;

    /* What lwIP had out of order comes at once. */
    if (net->input)
        lwip_test_require(pbuf_clen(net->input) <= LWIP_NET_INPUT_PBUFS + TCP_OOSEQ_MAX_PBUFS,
                          "too many buffers wait");
    if (net->closing.pcb)
        check(net->closing.pcb, refused(net->closing.pcb));
    if (!net->tcp || !net->connected)
        return held;
    held += refused(net->tcp);
    check(net->tcp, held);
    return held;
}
