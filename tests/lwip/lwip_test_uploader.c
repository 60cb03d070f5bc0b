#include "lwip_test_uploader.h"

#include "common/invitation.h"
#include "lwip_test_device.h"
#include "lwip_test_platform.h"

#include <lwip/tcp.h>
#include <lwip/udp.h>
#include <string.h>

#define TCP_PORT   5555
#define INVITE_MS  1000
#define PAUSE_MS   2000  /* between attempts */
#define STALLED_MS 20000 /* more than any timeout of the device's */
#define PIECE_MAX  3000

/* --- The connection --------------------------------------------------------------------------- */

static struct tcp_pcb *let_go(struct lwip_test_uploader *uploader)
{
    struct tcp_pcb *tcp = uploader->tcp;

    uploader->tcp = NULL;
    tcp_arg(tcp, NULL);
    tcp_recv(tcp, NULL);
    tcp_err(tcp, NULL);
    return tcp;
}

static void drop(struct lwip_test_uploader *uploader)
{
    if (uploader->tcp)
        tcp_abort(let_go(uploader));
}

/* After a while, from the invitation on. */
static void begin_anew(struct lwip_test_uploader *uploader)
{
    uploader->sent = 0;
    uploader->invite_at = lwip_test_elapsed() + PAUSE_MS;
    uploader->moved_at = uploader->invite_at;
    uploader->attempts++;
    verdict_init(&uploader->verdict);
}

static void on_error(void *arg, err_t err)
{
    struct lwip_test_uploader *uploader = arg;

    (void)err;
    uploader->tcp = NULL;
    begin_anew(uploader);
}

/* Returns as a callback of lwIP's must. */
static err_t finish(struct lwip_test_uploader *uploader)
{
    struct tcp_pcb *tcp = let_go(uploader);

    if (uploader->told)
        uploader->image = NULL;
    else
        begin_anew(uploader);
    if (tcp_close(tcp) == ERR_OK)
        return ERR_OK;
    tcp_abort(tcp);
    return ERR_ABRT;
}

static err_t on_received(void *arg, struct tcp_pcb *tcp, struct pbuf *p, err_t err)
{
    struct lwip_test_uploader *uploader = arg;
    enum verdict_state state = uploader->verdict.state;

    (void)err;
    uploader->moved_at = lwip_test_elapsed();
    if (!p)
        return finish(uploader);
    for (const struct pbuf *at = p; at; at = at->next)
        state = verdict_feed(&uploader->verdict, at->payload, at->len);
    tcp_recved(tcp, p->tot_len);
    pbuf_free(p);
    uploader->told = state == VERDICT_SUCCESS;
    if (uploader->told || state == VERDICT_ERROR)
        return finish(uploader);
    return ERR_OK;
}

static err_t on_accepted(void *arg, struct tcp_pcb *tcp, err_t err)
{
    struct lwip_test_uploader *uploader = arg;

    if (err != ERR_OK || !tcp || !uploader->image)
        return ERR_VAL;
    drop(uploader);
    uploader->tcp = tcp;
    uploader->sent = 0;
    uploader->invite_at = UINT64_MAX;
    uploader->moved_at = lwip_test_elapsed();
    tcp_nagle_disable(tcp);
    tcp_arg(tcp, uploader);
    tcp_recv(tcp, on_received);
    tcp_err(tcp, on_error);
    return ERR_OK;
}

static void send_pieces(struct lwip_test_uploader *uploader)
{
    const struct sim_image *image = uploader->image;

    for (;;) {
        uint32_t len = uploader->piece;
        if (len > image->body.size - uploader->sent)
            len = image->body.size - uploader->sent;
        if (len > tcp_sndbuf(uploader->tcp))
            len = tcp_sndbuf(uploader->tcp);
        if (len == 0 || tcp_write(uploader->tcp, image->bytes + uploader->sent, (u16_t)len,
                                  TCP_WRITE_FLAG_COPY) != ERR_OK)
            return;
        uploader->sent += len;
        uploader->moved_at = lwip_test_elapsed();
        (void)tcp_output(uploader->tcp);
    }
}

/* --- The invitation --------------------------------------------------------------------------- */

static void invite(struct lwip_test_uploader *uploader)
{
    const struct sim_image *image = uploader->image;
    struct invitation invitation = {
        .command = image->target,
        .port = TCP_PORT,
        .size = image->body.size,
    };
    char text[INVITATION_MAX];
    struct pbuf *p;

    memcpy(invitation.md5, image->body.md5, sizeof invitation.md5);
    size_t len = invitation_format(&invitation, text, sizeof text);
    uploader->invite_at = lwip_test_elapsed() + INVITE_MS;
    p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)len, PBUF_RAM);
    if (!p)
        return;
    (void)pbuf_take(p, text, (u16_t)len);
    (void)udp_sendto(uploader->udp, p, &uploader->device, LWIP_TEST_DEVICE_PORT);
    pbuf_free(p);
}

static void on_reply(void *arg, struct udp_pcb *udp, struct pbuf *p, const ip_addr_t *from,
                     u16_t port)
{
    char text[8] = "";

    (void)arg;
    (void)udp;
    (void)from;
    (void)port;
    (void)pbuf_copy_partial(p, text, sizeof text - 1, 0);
    lwip_test_require(strcmp(text, "OK") == 0 || strncmp(text, "ERR: ", 5) == 0,
                      "the device answers something else");
    pbuf_free(p);
}

/* --- All of it -------------------------------------------------------------------------------- */

void lwip_test_uploader_open(struct lwip_test_uploader *uploader, struct sim_random random)
{
    struct tcp_pcb *tcp = tcp_new_ip_type(IPADDR_TYPE_ANY);

    *uploader = (struct lwip_test_uploader){ .random = random };
    uploader->udp = udp_new_ip_type(IPADDR_TYPE_ANY);
    lwip_test_require(tcp && tcp_bind(tcp, IP_ANY_TYPE, TCP_PORT) == ERR_OK && uploader->udp &&
                          udp_bind(uploader->udp, IP_ANY_TYPE, 0) == ERR_OK,
                      "the uploader has no ports");
    uploader->listener = tcp_listen(tcp);
    tcp_arg(uploader->listener, uploader);
    tcp_accept(uploader->listener, on_accepted);
    udp_recv(uploader->udp, on_reply, uploader);
}

void lwip_test_uploader_push(struct lwip_test_uploader *uploader, const struct sim_image *image,
                             enum lwip_test_ip ip)
{
    uploader->image = image;
    uploader->told = false;
    uploader->attempts = 0;
    /* Of few bytes, too: then it is lwIP's buffers that run short. */
    uploader->piece = sim_random_range(&uploader->random, 1,
                                       sim_random_chance(&uploader->random, 300) ? 100 : PIECE_MAX);
    lwip_test_wire_address(&uploader->device, ip);
    begin_anew(uploader);
}

uint64_t lwip_test_uploader_step(struct lwip_test_uploader *uploader)
{
    uint64_t now = lwip_test_elapsed();

    if (!uploader->image)
        return UINT64_MAX;
    if (uploader->tcp)
        send_pieces(uploader);
    else if (now >= uploader->invite_at)
        invite(uploader);
    if (now > uploader->moved_at && now - uploader->moved_at > STALLED_MS) {
        drop(uploader);
        begin_anew(uploader);
    }
    return uploader->tcp ? uploader->moved_at + STALLED_MS + 1 : uploader->invite_at;
}

void lwip_test_uploader_stop(struct lwip_test_uploader *uploader)
{
    uploader->image = NULL;
    drop(uploader);
}

void lwip_test_uploader_close(struct lwip_test_uploader *uploader)
{
    lwip_test_uploader_stop(uploader);
    (void)tcp_close(uploader->listener);
    udp_remove(uploader->udp);
}
