#include "responder_login.h"

#include "common/hex.h"
#include "common/reply.h"
#include "common/secret.h"
#include "responder_out.h"
#include "responder_transfer.h"

#include <string.h>

/* Doublings from the first penalty to the longest. */
#define FAILURES_MAX 5

_Static_assert(OTA_PENALTY_FIRST_MS << FAILURES_MAX == OTA_PENALTY_MAX_MS, "penalties double");

static bool is_repeated(const struct ota_responder *r, const struct ota_address *from,
                        const struct invitation *invitation)
{
    const struct invitation *last = &r->invitation;

    return ota_address_equal(&r->inviter, from) && last->command == invitation->command &&
           last->port == invitation->port && last->size == invitation->size &&
           memcmp(last->md5, invitation->md5, sizeof last->md5) == 0;
}

static void remember(struct ota_responder *r, const struct ota_address *from,
                     const struct invitation *invitation)
{
    r->inviter = *from;
    r->invitation = *invitation;
    /* It lies in the datagram, which is gone after the call. */
    r->invitation.tail = NULL;
    r->invitation.tail_len = 0;
    ota_responder_emit(r, &(struct ota_event){ .kind = OTA_EVENT_INVITED,
                                               .peer = &r->inviter,
                                               .invitation = &r->invitation });
}

static bool make_challenge(struct ota_responder *r, uint32_t now_ms)
{
    const struct ota_random *random = r->config->random;
    uint8_t bytes[DIGEST_MAX_SIZE];
    size_t len = auth_digits(r->config->dialect) / 2;

    if (!random->fill(random->ctx, bytes, len))
        return false;
    r->challenge.dialect = r->config->dialect;
    r->challenged_at = now_ms;
    hex_encode(r->challenge.nonce, bytes, len);
    return true;
}

static void send_challenge(struct ota_responder *r, uint32_t now_ms)
{
    char text[CHALLENGE_MAX];

    challenge_format(&r->challenge, text, sizeof text);
    ota_responder_reply(r, &r->inviter, text);
    r->deadline = ota_responder_deadline(now_ms, r->config->proof_timeout_ms, OTA_PROOF_TIMEOUT_MS);
}

/*
 * A proof is on its way from one peer while another one invites: would the challenge change now,
 * that proof would be ignored, or be wrong for both when they share an address.
 */
static bool is_held_by_another(const struct ota_responder *r, const struct ota_address *from,
                               uint32_t now_ms)
{
    return r->state == OTA_RESPONDER_CHALLENGED && !ota_address_equal(&r->inviter, from) &&
           (uint32_t)(now_ms - r->challenged_at) < OTA_CHALLENGE_HOLD_MS;
}

static void challenge_peer(struct ota_responder *r, const struct ota_address *from,
                           const struct invitation *invitation, uint32_t now_ms)
{
    if (is_held_by_another(r, from, now_ms))
        return;
    if (r->state != OTA_RESPONDER_CHALLENGED || !is_repeated(r, from, invitation)) {
        r->state = OTA_RESPONDER_IDLE;
        remember(r, from, invitation);
        /* Without randomness nobody can log in; the uploader asks again. */
        if (!make_challenge(r, now_ms))
            return;
        r->state = OTA_RESPONDER_CHALLENGED;
    }
    send_challenge(r, now_ms);
}

static void tell_busy(const struct ota_responder *r, const struct ota_address *to)
{
    char line[OTA_ERROR_LINE_MAX];

    ota_error_line(OTA_ERROR_RUNNING, NULL, line, sizeof line);
    ota_responder_reply_error(r, to, line);
    ota_responder_emit_refused(r, to, OTA_ERROR_RUNNING, ota_error_text(OTA_ERROR_RUNNING));
}

void ota_responder_invited(struct ota_responder *r, const struct ota_address *from,
                           const struct invitation *invitation, uint32_t now_ms)
{
    switch (r->state) {
    case OTA_RESPONDER_IDLE:
    case OTA_RESPONDER_CHALLENGED:
        if (r->config->password) {
            challenge_peer(r, from, invitation, now_ms);
        } else {
            remember(r, from, invitation);
            ota_responder_accept(r, from, now_ms);
        }
        break;
    case OTA_RESPONDER_CONNECTING:
    case OTA_RESPONDER_RECEIVING:
        if (!is_repeated(r, from, invitation))
            tell_busy(r, from);
        else if (r->state == OTA_RESPONDER_CONNECTING)
            ota_responder_reply(r, from, "OK");
        break;
    case OTA_RESPONDER_PENALTY:
    case OTA_RESPONDER_UPDATED:
    case OTA_RESPONDER_RESTART:
        break;
    }
}

static void punish(struct ota_responder *r, const struct ota_address *from, uint32_t now_ms)
{
    r->state = OTA_RESPONDER_PENALTY;
    r->reply_to = *from;
    r->deadline = now_ms + ((uint32_t)OTA_PENALTY_FIRST_MS << r->failures);
    if (r->failures < FAILURES_MAX)
        r->failures++;
    r->decay_at = now_ms + OTA_PENALTY_DECAY_MS;
    ota_responder_emit_refused(r, from, OTA_OK, REPLY_AUTH_FAILED_TEXT);
}

/* A caller that comes late makes up for every step that is due. */
void ota_responder_forget_failures(struct ota_responder *r, uint32_t now_ms)
{
    while (r->failures > 0 && ota_responder_time_left(r->decay_at, now_ms) == 0) {
        r->failures--;
        r->decay_at += OTA_PENALTY_DECAY_MS;
    }
}

void ota_responder_proved(struct ota_responder *r, const struct ota_address *from,
                          const struct proof *proof, uint32_t now_ms)
{
    if (r->state != OTA_RESPONDER_CHALLENGED || !ota_address_same_host(&r->inviter, from))
        return;
    bool right = proof_check(proof, &r->challenge, r->config->password);
    secret_wipe(&r->challenge, sizeof r->challenge);
    if (!right) {
        punish(r, from, now_ms);
        return;
    }
    r->failures = 0;
    ota_responder_emit(r, &(struct ota_event){ .kind = OTA_EVENT_AUTHENTICATED, .peer = from });
    ota_responder_accept(r, from, now_ms);
}

void ota_responder_login_expired(struct ota_responder *r)
{
    if (r->state == OTA_RESPONDER_PENALTY)
        ota_responder_reply(r, &r->reply_to, REPLY_AUTH_FAILED_TEXT);
    r->state = OTA_RESPONDER_IDLE;
}
