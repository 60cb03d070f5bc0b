#include "tests/unit/device/responder_rig.h"

#include <criterion/criterion.h>

static struct responder_rig rig;

static struct ota_address alice(void)
{
    return rig_peer(1, 5000);
}

static struct ota_address bob(void)
{
    return rig_peer(2, 5000);
}

static bool is_sent_to(struct ota_address to, const char *text)
{
    return ota_address_equal(&rig.datagram_to, &to) && strcmp(rig.datagram, text) == 0;
}

static void given_a_locked_device(void)
{
    rig_init_locked(&rig, AUTH_MD5, DIGEST_MD5);
    cr_assert(ota_responder_init(&rig.responder, &rig.config));
}

/* The challenge of the last datagram, kept while others follow. */
static const char *challenge(void)
{
    static char kept[sizeof rig.datagram];

    cr_assert_eq(strncmp(rig.datagram, "AUTH ", 5), 0);
    memcpy(kept, rig.datagram, sizeof kept);
    return kept;
}

static void expect_no_login(enum auth_dialect dialect, enum digest_kind kind)
{
    char text[PROOF_MAX];

    rig_init_locked(&rig, dialect, kind);
    cr_assert(ota_responder_init(&rig.responder, &rig.config));
    rig_invite(&rig, alice());
    cr_assert(rig_make_proof(challenge(), "open sesame!", kind, text));
    rig_datagram(&rig, alice(), text);
    rig_pass(&rig, OTA_PENALTY_FIRST_MS);
    cr_assert(is_sent_to(alice(), "Authentication Failed"));
    cr_assert_eq(rig.connects, 0);
    cr_assert_eq(rig.events[OTA_EVENT_REFUSED], 1);
}

static void expect_login(enum auth_dialect dialect, enum digest_kind kind, size_t digits)
{
    char text[PROOF_MAX];

    rig_init_locked(&rig, dialect, kind);
    cr_assert(ota_responder_init(&rig.responder, &rig.config));
    rig_invite(&rig, alice());
    cr_assert_eq(strlen(rig.datagram), 5 + digits);
    cr_assert_eq(rig.connects, 0);
    cr_assert(rig_make_proof(challenge(), RIG_PASSWORD, kind, text));
    rig_datagram(&rig, alice(), text);
    cr_assert(is_sent_to(alice(), "OK"));
    cr_assert_eq(rig.connects, 1);
    cr_assert_eq(rig.events[OTA_EVENT_AUTHENTICATED], 1);
}

Test(responder_proof, md5_dialect)
{
    expect_login(AUTH_MD5, DIGEST_MD5, 32);
    expect_no_login(AUTH_MD5, DIGEST_MD5);
}

Test(responder_proof, pbkdf2_dialect)
{
    expect_login(AUTH_PBKDF2, DIGEST_SHA256, 64);
    expect_no_login(AUTH_PBKDF2, DIGEST_SHA256);
}

Test(responder_proof, pbkdf2_dialect_over_a_stored_md5)
{
    expect_login(AUTH_PBKDF2, DIGEST_MD5, 64);
    expect_no_login(AUTH_PBKDF2, DIGEST_MD5);
}

Test(responder_proof, a_nonce_is_used_once)
{
    char text[PROOF_MAX];

    given_a_locked_device();
    rig_invite(&rig, alice());
    cr_assert(rig_make_proof(challenge(), RIG_PASSWORD, DIGEST_MD5, text));
    cr_assert(rig_prove(&rig, alice(), "wrong"));
    rig_pass(&rig, OTA_PENALTY_FIRST_MS);
    unsigned datagrams = rig.datagrams;
    rig_datagram(&rig, alice(), text);
    cr_assert_eq(rig.datagrams, datagrams, "a wrong proof has consumed it");

    rig_invite(&rig, alice());
    cr_assert(rig_make_proof(challenge(), RIG_PASSWORD, DIGEST_MD5, text));
    rig_datagram(&rig, alice(), text);
    cr_assert_eq(rig.connects, 1);
    ota_responder_on_closed(&rig.responder);
    rig_datagram(&rig, alice(), text);
    cr_assert_eq(rig.connects, 1, "and so has a right one");
}

Test(responder_proof, the_wait_for_the_proof_expires)
{
    given_a_locked_device();
    rig_invite(&rig, alice());
    cr_assert_eq(rig_pass(&rig, 0), OTA_PROOF_TIMEOUT_MS);
    cr_assert_eq(rig_pass(&rig, OTA_PROOF_TIMEOUT_MS - 1), 1);
    cr_assert_not(ota_responder_is_idle(&rig.responder));
    cr_assert_eq(rig_pass(&rig, 1), OTA_NEVER);
    cr_assert(ota_responder_is_idle(&rig.responder));

    rig_invite(&rig, alice());
    rig.now += OTA_PROOF_TIMEOUT_MS;
    cr_assert(rig_prove(&rig, alice(), RIG_PASSWORD));
    cr_assert_eq(rig.connects, 0, "also when nobody polled in time");
}

Test(responder_proof, a_proof_may_come_from_another_port_and_is_answered_there)
{
    given_a_locked_device();
    rig_invite(&rig, alice());
    cr_assert(rig_prove(&rig, rig_peer(1, 6000), RIG_PASSWORD));
    cr_assert(is_sent_to(rig_peer(1, 6000), "OK"));
    struct ota_address expected = rig_peer(1, 4711);
    cr_assert(ota_address_equal(&rig.connected_to, &expected));
}

Test(responder_proof, a_proof_from_another_address_is_ignored)
{
    given_a_locked_device();
    rig_invite(&rig, alice());
    cr_assert(rig_prove(&rig, bob(), RIG_PASSWORD));
    cr_assert(rig_prove(&rig, bob(), "wrong"));
    cr_assert_eq(rig.datagrams, 1);
    cr_assert(rig_prove(&rig, alice(), RIG_PASSWORD));
    cr_assert(is_sent_to(alice(), "OK"));
}

Test(responder_proof, wrong_proofs_are_answered_after_a_growing_delay)
{
    static const uint32_t delays[] = { 250, 500, 1000, 2000, 4000, 8000, 8000, 8000 };

    given_a_locked_device();
    for (size_t i = 0; i < sizeof delays / sizeof delays[0]; i++) {
        rig_invite(&rig, alice());
        cr_assert(rig_prove(&rig, rig_peer(1, 6000), "wrong"));
        unsigned datagrams = rig.datagrams;
        cr_assert_eq(rig_pass(&rig, 0), delays[i]);
        cr_assert_eq(rig_pass(&rig, delays[i] - 1), 1);
        cr_assert_eq(rig.datagrams, datagrams, "too soon at failure %zu", i + 1);
        cr_assert_eq(rig_pass(&rig, 1), OTA_PENALTY_DECAY_MS - delays[i]);
        cr_assert(ota_responder_is_idle(&rig.responder));
        cr_assert_eq(rig.datagrams, datagrams + 1);
        cr_assert(is_sent_to(rig_peer(1, 6000), "Authentication Failed"));
    }
    rig_invite(&rig, alice());
    cr_assert(rig_prove(&rig, alice(), RIG_PASSWORD));
    ota_responder_on_closed(&rig.responder);
    rig_invite(&rig, alice());
    cr_assert(rig_prove(&rig, alice(), "wrong"));
    cr_assert_eq(rig_pass(&rig, 0), delays[0], "a right one makes it short again");
}

/* The delay that the next wrong proof brings about; it is over afterwards. */
static uint32_t delay_of_failure(void)
{
    rig_invite(&rig, alice());
    cr_assert(rig_prove(&rig, alice(), "wrong"));
    uint32_t delay = rig_pass(&rig, 0);
    rig_pass(&rig, delay);
    cr_assert(ota_responder_is_idle(&rig.responder));
    return delay;
}

Test(responder_proof, wrong_proofs_are_forgotten_one_doubling_a_minute)
{
    given_a_locked_device();
    for (unsigned i = 0; i < 8; i++)
        (void)delay_of_failure();
    rig_pass(&rig, OTA_PENALTY_DECAY_MS - OTA_PENALTY_MAX_MS - 1);
    cr_assert_eq(delay_of_failure(), 8000, "not yet");
    rig_pass(&rig, OTA_PENALTY_DECAY_MS - OTA_PENALTY_MAX_MS);
    cr_assert_eq(delay_of_failure(), 4000, "one, and it counts again");
    rig_pass(&rig, 3 * OTA_PENALTY_DECAY_MS);
    cr_assert_eq(delay_of_failure(), 1000, "three");
    rig_pass(&rig, OTA_PENALTY_DECAY_MS - 1000);
    cr_assert_eq(delay_of_failure(), 1000, "an update, or nothing, may be between");
}

Test(responder_proof, wrong_proofs_stay_forgotten_when_the_clock_wraps)
{
    uint32_t start;

    given_a_locked_device();
    start = rig.now;
    for (unsigned i = 0; i < 8; i++)
        (void)delay_of_failure();
    uint64_t slept = 0;
    for (uint32_t next; (next = rig_pass(&rig, 0)) != OTA_NEVER; slept += next)
        rig.now += next;
    cr_assert_eq(slept, 5 * OTA_PENALTY_DECAY_MS - OTA_PENALTY_MAX_MS);
    cr_assert_lt(rig.now, start, "the clock has wrapped");
    rig_pass(&rig, 0x80000000u);
    cr_assert_eq(delay_of_failure(), OTA_PENALTY_FIRST_MS);
}

Test(responder_proof, while_the_delay_runs_datagrams_are_ignored)
{
    given_a_locked_device();
    rig_invite(&rig, alice());
    cr_assert(rig_prove(&rig, alice(), "wrong"));
    unsigned datagrams = rig.datagrams;
    rig_invite(&rig, alice());
    rig_invite(&rig, bob());
    cr_assert_eq(rig.datagrams, datagrams);
    rig_pass(&rig, OTA_PENALTY_FIRST_MS);
    rig_invite(&rig, bob());
    cr_assert(rig_prove(&rig, bob(), RIG_PASSWORD));
    cr_assert(is_sent_to(bob(), "OK"));
}
