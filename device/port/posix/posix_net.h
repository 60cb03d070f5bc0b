/*
 * Sockets for the responder: one UDP socket, one TCP connection, and the step of the loop that
 * serves both. Nothing here blocks but the step itself, for as long as it is told. A program that
 * has more to wait for takes the step apart: posix_net_prepare(), its own poll(),
 * posix_net_serve().
 */
#ifndef POSIX_NET_H
#define POSIX_NET_H

#include "ota/net.h"
#include "ota/responder.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef SIG_BLOCK
#error "POSIX is hidden here: compile with -std=gnu17, or -D_POSIX_C_SOURCE=200809L"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes read from the connection at a time; what the responder does not take waits here. */
#define POSIX_NET_INPUT 8192

/* Sockets to wait for. */
#define POSIX_NET_FDS 2

/*
 * Peers whose way to us is remembered. One answer may be put off while others are heard, that to a
 * wrong proof; the more peers, the less can it be crowded out.
 */
#define POSIX_NET_ROUTES 16

/* Which address of ours a peer has sent to: bound to all of them, we answer from that one. */
struct posix_route {
    struct ota_address peer;
    struct ota_address ours; /* its port is 0; its length is 0 when it is not known */
};

struct posix_net {
    struct ota_net net;       /* the interface, ready to use between open and close */
    struct ota_address local; /* bound to: with the port that was chosen */
    int udp;
    int tcp;           /* -1: no connection */
    bool connected;    /* the connection stands; until then it is being made */
    bool ended;        /* the peer has closed or reset it, and was reported or is about to be */
    bool ended_told;   /* the responder knows */
    bool send_is_full; /* the responder has more to send */
    uint32_t delay_ms; /* until the responder wants to be polled; 0 at first */
    struct posix_route routes[POSIX_NET_ROUTES]; /* the latest first; unused ones have length 0 */
    size_t input_at;                             /* bytes of `input` that were taken */
    size_t input_len;                            /* bytes of `input` that were read */
    uint8_t input[POSIX_NET_INPUT];
};

/*
 * Open the UDP socket on `local`; port 0 lets the system choose. `net` must not move while it is
 * open. False with errno when that failed; there is nothing to close then.
 */
bool posix_net_open(struct posix_net *net, const struct ota_address *local);

/* Close both sockets. */
void posix_net_close(struct posix_net *net);

/*
 * Wait until something arrives or is due, deliver it, and poll the responder once. `mask` is the
 * signal mask while waiting (ppoll()); a signal that was caught ends the step. False with errno
 * when waiting failed for another reason.
 */
bool posix_net_step(struct posix_net *net, struct ota_responder *responder, const sigset_t *mask);

/*
 * The two halves of a step. What to wait for goes to `fds`, where unused ones are -1; returns for
 * how many milliseconds at most, or OTA_NEVER for as long as it takes.
 */
uint32_t posix_net_prepare(const struct posix_net *net, struct pollfd fds[POSIX_NET_FDS]);

/* Deliver what poll() has noted in `fds`, as prepared before, and poll the responder once. */
void posix_net_serve(struct posix_net *net, struct ota_responder *responder,
                     const struct pollfd fds[POSIX_NET_FDS]);

#ifdef __cplusplus
}
#endif

#endif
