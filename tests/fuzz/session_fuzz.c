/*
 * The uploader's session against a device, a network and a clock that do what the input says.
 *
 * Six bytes choose the configuration; then each byte is a step, with further bytes where the step
 * wants some. After every step what must always hold is checked, and in the end silence must end
 * the session.
 */
#include "cli/push/session.h"
#include "common/proof.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Steps of an input; longer ones teach nothing new. */
#define STEPS_MAX 400

/* More wakes than the shortest intervals can fill the longest time step with. */
#define WAKES_MAX 100000

/*
 * The 64-digit dialect is slow on purpose. An input may ask for it, and then some proofs are as
 * good as many.
 */
#define SLOW_PROOFS_MAX 2

struct input {
    const uint8_t *at;
    size_t len;
};

/* The session's world, and what is known about it by other means than asking the session. */
struct world {
    struct push_config config;
    struct push_password password;
    struct push_session session;
    uint64_t now;
    unsigned actions;
    unsigned finished_events;
    unsigned slow_proofs_left;
    bool connected;
    bool finished;
    enum push_reason reason;
    char verdict[2]; /* the first two characters of this connection that belong to no count */
    size_t verdict_len;
};

static const char *const datagrams[] = {
    "OK",
    "OK\r\n",
    "AUTH 00112233445566778899aabbccddeeff",
    "AUTH ffeeddccbbaa99887766554433221100",
    "Authentication Failed",
    "ERR: ERROR[4]: Not Enough Space",
    "ERR: ERROR[15]: Update already running",
    "AUTH",
};

static const char *const streams[] = {
    "1460",
    "5",
    "OK",
    "O",
    "K",
    "1460OK",
    "ERROR[7]: MD5 verification failed\n",
    "E",
    "rror",
    "\n",
    "MD5 Check Failed",
    "\0",
};

static void require(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static uint8_t take(struct input *input)
{
    if (input->len == 0)
        return 0;
    input->len--;
    return *input->at++;
}

static uint32_t take_u16(struct input *input)
{
    uint32_t high = take(input);

    return high << 8 | take(input);
}

static bool fixed_random(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    memset(out, 0x5A, len);
    return true;
}

static void configure(struct world *world, struct input *input)
{
    uint8_t flags = take(input);

    world->slow_proofs_left = flags >> 6 == 3 ? SLOW_PROOFS_MAX : 0;
    password_digest_make(&world->password.sha256, DIGEST_SHA256, "secret", 6);
    password_digest_make(&world->password.md5, DIGEST_MD5, "secret", 6);
    world->config = (struct push_config){
        .command = flags & 1 ? PUSH_FILESYSTEM : PUSH_SKETCH,
        .size = flags & 2 ? take(input) : 5000,
        .port = 40000,
        .password = flags & 4 ? &world->password : NULL,
        .md5_target = (flags & 8) != 0,
        .timeout_ms = 1 + take_u16(input),
        .stall_ms = 1 + take(input) * 256u,
        .verdict_ms = 1 + take(input) * 256u,
        .retries = flags >> 4 & 3,
        .random = fixed_random,
    };
}

/* --- What must always hold -------------------------------------------------------------------- */

static void check_datagram(const struct push_session *session)
{
    struct invitation invitation;
    struct proof proof;

    require(session->state == PUSH_INVITING || session->state == PUSH_PROVING);
    require(session->datagram_len > 0 && session->datagram_len < sizeof session->datagram);
    if (session->state == PUSH_PROVING)
        require(proof_parse(&proof, session->datagram, session->datagram_len));
    else
        require(invitation_parse(&invitation, session->datagram, session->datagram_len));
}

/* Success takes the device's word, and that everything was sent. */
static void check_success(const struct world *world)
{
    bool lone = world->verdict_len == 1 && world->verdict[0] == 'O';
    bool ok = world->verdict_len == 2 && memcmp(world->verdict, "OK", 2) == 0;

    require(lone || ok);
    require(world->session.sent == world->config.size);
}

static void check_end(struct world *world)
{
    const struct push_session *session = &world->session;

    if (!world->finished && session->state == PUSH_FINISHED) {
        world->finished = true;
        world->reason = session->reason;
        require(world->finished_events == 1);
        if (session->reason == PUSH_UPDATED)
            check_success(world);
    }
    if (world->finished) {
        require(session->state == PUSH_FINISHED && session->reason == world->reason);
        require(world->finished_events == 1);
        require(push_session_wake(session) == UINT64_MAX);
        require(!push_session_wants_bytes(session) && !push_session_wants_connection(session));
        require(!world->connected);
    } else {
        require(push_session_wake(session) != UINT64_MAX);
        require(world->finished_events == 0);
    }
}

static void settle(struct world *world)
{
    struct push_session *session = &world->session;

    require(session->actions.count < PUSH_ACTIONS_MAX);
    for (;;) {
        struct push_action action = push_session_next(session);
        if (action.kind == PUSH_ACTION_NONE)
            break;
        require(!world->finished);
        world->actions++;
        if (action.kind == PUSH_ACTION_SEND) {
            check_datagram(session);
        } else if (action.kind == PUSH_ACTION_CLOSE) {
            require(world->connected);
            world->connected = false;
        } else if (action.event == PUSH_EVENT_FINISHED) {
            world->finished_events++;
        }
    }
    require(session->acknowledged <= (world->connected ? session->sent : world->config.size));
    require(session->sent <= world->config.size);
    require(session->attempt <= world->config.retries + 1);
    require(strlen(session->text) < sizeof session->text);
    check_end(world);
}

/* --- Steps ------------------------------------------------------------------------------------ */

/* Wake the session as often as it wants to be by now; each time it must do something. */
static void pass_time(struct world *world, uint64_t ms)
{
    struct push_session *session = &world->session;
    uint64_t end = world->now + ms;
    unsigned wakes = 0;

    while (push_session_wake(session) <= end) {
        uint64_t due = push_session_wake(session);
        unsigned before = world->actions;
        enum push_state state = session->state;
        require(++wakes < WAKES_MAX);
        if (due > world->now)
            world->now = due;
        push_session_on_time(session, world->now);
        settle(world);
        require(world->actions > before || session->state != state);
    }
    world->now = end;
}

static void give_datagram(struct world *world, const void *bytes, size_t len)
{
    struct challenge challenge;
    bool slow = challenge_parse(&challenge, bytes, len) && challenge.dialect == AUTH_PBKDF2;

    if (slow && world->slow_proofs_left == 0)
        return;
    world->slow_proofs_left -= slow;
    push_session_on_datagram(&world->session, bytes, len, world->now);
    settle(world);
}

/* A challenge of 64 digits, of which one byte chooses the value. */
static void give_long_challenge(struct world *world, uint8_t value)
{
    char text[5 + 64 + 1] = "AUTH ";

    memset(text + 5, "0123456789abcdef"[value & 15], 64);
    give_datagram(world, text, sizeof text - 1);
}

static void note_stream(struct world *world, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len && world->verdict_len < sizeof world->verdict; i++) {
        bool count = (bytes[i] >= '0' && bytes[i] <= '9') || memchr(" \r\n", bytes[i], 4) != NULL;
        if (!count || world->verdict_len > 0)
            world->verdict[world->verdict_len++] = bytes[i];
    }
}

static void give_stream(struct world *world, const void *bytes, size_t len)
{
    if (!world->connected)
        return;
    note_stream(world, bytes, len);
    push_session_on_stream(&world->session, bytes, len, world->now);
    settle(world);
}

/* Bytes of the input itself; at most 255. */
static void give_raw(struct world *world, struct input *input, bool datagram)
{
    size_t len = take(input);
    const uint8_t *bytes = input->at;

    if (len > input->len)
        len = input->len;
    input->at += len;
    input->len -= len;
    if (datagram)
        give_datagram(world, bytes, len);
    else
        give_stream(world, bytes, len);
}

static void connect_device(struct world *world)
{
    if (!push_session_wants_connection(&world->session))
        return;
    world->connected = true;
    world->verdict_len = 0;
    push_session_on_connected(&world->session, world->now);
    settle(world);
}

static void disconnect(struct world *world, bool reset)
{
    if (!world->connected)
        return;
    world->connected = false;
    push_session_on_closed(&world->session, reset, world->now);
    settle(world);
}

static void send_bytes(struct world *world, uint32_t len)
{
    uint64_t left = world->config.size - world->session.sent;

    if (!push_session_wants_bytes(&world->session))
        return;
    push_session_on_sent(&world->session, left < len ? (size_t)left : len);
    settle(world);
}

static void acknowledge(struct world *world, uint64_t total)
{
    if (!world->connected)
        return;
    push_session_on_acknowledged(&world->session, total, world->now);
    settle(world);
}

static void step(struct world *world, struct input *input)
{
    uint8_t what = take(input);
    uint8_t which = what >> 4;

    switch (what & 15) {
    case 0:
        give_raw(world, input, true);
        break;
    case 1:
        give_raw(world, input, false);
        break;
    case 2:
        give_datagram(world, datagrams[which % 8], strlen(datagrams[which % 8]));
        break;
    case 3:
        give_stream(world, streams[which % 12], strlen(streams[which % 12]) + (which == 11));
        break;
    case 4:
        give_long_challenge(world, which);
        break;
    case 5:
        connect_device(world);
        break;
    case 6:
        disconnect(world, which & 1);
        break;
    case 7:
        send_bytes(world, take_u16(input));
        break;
    case 8:
        acknowledge(world, take_u16(input));
        break;
    case 9:
        acknowledge(world, world->session.sent);
        break;
    case 10:
        pass_time(world, take_u16(input));
        break;
    case 11:
        pass_time(world, take(input));
        break;
    case 12:
        push_session_on_unreachable(&world->session, world->now);
        settle(world);
        break;
    case 13:
        push_session_abort(&world->session, which & 1 ? PUSH_INTERRUPTED : PUSH_LOCAL_FAILURE);
        settle(world);
        break;
    default:
        send_bytes(world, UINT32_MAX);
        acknowledge(world, world->session.sent);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = { data, size };
    struct world world = { .now = 1000 };

    configure(&world, &input);
    push_session_init(&world.session, &world.config, world.now);
    settle(&world);
    for (int i = 0; i < STEPS_MAX && input.len > 0; i++)
        step(&world, &input);
    /* Silence: a week is longer than all limits together. */
    for (int i = 0; i < 24 * 7 && !world.finished; i++)
        pass_time(&world, 3600 * 1000);
    require(world.finished);
    return 0;
}
