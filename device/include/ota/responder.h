/*
 * The responder: the device's end of the push protocol. It is pure: it is told of datagrams, stream
 * bytes and the time, and answers through struct ota_net. It never blocks, except for as long as
 * one operation of flash or the check of one proof takes (AUTH_PBKDF2: 10000 rounds of
 * HMAC-SHA-256, seconds on a small chip).
 *
 *   invitation -> [challenge -> proof] -> "OK", connect -> image -> verdict -> restart
 *
 * What it does beyond, or unlike, the stock responders:
 * - Malformed datagrams and unknown commands are ignored in every state.
 * - With a password, an invitation is answered with a nonce that is used once: checking a proof
 *   consumes it. Until then the same invitation from the same peer gets the same challenge again,
 *   so duplicates do not spoil a proof that is under way. Another invitation of that peer takes its
 *   place; one of another peer (another address or port) is ignored until the challenge is
 *   OTA_CHALLENGE_HOLD_MS old, and takes its place only then. So of two uploaders at once one logs
 *   in, and the other, which repeats itself, is then told that an update is running.
 * - A proof counts when it comes from the challenged address, from any port of it (the ESP32
 *   uploader opens a new socket for it), and is answered where it came from.
 * - A wrong proof is answered after 250 ms, the next ones after twice as long each, up to 8 s,
 *   until a right one comes; each minute without a wrong one takes one doubling back. While the
 *   time of an answer runs, every datagram is ignored: uploaders repeat them.
 * - While an update runs, the inviter's repetition of its invitation is answered "OK" until the
 *   connection stands and ignored afterwards; everybody else gets
 *   "ERR: ERROR[15]: Update already running".
 * - A refusal by the updater goes out as "ERR: ERROR[n]: text" in place of "OK".
 * - The connection goes to the inviting address and the port in the invitation, nowhere else.
 * - Every chunk that is taken is acknowledged by its decimal length, if there is room for it to be
 *   sent; the verdict is kept until there is. Bytes beyond the announced size are ignored.
 * - After an error the text goes out at once and the responder is idle at once; the connection is
 *   drained beside that until the peer closes it or linger_ms have passed, because closing it with
 *   bytes unread would reset it and lose the text. A new invitation that is accepted ends that.
 * - After success the connection is drained likewise, then OTA_EVENT_RESTART comes and the
 *   responder is silent until it is initialised again.
 */
#ifndef OTA_RESPONDER_H
#define OTA_RESPONDER_H

#include "common/auth.h"
#include "common/challenge.h"
#include "common/invitation.h"
#include "ota/error.h"
#include "ota/net.h"
#include "ota/random.h"
#include "ota/updater.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum ota_event_kind {
    OTA_EVENT_INVITED,       /* a new invitation: peer, invitation */
    OTA_EVENT_AUTHENTICATED, /* a proof was right: peer */
    OTA_EVENT_REFUSED,       /* a proof was wrong, or somebody was told 15: peer, error, text */
    OTA_EVENT_CONNECTED,     /* the connection stands: peer */
    OTA_EVENT_PROGRESS,      /* done, total */
    OTA_EVENT_UPDATED,       /* the new image counts: invitation, stored */
    OTA_EVENT_FAILED,        /* the update is over: peer, stage, error, text */
    OTA_EVENT_RESTART,       /* after UPDATED, when the verdict is out: restart the device */
};

/* Where an update failed, as stock ota_error_t divides it. */
enum ota_stage {
    OTA_STAGE_BEGIN,   /* the updater refused it */
    OTA_STAGE_CONNECT, /* the uploader could not be reached; error is OTA_OK */
    OTA_STAGE_RECEIVE, /* while bytes were expected; error is OTA_OK when the peer closed */
    OTA_STAGE_END,     /* when all bytes were there */
};

/* What happened. Pointers are valid during the callback; fields not named above are 0 or NULL. */
struct ota_event {
    enum ota_event_kind kind;
    const struct ota_address *peer;
    const struct invitation *invitation;
    enum ota_stage stage;
    enum ota_error error;
    const char *text;
    uint32_t done;
    uint32_t total;
    const struct ota_stored *stored;
};

#define OTA_PROOF_TIMEOUT_MS   10000
#define OTA_CONNECT_TIMEOUT_MS 10000
#define OTA_RECEIVE_TIMEOUT_MS 10000
#define OTA_LINGER_MS          1000
#define OTA_CHALLENGE_HOLD_MS  2000 /* for which a new challenge is safe from other peers */
#define OTA_PENALTY_FIRST_MS   250
#define OTA_PENALTY_MAX_MS     8000
#define OTA_PENALTY_DECAY_MS   60000 /* without a wrong proof, for each doubling to be forgotten */

struct ota_responder_config {
    struct ota_updater *updater; /* initialised; may be used by others while it is not running */
    const struct ota_net *net;
    const struct ota_random *random; /* may be NULL without a password */

    /*
     * Digest of the password, or NULL for none. AUTH_MD5 takes the MD5 (32 digits); AUTH_PBKDF2
     * takes the SHA-256 (64 digits) or, for devices that keep one, the MD5.
     */
    const struct password_digest *password;
    enum auth_dialect dialect;

    /* Milliseconds, below 2^31; 0 stands for the default above. */
    uint32_t proof_timeout_ms;   /* from the challenge to the proof */
    uint32_t connect_timeout_ms; /* for the connection to be made */
    uint32_t receive_timeout_ms; /* without a byte from the peer, or without room for the verdict */
    uint32_t linger_ms;          /* for the peer to close, after the verdict */

    /* Told of everything; must not call the responder. May be NULL. */
    void (*on_event)(void *ctx, const struct ota_event *event);
    void *event_ctx;
};

enum ota_responder_state {
    OTA_RESPONDER_IDLE,
    OTA_RESPONDER_CHALLENGED, /* waits for the proof */
    OTA_RESPONDER_PENALTY,    /* a proof was wrong; saying so is put off */
    OTA_RESPONDER_CONNECTING,
    OTA_RESPONDER_RECEIVING, /* also while the last bytes are being written and checked */
    OTA_RESPONDER_UPDATED,   /* "OK" is on its way */
    OTA_RESPONDER_RESTART,   /* waits to be initialised again */
};

/* The connection; beside the state, because a failed update's is drained while others begin. */
enum ota_link {
    OTA_LINK_NONE,
    OTA_LINK_OPEN, /* or being opened */
    OTA_LINK_DRAINING,
};

/* The responder. Lives in the caller's memory; the fields are its own. */
struct ota_responder {
    const struct ota_responder_config *config;
    enum ota_responder_state state;
    enum ota_link link;
    bool peer_closed;       /* the peer sends no more, and the verdict is not out yet */
    bool flash_worked;      /* since the time that was told last */
    uint8_t failures;       /* doublings of the next penalty: wrong proofs that still count */
    uint8_t verdict_len;    /* bytes of `verdict` */
    uint8_t verdict_sent;   /* bytes of it that are out */
    uint32_t deadline;      /* when the state ends by itself */
    uint32_t link_deadline; /* when draining ends */
    uint32_t challenged_at; /* when `challenge` was made */
    uint32_t decay_at;      /* when `failures`, if there are any, become one less */
    uint32_t reported;      /* bytes of the last progress event */
    struct invitation invitation;
    struct ota_address inviter;
    struct ota_address reply_to; /* where a put-off answer goes */
    struct challenge challenge;
    char verdict[OTA_ERROR_LINE_MAX];
};

/* What ota_responder_poll() returns when only an event can change anything. */
#define OTA_NEVER UINT32_MAX

/*
 * Make the responder ready: idle, without a connection. After a restart event, again; then the
 * updater must have been initialised again first, as after a real restart. False when the
 * configuration contradicts itself: updater or net missing, a password without randomness, or a
 * password digest that is no digest or that the dialect cannot use. `config` and what it
 * points to stay the caller's and must outlive the responder.
 */
bool ota_responder_init(struct ota_responder *responder, const struct ota_responder_config *config);

/* A datagram of any bytes has arrived; they are not needed after the call. */
void ota_responder_on_datagram(struct ota_responder *responder, const struct ota_address *from,
                               const void *bytes, size_t len, uint32_t now_ms);

/* The connection asked for stands. */
void ota_responder_on_connected(struct ota_responder *responder, uint32_t now_ms);

/*
 * Bytes have arrived on the connection. Returns how many were taken: the port keeps the rest and
 * offers it again after the next poll, without reading more meanwhile, so that the peer is held
 * back by TCP's window.
 */
size_t ota_responder_on_stream(struct ota_responder *responder, const void *bytes, size_t len,
                               uint32_t now_ms);

/* The connection has room again after send() had taken less than everything. */
void ota_responder_on_sendable(struct ota_responder *responder, uint32_t now_ms);

/*
 * The peer has closed or reset the connection, or it could not be made; reported once, after all
 * bytes that came before it were taken. The responder calls close() in its own time.
 */
void ota_responder_on_closed(struct ota_responder *responder);

/*
 * Let time pass and flash work, one operation at most. Returns the milliseconds after which to call
 * it again: 0 for at once, OTA_NEVER for after the next event. To be called after every event too.
 */
uint32_t ota_responder_poll(struct ota_responder *responder, uint32_t now_ms);

/* True when nothing is going on: no login, no update, no connection, no restart to wait for. */
bool ota_responder_is_idle(const struct ota_responder *responder);

#ifdef __cplusplus
}
#endif

#endif
