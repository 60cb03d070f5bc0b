#include "ota/responder.h"

#include "common/hex.h"
#include "common/proof.h"
#include "responder_login.h"
#include "responder_out.h"
#include "responder_transfer.h"

#include <string.h>

/* With the updater, and without its buffer, this is all the memory that a device needs. */
_Static_assert(sizeof(struct ota_responder) + sizeof(struct ota_updater) < 1024,
               "responder and updater stay below 1 KiB");

static bool password_is_usable(const struct ota_responder_config *config)
{
    const struct password_digest *password = config->password;
    size_t len;

    if (!password)
        return true;
    if (!memchr(password->text, '\0', sizeof password->text))
        return false;
    len = strlen(password->text);
    if (!config->random || !hex_is_text(password->text, len))
        return false;
    return len == auth_digits(AUTH_MD5) ||
           (config->dialect == AUTH_PBKDF2 && len == auth_digits(AUTH_PBKDF2));
}

bool ota_responder_init(struct ota_responder *responder, const struct ota_responder_config *config)
{
    *responder = (struct ota_responder){ .config = config };
    return config->updater && config->net && password_is_usable(config);
}

/* Do what has become due; events and poll() both begin with it, so it matters not which is first.
 */
static void expire(struct ota_responder *r, uint32_t now_ms)
{
    ota_responder_forget_failures(r, now_ms);
    if (r->link == OTA_LINK_DRAINING && ota_responder_time_left(r->link_deadline, now_ms) == 0)
        ota_responder_drained(r);
    if (ota_responder_time_left(r->deadline, now_ms) > 0)
        return;
    switch (r->state) {
    case OTA_RESPONDER_CHALLENGED:
    case OTA_RESPONDER_PENALTY:
        ota_responder_login_expired(r);
        break;
    case OTA_RESPONDER_CONNECTING:
        ota_responder_connect_failed(r);
        break;
    case OTA_RESPONDER_RECEIVING:
        /* A device whose flash is busy has no reason to expect bytes. */
        if (!r->peer_closed && !r->flash_worked && !ota_updater_is_busy(r->config->updater))
            ota_responder_stalled(r, now_ms);
        break;
    case OTA_RESPONDER_IDLE:
    case OTA_RESPONDER_UPDATED:
    case OTA_RESPONDER_RESTART:
        break;
    }
}

void ota_responder_on_datagram(struct ota_responder *responder, const struct ota_address *from,
                               const void *bytes, size_t len, uint32_t now_ms)
{
    struct invitation invitation;
    struct proof proof;

    expire(responder, now_ms);
    if (proof_parse(&proof, bytes, len))
        ota_responder_proved(responder, from, &proof, now_ms);
    else if (invitation_parse(&invitation, bytes, len) &&
             (invitation.command == PUSH_SKETCH || invitation.command == PUSH_FILESYSTEM))
        ota_responder_invited(responder, from, &invitation, now_ms);
}

void ota_responder_on_connected(struct ota_responder *responder, uint32_t now_ms)
{
    expire(responder, now_ms);
    if (responder->state == OTA_RESPONDER_CONNECTING)
        ota_responder_receive(responder, now_ms);
}

size_t ota_responder_on_stream(struct ota_responder *responder, const void *bytes, size_t len,
                               uint32_t now_ms)
{
    if (responder->state == OTA_RESPONDER_RECEIVING && responder->link == OTA_LINK_OPEN)
        return ota_responder_take(responder, bytes, len, now_ms);
    return len;
}

void ota_responder_on_sendable(struct ota_responder *responder, uint32_t now_ms)
{
    if (responder->link == OTA_LINK_DRAINING)
        ota_responder_send_verdict(responder, now_ms);
}

void ota_responder_on_closed(struct ota_responder *responder)
{
    if (responder->link == OTA_LINK_NONE)
        return;
    if (responder->link == OTA_LINK_DRAINING)
        ota_responder_drained(responder);
    else if (responder->state == OTA_RESPONDER_CONNECTING)
        ota_responder_connect_failed(responder);
    else
        ota_responder_peer_gone(responder);
}

static uint32_t sooner(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

uint32_t ota_responder_poll(struct ota_responder *responder, uint32_t now_ms)
{
    uint32_t next = OTA_NEVER;

    expire(responder, now_ms);
    if (responder->state == OTA_RESPONDER_RECEIVING && ota_responder_work(responder, now_ms))
        return 0;
    if (responder->link == OTA_LINK_DRAINING)
        next = ota_responder_time_left(responder->link_deadline, now_ms);
    /* Also when nothing else happens: a deadline that passed 2^31 ms ago would seem to be ahead. */
    if (responder->failures > 0)
        next = sooner(next, ota_responder_time_left(responder->decay_at, now_ms));
    switch (responder->state) {
    case OTA_RESPONDER_CHALLENGED:
    case OTA_RESPONDER_PENALTY:
    case OTA_RESPONDER_CONNECTING:
    case OTA_RESPONDER_RECEIVING:
        return sooner(next, ota_responder_time_left(responder->deadline, now_ms));
    case OTA_RESPONDER_IDLE:
    case OTA_RESPONDER_UPDATED:
    case OTA_RESPONDER_RESTART:
        break;
    }
    return next;
}

bool ota_responder_is_idle(const struct ota_responder *responder)
{
    return responder->state == OTA_RESPONDER_IDLE && responder->link == OTA_LINK_NONE;
}
