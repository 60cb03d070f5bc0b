#include "lwip_closing.h"

#include <lwip/tcp.h>

bool lwip_closing_release(struct tcp_pcb *pcb)
{
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    tcp_poll(pcb, NULL, 0);
    tcp_err(pcb, NULL);
    if (tcp_close(pcb) == ERR_OK)
        return true;
    tcp_abort(pcb);
    return false;
}

void lwip_closing_abort(struct lwip_closing *closing)
{
    struct tcp_pcb *pcb = closing->pcb;

    closing->pcb = NULL;
    if (!pcb)
        return;
    tcp_err(pcb, NULL);
    tcp_abort(pcb);
}

static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct lwip_closing *closing = arg;

    (void)err;
    if (p) {
        tcp_recved(pcb, p->tot_len);
        pbuf_free(p);
        return ERR_OK;
    }
    /* Both ends are closed: from now on lwIP may free it without a word. */
    closing->pcb = NULL;
    return lwip_closing_release(pcb) ? ERR_OK : ERR_ABRT;
}

/* lwIP has freed the control block. */
static void on_error(void *arg, err_t err)
{
    struct lwip_closing *closing = arg;

    (void)err;
    closing->pcb = NULL;
}

static void finish(struct lwip_closing *closing)
{
    struct tcp_pcb *pcb = closing->pcb;

    if (!closing->shut) {
        lwip_closing_abort(closing);
        return;
    }
    closing->pcb = NULL;
    (void)lwip_closing_release(pcb);
}

/* Close our end; without memory for that, the next poll tries again. */
static void shut(struct lwip_closing *closing)
{
    err_t err = tcp_shutdown(closing->pcb, 0, 1);

    closing->shut = err == ERR_OK;
    if (err != ERR_OK && err != ERR_MEM)
        lwip_closing_abort(closing);
}

void lwip_closing_begin(struct lwip_closing *closing, struct tcp_pcb *pcb, uint32_t now_ms)
{
    if (closing->pcb)
        finish(closing);
    /* A new connection for which there is no control block may have this one's. */
    tcp_setprio(pcb, TCP_PRIO_MIN);
    tcp_arg(pcb, closing);
    tcp_recv(pcb, on_received);
    tcp_sent(pcb, NULL);
    tcp_poll(pcb, NULL, 0);
    tcp_err(pcb, on_error);
    *closing = (struct lwip_closing){ .pcb = pcb, .since = now_ms };
    shut(closing);
}

uint32_t lwip_closing_poll(struct lwip_closing *closing, uint32_t now_ms)
{
    uint32_t passed = now_ms - closing->since;

    if (closing->pcb && !closing->shut)
        shut(closing);
    if (!closing->pcb)
        return UINT32_MAX;
    if (passed < LWIP_CLOSING_MS)
        return LWIP_CLOSING_MS - passed;
    finish(closing);
    return UINT32_MAX;
}
