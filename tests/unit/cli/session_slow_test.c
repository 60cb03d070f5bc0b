/*
 * A sketch that looks at its network only now and then finds several datagrams in a row. The device
 * here is a stock ESP8266: while it waits for the proof, anything else makes it idle without a
 * word.
 */
#include "tests/unit/cli/session_driver.h"

#include <string.h>

#define STEP_MS   50
#define QUEUE_MAX 64

struct slow_device {
    struct session_driver d;
    unsigned per_look; /* datagrams served at a time */
    struct {
        bool is_proof;
        struct proof proof;
    } queue[QUEUE_MAX];
    unsigned first;
    unsigned count;
    unsigned invitations; /* put into the queue */
    unsigned proofs;
    bool waits_for_proof;
    bool accepted;
};

static void queue_what_came(struct slow_device *s)
{
    while (s->invitations < s->d.invitations || s->proofs < s->d.proofs) {
        unsigned at = (s->first + s->count) % QUEUE_MAX;
        cr_assert_lt(s->count, (unsigned)QUEUE_MAX);
        s->queue[at].is_proof = s->proofs < s->d.proofs;
        s->queue[at].proof = s->d.proof;
        s->count++;
        if (s->queue[at].is_proof)
            s->proofs++;
        else
            s->invitations++;
    }
}

static void serve_proof(struct slow_device *s, const struct proof *proof)
{
    struct challenge challenge = { .dialect = AUTH_MD5 };

    if (!s->waits_for_proof)
        return;
    s->waits_for_proof = false;
    memcpy(challenge.nonce, s->d.nonce, sizeof challenge.nonce);
    s->accepted = proof_check(proof, &challenge, &s->d.password.md5);
    device_says(&s->d, s->accepted ? "OK" : "Authentication Failed");
}

static void serve_one(struct slow_device *s)
{
    unsigned at = s->first;

    s->first = (s->first + 1) % QUEUE_MAX;
    s->count--;
    if (s->queue[at].is_proof) {
        serve_proof(s, &s->queue[at].proof);
    } else if (s->waits_for_proof) {
        s->waits_for_proof = false;
    } else {
        s->waits_for_proof = true;
        device_challenges(&s->d, AUTH_MD5);
    }
}

/* A device that looks at its network every `period` ms lets the right password in. */
static void expect_login(unsigned period, unsigned per_look)
{
    static struct slow_device s;

    s = (struct slow_device){ .per_look = per_look };
    session_driver_init(&s.d);
    session_driver_give_password(&s.d);
    session_driver_start(&s.d);
    for (unsigned ms = STEP_MS; !s.accepted && s.d.session.state != PUSH_FINISHED; ms += STEP_MS) {
        queue_what_came(&s);
        time_passes(&s.d, STEP_MS);
        queue_what_came(&s);
        for (unsigned i = 0; ms % period == 0 && i < per_look && s.count > 0 && !s.accepted; i++) {
            serve_one(&s);
            queue_what_came(&s);
        }
    }
    cr_assert(s.accepted, "every %u ms, %u at a time: reason %d", period, per_look,
              (int)s.d.session.reason);
    expect_state(&s.d, PUSH_ACCEPTED);
}

Test(session, quirk_1_logs_in_to_a_sketch_that_serves_one_datagram_now_and_then)
{
    for (unsigned period = 100; period <= 3000; period += 100)
        expect_login(period, 1);
}

Test(session, quirk_1_logs_in_to_a_sketch_that_serves_several_datagrams_now_and_then)
{
    for (unsigned period = 100; period <= 3000; period += 100)
        expect_login(period, 8);
}
