/*
 * One upload to one device, as a pure state machine: it never sees a socket, a clock or a heap.
 *
 * The driver (loop.c, the simulator, a fuzzer) tells what happened and when; after every call it
 * takes the actions that the session wants, with push_session_next(), until there are none, and
 * calls push_session_on_time() at push_session_wake() at the latest.
 *
 *     INVITING -> PROVING -> ACCEPTED -> STREAMING -> AWAITING_VERDICT -> FINISHED
 *
 * The device's connection is the real answer and is taken in any state before STREAMING; a broken
 * transfer goes through PAUSED back to INVITING while retries are left.
 *
 * All times are milliseconds of one monotonic clock.
 */
#ifndef CLI_PUSH_SESSION_H
#define CLI_PUSH_SESSION_H

#include "cli/push/actions.h"
#include "cli/push/login.h"
#include "cli/push/reason.h"
#include "cli/push/resend.h"
#include "common/invitation.h"
#include "common/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct push_config {
    enum push_command command; /* PUSH_SKETCH or PUSH_FILESYSTEM */
    uint64_t size;             /* bytes of the image */
    uint8_t md5[DIGEST_MD5_SIZE];
    uint16_t port;                        /* where the driver listens for the device */
    const struct push_password *password; /* NULL: none given; outlives the session */
    bool md5_target;     /* the device stores an MD5 of its password: do not try SHA-256 */
    uint32_t timeout_ms; /* for an answer to the invitation; again for the device's connection */
    uint32_t wait_ms;    /* for an answer to the first one, where that is more: the device sleeps */
    uint32_t stall_ms;   /* without any progress of the transfer */
    uint32_t verdict_ms; /* from the last sign of life to the verdict, once all is sent; ten times
                            that in all */
    unsigned retries;    /* after a broken transfer */
    bool (*random)(void *ctx, uint8_t *out, size_t len); /* cryptographic; false when it failed */
    void *random_ctx;
};

enum push_state {
    PUSH_INVITING,         /* an invitation is out */
    PUSH_PROVING,          /* a proof is out */
    PUSH_ACCEPTED,         /* the device said OK and is about to connect */
    PUSH_STREAMING,        /* connected, bytes are on their way */
    PUSH_AWAITING_VERDICT, /* the device's TCP has everything */
    PUSH_READING_VERDICT,  /* "O" or an error text has begun; no more bytes are sent */
    PUSH_PAUSED,           /* before another try */
    PUSH_FINISHED,
};

struct push_session {
    const struct push_config *config;

    /* For everybody to read. */
    enum push_state state;
    enum push_reason reason;     /* valid at EVENT_RETRY and when FINISHED */
    enum push_state ended_in;    /* when FINISHED: the state before */
    enum push_login login;       /* valid from EVENT_AUTHENTICATED on */
    unsigned attempt;            /* 1 on the first try */
    uint64_t sent;               /* bytes handed to TCP, */
    uint64_t acknowledged;       /* and of them acknowledged by the device's TCP: on the connection
                                    of this attempt or, until it has one, on that which broke */
    char text[VERDICT_TEXT_MAX]; /* what the device said last that was no part of the protocol's
                                    good course: error text or ignored datagram */
    char datagram[PROOF_MAX];
    size_t datagram_len;

    /* The session's own. */
    bool connected;
    enum push_reason broken; /* why the attempt before this one broke */
    bool md5_stored;         /* the next proof of the 64-digit dialect is made from the MD5 */
    bool challenged;         /* a challenge was seen in this attempt */
    bool rejected;           /* the latest proof was */
    bool proof_clear;     /* one invitation went out before the proof: its answer is meant for it */
    unsigned invitations; /* sent in this round */
    struct challenge challenge;
    struct verdict verdict;
    uint64_t phase_end;   /* the state's time limit */
    uint64_t verdict_end; /* of AWAITING_VERDICT, whatever signs of life there are */
    struct resend resend;
    uint64_t invited_at; /* when the first invitation of this round went out */
    uint32_t answer_ms;  /* the longest that the device took from there to a challenge */
    uint64_t round_end;  /* silence on a proof ends here */
    struct push_actions actions;
};

/*
 * Start: the first invitation is among the actions afterwards. `config` is kept and must outlive
 * the session. The driver's listener must be ready before it carries the actions out.
 */
void push_session_init(struct push_session *session, const struct push_config *config,
                       uint64_t now);

/* Take the next action; PUSH_ACTION_NONE when there is none left. */
struct push_action push_session_next(struct push_session *session);

/* When push_session_on_time() must be called at the latest; UINT64_MAX: not at all. */
uint64_t push_session_wake(const struct push_session *session);

void push_session_on_time(struct push_session *session, uint64_t now);

/* A datagram from the device's address and port. */
void push_session_on_datagram(struct push_session *session, const char *bytes, size_t len,
                              uint64_t now);

/* The device's host says that nobody listens at the port (ICMP port unreachable). */
void push_session_on_unreachable(struct push_session *session, uint64_t now);

/* True while a connection from the device is welcome; the driver closes any other. */
bool push_session_wants_connection(const struct push_session *session);

/* The device has connected. */
void push_session_on_connected(struct push_session *session, uint64_t now);

/* True while there are bytes to be sent, from offset push_session.sent on. */
bool push_session_wants_bytes(const struct push_session *session);

/* `len` bytes more have been handed to TCP. */
void push_session_on_sent(struct push_session *session, size_t len);

/* The device's TCP has acknowledged `total` bytes since the connection began. */
void push_session_on_acknowledged(struct push_session *session, uint64_t total, uint64_t now);

/* Bytes from the device on the connection. */
void push_session_on_stream(struct push_session *session, const void *bytes, size_t len,
                            uint64_t now);

/* The connection is gone: closed in order, or else `reset`. It needs no PUSH_ACTION_CLOSE. */
void push_session_on_closed(struct push_session *session, bool reset, uint64_t now);

/* End it now, for PUSH_INTERRUPTED or PUSH_LOCAL_FAILURE. */
void push_session_abort(struct push_session *session, enum push_reason reason);

/*
 * The exit code of one that has finished: that of its reason, and PUSH_NO_VERDICT's for one that
 * was interrupted when all was sent: the device may take it.
 */
enum exit_code push_session_code(const struct push_session *session);

#endif
