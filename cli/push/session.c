#include "cli/push/session.h"

#include "cli/push/session_core.h"
#include "cli/push/session_invite.h"

/* How long the rest of a verdict may take: in all, since the device may go on for ever. */
#define VERDICT_TEXT_MS 10000u

/* Verdict times in all, for a device that goes on to show life and says nothing. */
#define VERDICT_LIMIT 10u

/* Before another try, a second for each try so far: the device has to notice the broken one. */
#define PAUSE_MS 1000u

void push_session_init(struct push_session *session, const struct push_config *config, uint64_t now)
{
    *session = (struct push_session){ .config = config, .md5_stored = config->md5_target };
    session_start_attempt(session, now);
}

struct push_action push_session_next(struct push_session *session)
{
    return push_actions_take(&session->actions);
}

bool push_session_wants_connection(const struct push_session *session)
{
    return session->state == PUSH_INVITING || session->state == PUSH_PROVING ||
           session->state == PUSH_ACCEPTED;
}

/* Everything is at the device. A sign of life gives it more time for its verdict, within limits. */
static void await_verdict(struct push_session *session, uint64_t now)
{
    uint64_t end = now + session->config->verdict_ms;

    session->phase_end = end < session->verdict_end ? end : session->verdict_end;
}

/* The transfer stands where it did not stand before. */
static void on_progress(struct push_session *session, uint64_t now)
{
    if (session->acknowledged < session->config->size) {
        session->phase_end = now + session->config->stall_ms;
        return;
    }
    session->state = PUSH_AWAITING_VERDICT;
    session->verdict_end = now + (uint64_t)VERDICT_LIMIT * session->config->verdict_ms;
    session_tell(session, PUSH_EVENT_SENT_ALL);
    await_verdict(session, now);
}

void push_session_on_connected(struct push_session *session, uint64_t now)
{
    if (!push_session_wants_connection(session))
        return;
    session_accept(session);
    session->connected = true;
    session->sent = 0;
    session->acknowledged = 0;
    session->state = PUSH_STREAMING;
    session_tell(session, PUSH_EVENT_CONNECTED);
    on_progress(session, now);
}

bool push_session_wants_bytes(const struct push_session *session)
{
    return session->state == PUSH_STREAMING && session->sent < session->config->size;
}

/* The transfer broke for `reason`: try again, or give up. */
static void on_broken(struct push_session *session, enum push_reason reason, uint64_t now)
{
    if (session->attempt > session->config->retries) {
        session_finish(session, reason);
        return;
    }
    session_drop_connection(session);
    session->state = PUSH_PAUSED;
    session->reason = reason;
    session->broken = reason;
    session->phase_end = now + (uint64_t)PAUSE_MS * session->attempt;
    session_tell(session, PUSH_EVENT_RETRY);
}

void push_session_on_sent(struct push_session *session, size_t len)
{
    /* No sign of life: only the device's acknowledgement is. */
    if (session->state == PUSH_STREAMING)
        session->sent += len;
}

void push_session_on_acknowledged(struct push_session *session, uint64_t total, uint64_t now)
{
    if (!session->connected || total <= session->acknowledged)
        return;
    session->acknowledged = total < session->sent ? total : session->sent;
    if (session->state == PUSH_STREAMING)
        on_progress(session, now);
}

static void on_success(struct push_session *session)
{
    if (session->acknowledged < session->config->size)
        session_finish(session, PUSH_EARLY_OK);
    else
        session_finish(session, PUSH_UPDATED);
}

static void on_error_text(struct push_session *session)
{
    session_remember_text(session, session->verdict.text, session->verdict.len);
    session_finish(session, PUSH_FAILED);
}

/* True when the verdict is in and the session over. */
static bool on_verdict(struct push_session *session, enum verdict_state verdict)
{
    if (verdict == VERDICT_SUCCESS)
        on_success(session);
    else if (verdict == VERDICT_ERROR)
        on_error_text(session);
    return session->state == PUSH_FINISHED;
}

void push_session_on_stream(struct push_session *session, const void *bytes, size_t len,
                            uint64_t now)
{
    if (!session->connected || len == 0)
        return;
    enum verdict_state verdict = verdict_feed(&session->verdict, bytes, len);
    if (on_verdict(session, verdict))
        return;
    /* Text that opens neither way is an error only if nothing better comes before the end. */
    bool begun = verdict == VERDICT_HALF_OK ||
                 (verdict == VERDICT_READING && session->verdict.text[0] == 'E');
    if (begun && session->state != PUSH_READING_VERDICT) {
        session->state = PUSH_READING_VERDICT;
        session->phase_end = now + VERDICT_TEXT_MS;
    }
    /* Counts are no progress while bytes move: TCP's acknowledgements are. */
    if (session->state == PUSH_AWAITING_VERDICT)
        await_verdict(session, now);
}

void push_session_on_closed(struct push_session *session, bool reset, uint64_t now)
{
    if (!session->connected)
        return;
    session->connected = false;
    if (on_verdict(session, verdict_close(&session->verdict, !reset)))
        return;
    if (session->acknowledged == session->config->size)
        session_finish(session, PUSH_CLOSED_SILENTLY);
    else
        on_broken(session, reset ? PUSH_RESET : PUSH_CLOSED, now);
}

uint64_t push_session_wake(const struct push_session *session)
{
    uint64_t wake = session->phase_end;

    if (session->state == PUSH_FINISHED)
        return UINT64_MAX;
    if (session->state == PUSH_INVITING || session->state == PUSH_PROVING) {
        if (session->resend.at < wake)
            wake = session->resend.at;
    }
    if (session->state == PUSH_PROVING && session->round_end < wake)
        wake = session->round_end;
    return wake;
}

/* Nothing came of the invitation. After a broken transfer that is still what went wrong. */
static void give_up(struct push_session *session, enum push_reason reason)
{
    session_finish(session, session->attempt > 1 ? session->broken : reason);
}

/* The connection stands, but nothing more comes: what it said so far is all there is. */
static void on_silence(struct push_session *session, uint64_t now)
{
    if (on_verdict(session, verdict_close(&session->verdict, false)))
        return;
    if (session->acknowledged == session->config->size)
        session_finish(session, PUSH_NO_VERDICT);
    else if (session->state == PUSH_READING_VERDICT)
        session_finish(session, PUSH_EARLY_OK);
    else
        on_broken(session, PUSH_STALLED, now);
}

static void on_phase_end(struct push_session *session, uint64_t now)
{
    switch (session->state) {
    case PUSH_INVITING:
    case PUSH_PROVING:
        give_up(session, session->challenged ? PUSH_PROOF_UNANSWERED : PUSH_SILENT);
        break;
    case PUSH_ACCEPTED:
        give_up(session, PUSH_NOT_CALLED_BACK);
        break;
    case PUSH_STREAMING:
    case PUSH_AWAITING_VERDICT:
    case PUSH_READING_VERDICT:
        on_silence(session, now);
        break;
    case PUSH_PAUSED:
        session_start_attempt(session, now);
        break;
    case PUSH_FINISHED:
        break;
    }
}

void push_session_on_time(struct push_session *session, uint64_t now)
{
    if (session->state == PUSH_FINISHED)
        return;
    if (now >= session->phase_end) {
        on_phase_end(session, now);
    } else if (session->state == PUSH_PROVING && now >= session->round_end) {
        /* The proof or its answer was lost, or the device fell back to idle meanwhile. */
        session_start_round(session, now);
    } else if ((session->state == PUSH_INVITING || session->state == PUSH_PROVING) &&
               now >= session->resend.at) {
        session_repeat(session, now);
    }
}

void push_session_abort(struct push_session *session, enum push_reason reason)
{
    session_finish(session, reason);
}

enum exit_code push_session_code(const struct push_session *session)
{
    bool is_unknown = session->reason == PUSH_INTERRUPTED && session->sent > 0 &&
                      session->sent == session->config->size;

    return push_reason_code(is_unknown ? PUSH_NO_VERDICT : session->reason);
}
