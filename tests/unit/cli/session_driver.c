#include "tests/unit/cli/session_driver.h"

#include "common/hex.h"

#include <string.h>

/* More wakes than any session needs to come to its end. */
#define WAKES_MAX 1000

static bool counting_random(void *ctx, uint8_t *out, size_t len)
{
    struct session_driver *d = ctx;

    memset(out, ++d->randomness, len);
    return true;
}

void session_driver_init(struct session_driver *d)
{
    *d = (struct session_driver){ .now = 1000000 };
    d->config = (struct push_config){
        .command = PUSH_SKETCH,
        .size = DRIVER_SIZE,
        .port = DRIVER_PORT,
        .timeout_ms = 20000,
        .stall_ms = 60000,
        .verdict_ms = 60000,
        .retries = 2,
        .random = counting_random,
        .random_ctx = d,
    };
    cr_assert(hex_decode(d->config.md5, sizeof d->config.md5, DRIVER_MD5, strlen(DRIVER_MD5)));
}

void session_driver_give_password(struct session_driver *d)
{
    password_digest_make(&d->password.sha256, DIGEST_SHA256, DRIVER_PASSWORD,
                         strlen(DRIVER_PASSWORD));
    password_digest_make(&d->password.md5, DIGEST_MD5, DRIVER_PASSWORD, strlen(DRIVER_PASSWORD));
    d->config.password = &d->password;
}

/* --- Carrying out ----------------------------------------------------------------------------- */

static void take_datagram(struct session_driver *d)
{
    const struct push_session *session = &d->session;
    struct invitation invitation;

    cr_assert_lt(session->datagram_len, sizeof session->datagram);
    if (proof_parse(&d->proof, session->datagram, session->datagram_len)) {
        d->proofs++;
        return;
    }
    cr_assert(invitation_parse(&invitation, session->datagram, session->datagram_len),
              "neither an invitation nor a proof: \"%s\"", session->datagram);
    d->invitation = invitation;
    if (d->invitations < DRIVER_TIMES_MAX)
        d->invited_at[d->invitations] = d->now;
    d->invitations++;
}

static void take_actions(struct session_driver *d)
{
    cr_assert_lt(d->session.actions.count, PUSH_ACTIONS_MAX, "an action may have been lost");
    for (;;) {
        struct push_action action = push_session_next(&d->session);
        if (action.kind == PUSH_ACTION_NONE)
            break;
        d->actions++;
        if (action.kind == PUSH_ACTION_SEND)
            take_datagram(d);
        else if (action.kind == PUSH_ACTION_CLOSE)
            d->closes++;
        else
            d->events[action.event]++;
    }
}

/* Exactly the session that is over wants nothing any more. */
static void check_end(const struct session_driver *d)
{
    const struct push_session *session = &d->session;
    bool over = session->state == PUSH_FINISHED;

    cr_assert_eq(push_session_wake(session) == UINT64_MAX, over, "it waits for nothing");
    cr_assert_eq(d->events[PUSH_EVENT_FINISHED], over ? 1u : 0u);
    cr_assert_not(over && push_session_wants_bytes(session));
    cr_assert_not(over && push_session_wants_connection(session));
}

/* Carry out what the session wants, and check what holds after every call. */
static void settle(struct session_driver *d)
{
    take_actions(d);
    cr_assert_leq(d->session.sent, d->config.size);
    if (d->session.connected)
        cr_assert_leq(d->session.acknowledged, d->session.sent);
    else
        cr_assert_leq(d->session.acknowledged, d->config.size);
    check_end(d);
}

/* --- The course of things --------------------------------------------------------------------- */

void session_driver_start(struct session_driver *d)
{
    push_session_init(&d->session, &d->config, d->now);
    settle(d);
}

void session_driver_invite(struct session_driver *d)
{
    session_driver_init(d);
    session_driver_start(d);
}

void session_driver_connect(struct session_driver *d)
{
    session_driver_invite(d);
    device_says(d, "OK");
    device_connects(d);
}

void session_driver_send_all(struct session_driver *d)
{
    session_driver_connect(d);
    device_reads_all(d);
}

void uploader_aborts(struct session_driver *d, enum push_reason reason)
{
    push_session_abort(&d->session, reason);
    settle(d);
}

/* --- Datagrams -------------------------------------------------------------------------------- */

void device_says_bytes(struct session_driver *d, const void *bytes, size_t len)
{
    push_session_on_datagram(&d->session, bytes, len, d->now);
    settle(d);
}

void device_says(struct session_driver *d, const char *text)
{
    device_says_bytes(d, text, strlen(text));
}

void device_repeats_its_challenge(struct session_driver *d)
{
    char text[CHALLENGE_MAX] = "AUTH ";

    memcpy(text + 5, d->nonce, sizeof d->nonce);
    device_says(d, text);
}

void device_challenges(struct session_driver *d, enum auth_dialect dialect)
{
    uint8_t bytes[DIGEST_SHA256_SIZE];

    memset(bytes, 0xA0, sizeof bytes);
    bytes[0] = (uint8_t)++d->nonces;
    hex_encode(d->nonce, bytes, auth_digits(dialect) / 2);
    device_repeats_its_challenge(d);
}

bool proof_is_right(const struct session_driver *d, enum digest_kind kind)
{
    struct challenge challenge = { .dialect = strlen(d->nonce) == 32 ? AUTH_MD5 : AUTH_PBKDF2 };
    struct password_digest digest;

    memcpy(challenge.nonce, d->nonce, sizeof challenge.nonce);
    password_digest_make(&digest, kind, DRIVER_PASSWORD, strlen(DRIVER_PASSWORD));
    return d->proofs > 0 && proof_check(&d->proof, &challenge, &digest);
}

void device_is_unreachable(struct session_driver *d)
{
    push_session_on_unreachable(&d->session, d->now);
    settle(d);
}

/* --- The connection --------------------------------------------------------------------------- */

void device_connects(struct session_driver *d)
{
    cr_assert(push_session_wants_connection(&d->session), "its connection is turned away");
    push_session_on_connected(&d->session, d->now);
    settle(d);
}

void device_writes(struct session_driver *d, const char *text)
{
    push_session_on_stream(&d->session, text, strlen(text), d->now);
    settle(d);
}

static void end_connection(struct session_driver *d, bool reset)
{
    push_session_on_closed(&d->session, reset, d->now);
    settle(d);
}

void device_closes(struct session_driver *d)
{
    end_connection(d, false);
}

void device_resets(struct session_driver *d)
{
    end_connection(d, true);
}

void uploader_sends(struct session_driver *d, size_t len)
{
    uint64_t left = d->config.size - d->session.sent;

    if (!push_session_wants_bytes(&d->session))
        return;
    push_session_on_sent(&d->session, left < len ? (size_t)left : len);
    settle(d);
}

void device_reads(struct session_driver *d, size_t len)
{
    uploader_sends(d, len);
    push_session_on_acknowledged(&d->session, d->session.sent, d->now);
    settle(d);
}

void device_reads_all(struct session_driver *d)
{
    device_reads(d, d->config.size);
}

/* --- Time ------------------------------------------------------------------------------------- */

/* Too early, nothing may happen; in time, something must: else the driver would spin. */
static void wake_at(struct session_driver *d, uint64_t due)
{
    unsigned before = d->actions;
    enum push_state state = d->session.state;

    push_session_on_time(&d->session, due - 1);
    settle(d);
    cr_assert_eq(d->actions, before, "it acts before its time");
    cr_assert_eq(push_session_wake(&d->session), due);
    d->now = due;
    push_session_on_time(&d->session, due);
    settle(d);
    cr_assert(d->actions > before || d->session.state != state, "woken for nothing");
    cr_assert_gt(push_session_wake(&d->session), due, "to be woken again at once");
}

void session_wakes(struct session_driver *d)
{
    uint64_t due = push_session_wake(&d->session);

    if (d->session.state == PUSH_FINISHED)
        return;
    cr_assert_geq(due, d->now);
    wake_at(d, due);
}

void time_passes(struct session_driver *d, uint64_t ms)
{
    uint64_t end = d->now + ms;

    for (int i = 0; push_session_wake(&d->session) <= end; i++) {
        cr_assert_lt(i, WAKES_MAX, "it is woken without end");
        session_wakes(d);
    }
    d->now = end;
}

void silence_to_the_end(struct session_driver *d)
{
    for (int i = 0; d->session.state != PUSH_FINISHED; i++) {
        cr_assert_lt(i, WAKES_MAX, "it never ends");
        session_wakes(d);
    }
}
