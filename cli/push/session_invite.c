#include "cli/push/session_invite.h"

#include "cli/push/session_core.h"
#include "common/reply.h"

#include <string.h>

/*
 * A sketch may look at its network only every few seconds, and then finds several of our datagrams
 * in a row: its challenge is for the first invitation, and the next one makes it forget that, or
 * replaces the nonce. Once it is known how long it takes, a datagram is left alone for this many
 * times as long.
 */
#define PATIENCE 3u

/*
 * While a device that sleeps is waited for, the intervals begin anew this often: it is asked soon
 * after it wakes up, and what it then takes to answer is not counted from when it slept.
 */
#define WAIT_ROUND_MS 4000u

static void send_invitation(struct push_session *session)
{
    struct invitation invitation = {
        .command = session->config->command,
        .port = session->config->port,
        .size = session->config->size,
    };

    memcpy(invitation.md5, session->config->md5, sizeof invitation.md5);
    session->datagram_len =
        invitation_format(&invitation, session->datagram, sizeof session->datagram);
    session_act(session, PUSH_ACTION_SEND);
    session->invitations++;
}

void session_start_round(struct push_session *session, uint64_t now)
{
    session->state = PUSH_INVITING;
    session->invitations = 0;
    session->invited_at = now;
    resend_start(&session->resend, session->config->timeout_ms, PATIENCE * session->answer_ms, now);
    send_invitation(session);
}

/* True while the device may sleep, so that silence and a closed port say nothing. */
static bool waits(const struct push_session *session)
{
    return session->attempt == 1 && !session->challenged &&
           session->config->wait_ms > session->config->timeout_ms;
}

void session_start_attempt(struct push_session *session, uint64_t now)
{
    session->attempt++;
    session->challenged = false;
    session->proof_clear = false;
    session->rejected = false;
    session->text[0] = '\0';
    session->login = PUSH_LOGIN_NONE;
    session->phase_end =
        now + (waits(session) ? session->config->wait_ms : session->config->timeout_ms);
    verdict_init(&session->verdict);
    session_tell(session, PUSH_EVENT_INVITED);
    session_start_round(session, now);
}

void session_repeat(struct push_session *session, uint64_t now)
{
    if (session->state == PUSH_INVITING && waits(session) &&
        now - session->invited_at >= WAIT_ROUND_MS) {
        session_start_round(session, now);
        session_tell(session, PUSH_EVENT_REPEATED);
        return;
    }
    if (session->state == PUSH_INVITING) {
        send_invitation(session);
        session_tell(session, PUSH_EVENT_REPEATED);
    } else {
        /* The same proof again: a device that had it, and is idle by now, ignores it. */
        session_act(session, PUSH_ACTION_SEND);
    }
    resend_again(&session->resend, now);
}

static void send_proof(struct push_session *session, uint64_t now)
{
    const struct push_config *config = session->config;
    uint8_t random[DIGEST_SHA256_SIZE];

    session->datagram_len = 0;
    if (config->random(config->random_ctx, random, sizeof random))
        session->datagram_len =
            push_login_answer(config->password, &session->challenge, session->md5_stored, random,
                              session->datagram, &session->login);
    if (session->datagram_len == 0) {
        session_finish(session, PUSH_LOCAL_FAILURE);
        return;
    }
    session->state = PUSH_PROVING;
    session->proof_clear = session->invitations == 1;
    session->rejected = false;
    session_act(session, PUSH_ACTION_SEND);
    uint32_t patience = PATIENCE * session->answer_ms;
    resend_start(&session->resend, config->timeout_ms, patience, now);
    session->round_end =
        now + (config->timeout_ms / 3 > patience ? config->timeout_ms / 3 : patience);
    session_tell(session, PUSH_EVENT_CHALLENGED);
}

static void on_challenge(struct push_session *session, const struct challenge *challenge,
                         uint64_t now)
{
    if (session->state != PUSH_INVITING && session->state != PUSH_PROVING)
        return;
    /* The same one again: its proof is on its way, or has been rejected. */
    if ((session->state == PUSH_PROVING || session->rejected) &&
        strcmp(session->challenge.nonce, challenge->nonce) == 0)
        return;
    /* It has answered: from here on it has as long again for the rest. */
    if (!session->challenged)
        session->phase_end = now + session->config->timeout_ms;
    if (now - session->invited_at > session->answer_ms)
        session->answer_ms = (uint32_t)(now - session->invited_at);
    session->challenged = true;
    session->challenge = *challenge;
    if (session->config->password)
        send_proof(session, now);
    else
        session_finish(session, PUSH_PASSWORD_MISSING);
}

/*
 * A rejection is believed when one invitation went out before the proof. After several, the device
 * may have made a newer nonce than the one that was answered: then it is asked once more.
 */
static void on_rejected(struct push_session *session, uint64_t now)
{
    /* It may come late, when silence on the proof has led to another invitation already. */
    bool late = session->state == PUSH_INVITING && session->proof_clear;

    if (session->state != PUSH_PROVING && !late)
        return;
    session->rejected = true;
    if (!session->proof_clear) {
        session_start_round(session, now);
    } else if (session->login == PUSH_LOGIN_SHA256) {
        session->md5_stored = true;
        session->proof_clear = false;
        session_tell(session, PUSH_EVENT_LOGIN_RETRY);
        session_start_round(session, now);
    } else {
        session_finish(session, PUSH_PASSWORD_WRONG);
    }
}

void session_accept(struct push_session *session)
{
    if (session->state == PUSH_ACCEPTED)
        return;
    /* The answer to a proof may come late, when the device has been invited once more already. */
    if (session->state == PUSH_PROVING || (session->login != PUSH_LOGIN_NONE && !session->rejected))
        session_tell(session, PUSH_EVENT_AUTHENTICATED);
    else
        session->login = PUSH_LOGIN_NONE;
}

static void on_ok(struct push_session *session, uint64_t now)
{
    if (session->state != PUSH_INVITING && session->state != PUSH_PROVING)
        return;
    session_accept(session);
    session->state = PUSH_ACCEPTED;
    session->text[0] = '\0';
    session->phase_end = now + session->config->timeout_ms;
    session_tell(session, PUSH_EVENT_ACCEPTED);
}

static void on_refused(struct push_session *session, const struct reply *reply)
{
    session_remember_text(session, reply->text.at, reply->text.len);
    /*
     * After a broken transfer the device may need a while to see that it is over. A datagram that
     * comes after the OK is the second error of a device that could not connect.
     */
    bool still_busy = session->attempt > 1 && verdict_error_number(session->text) == 15;
    if ((session->state == PUSH_INVITING || session->state == PUSH_PROVING) && !still_busy)
        session_finish(session, PUSH_REFUSED);
    else
        session_tell(session, PUSH_EVENT_IGNORED);
}

void push_session_on_datagram(struct push_session *session, const char *bytes, size_t len,
                              uint64_t now)
{
    struct reply reply = reply_parse(bytes, len);

    /* Once the device has connected, the connection alone counts. */
    if (!push_session_wants_connection(session))
        return;
    switch (reply.kind) {
    case REPLY_OK:
        on_ok(session, now);
        break;
    case REPLY_CHALLENGE:
        on_challenge(session, &reply.challenge, now);
        break;
    case REPLY_AUTH_FAILED:
        on_rejected(session, now);
        break;
    case REPLY_ERROR:
        on_refused(session, &reply);
        break;
    case REPLY_UNKNOWN:
        session_remember_text(session, reply.text.at, reply.text.len);
        session_tell(session, PUSH_EVENT_IGNORED);
        break;
    }
}

void push_session_on_unreachable(struct push_session *session, uint64_t now)
{
    (void)now;
    /* On a further try the device may just be restarting: the time limit decides then. */
    if (session->attempt == 1 && !waits(session) &&
        (session->state == PUSH_INVITING || session->state == PUSH_PROVING))
        session_finish(session, PUSH_UNREACHABLE);
}
