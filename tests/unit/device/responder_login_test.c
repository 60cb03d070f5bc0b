#include "tests/unit/device/responder_rig.h"

#include <criterion/criterion.h>

static struct responder_rig rig;

#define BUSY "ERR: ERROR[15]: Update already running"

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

Test(responder_login, without_password_accepts_and_connects_to_the_inviter_and_its_port_only)
{
    rig_init(&rig);
    rig_invite(&rig, alice());
    cr_assert(is_sent_to(alice(), "OK"));
    struct ota_address expected = rig_peer(1, 4711);
    cr_assert(ota_address_equal(&rig.connected_to, &expected));
    cr_assert_eq(rig.connects, 1);
    cr_assert_eq(rig.randoms, 0);
}

Test(responder_login, every_challenge_has_a_nonce_of_its_own)
{
    char first[sizeof rig.datagram];

    given_a_locked_device();
    rig_invite(&rig, alice());
    memcpy(first, challenge(), sizeof first);
    rig_pass(&rig, OTA_PROOF_TIMEOUT_MS);
    rig_invite(&rig, alice());
    cr_assert_str_neq(challenge(), first);
}

Test(responder_login, a_repeated_invitation_gets_the_same_challenge)
{
    char first[sizeof rig.datagram];

    given_a_locked_device();
    rig_invite(&rig, alice());
    memcpy(first, challenge(), sizeof first);
    rig_pass(&rig, 3000);
    rig_invite(&rig, alice());
    cr_assert_eq(rig.datagrams, 2);
    cr_assert_str_eq(challenge(), first);
    cr_assert_eq(rig.events[OTA_EVENT_INVITED], 1);
    cr_assert(rig_prove(&rig, alice(), RIG_PASSWORD));
    cr_assert(is_sent_to(alice(), "OK"));
}

Test(responder_login, another_invitation_of_the_same_peer_gets_another_challenge)
{
    char first[sizeof rig.datagram];

    given_a_locked_device();
    rig_invite(&rig, alice());
    memcpy(first, challenge(), sizeof first);
    rig_invite_for(&rig, alice(), PUSH_SKETCH, 5000);
    cr_assert_str_neq(challenge(), first);
}

/* Two uploads at once: an address of its own, or another port of the same, is another peer. */
static void expect_held_against(struct ota_address other)
{
    char text[PROOF_MAX];

    given_a_locked_device();
    rig_invite(&rig, alice());
    cr_assert(rig_make_proof(challenge(), RIG_PASSWORD, DIGEST_MD5, text));
    rig_invite(&rig, other);
    rig_pass(&rig, OTA_CHALLENGE_HOLD_MS - 1);
    rig_invite(&rig, other);
    cr_assert_eq(rig.datagrams, 1, "the other one is ignored");
    cr_assert_eq(rig.events[OTA_EVENT_INVITED], 1);
    rig_datagram(&rig, alice(), text);
    cr_assert(is_sent_to(alice(), "OK"));
    rig_invite(&rig, other);
    cr_assert(is_sent_to(other, BUSY), "it repeats itself, and is told");
    cr_assert_eq(rig.events[OTA_EVENT_REFUSED], 1);
}

Test(responder_login, a_fresh_challenge_is_not_taken_over_by_another_peer)
{
    expect_held_against(bob());
    expect_held_against(rig_peer(1, 5001));
}

Test(responder_login, a_repeated_invitation_does_not_hold_its_challenge_for_longer)
{
    given_a_locked_device();
    rig_invite(&rig, alice());
    rig_pass(&rig, OTA_CHALLENGE_HOLD_MS - 1);
    rig_invite(&rig, alice());
    rig_pass(&rig, 1);
    rig_invite(&rig, bob());
    cr_assert_eq(rig.events[OTA_EVENT_INVITED], 2);
    cr_assert_eq(rig.datagram_to.bytes[3], 2);
}

Test(responder_login, a_challenge_that_was_not_answered_soon_is_replaced_by_another_peers)
{
    char text[PROOF_MAX];

    given_a_locked_device();
    rig_invite(&rig, alice());
    cr_assert(rig_make_proof(challenge(), RIG_PASSWORD, DIGEST_MD5, text));
    rig_pass(&rig, OTA_CHALLENGE_HOLD_MS);
    rig_invite(&rig, bob());
    cr_assert_eq(rig.datagram_to.bytes[3], 2);
    rig_datagram(&rig, alice(), text);
    cr_assert_eq(rig.connects, 0, "the old proof is not even looked at");
    cr_assert_eq(rig.events[OTA_EVENT_REFUSED], 0);
    cr_assert(rig_prove(&rig, bob(), RIG_PASSWORD));
    cr_assert(is_sent_to(bob(), "OK"));
    cr_assert_eq(rig.connected_to.bytes[3], 2);
}

static const char *const malformed[] = {
    "",
    "\n",
    "hello",
    "0",
    "0 4711",
    "0 4711 100",
    "0 4711 100 d41d8cd98f00b204e9800998ecf8427\n",
    "0 4711 100 d41d8cd98f00b204e9800998ecf8427ee\n",
    "0 0 100 d41d8cd98f00b204e9800998ecf8427e\n",
    "0 65536 100 d41d8cd98f00b204e9800998ecf8427e\n",
    "0 4711 99999999999999999999 d41d8cd98f00b204e9800998ecf8427e\n",
    "-1 4711 100 d41d8cd98f00b204e9800998ecf8427e\n",
    "200 4711 100 d41d8cd98f00b204e9800998ecf8427e\n",
    "200 \n",
    "200 abc def\n",
    "200 d41d8cd98f00b204e9800998ecf8427e\n",
    "200 d41d8cd98f00b204e9800998ecf8427e d41d8cd98f00b204e9800998ecf842\n",
    "200 d41d8cd98f00b204e9800998ecf8427g d41d8cd98f00b204e9800998ecf8427e\n",
};

static void send_malformed(void)
{
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        rig_datagram(&rig, alice(), malformed[i]);
        rig_datagram(&rig, bob(), malformed[i]);
    }
}

Test(responder_login, malformed_datagrams_are_ignored_and_change_nothing)
{
    given_a_locked_device();
    send_malformed();
    cr_assert_eq(rig.datagrams, 0);
    cr_assert(ota_responder_is_idle(&rig.responder));
    rig_invite(&rig, alice());
    send_malformed();
    cr_assert_eq(rig.datagrams, 1);
    cr_assert(rig_prove(&rig, alice(), RIG_PASSWORD));
    cr_assert(is_sent_to(alice(), "OK"));
    send_malformed();
    cr_assert_eq(rig.datagrams, 2);
    rig_connected(&rig);
    send_malformed();
    rig_stream(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_ends_with(&rig, "OK"));
    cr_assert_eq(rig.datagrams, 2);
}

Test(responder_login, unknown_commands_get_silence)
{
    given_a_locked_device();
    rig_invite_for(&rig, alice(), 1, 100);
    rig_invite_for(&rig, alice(), 101, 100);
    rig_invite_for(&rig, alice(), 200, 100);
    rig_invite_for(&rig, alice(), UINT32_MAX, 100);
    cr_assert_eq(rig.datagrams, 0);
    cr_assert_eq(rig.events[OTA_EVENT_INVITED], 0);
}

Test(responder_login, what_follows_the_first_line_is_ignored)
{
    rig_init(&rig);
    rig_datagram(&rig, alice(), "0 4711 100 d41d8cd98f00b204e9800998ecf8427e\nmore=to come\n");
    cr_assert(is_sent_to(alice(), "OK"));
}

static void expect_busy(struct ota_address peer)
{
    rig_invite(&rig, peer);
    cr_assert(is_sent_to(peer, BUSY));
    rig_invite_for(&rig, peer, PUSH_FILESYSTEM, 100);
    cr_assert(is_sent_to(peer, BUSY));
}

Test(responder_login, a_second_peer_during_an_update_is_told_so)
{
    rig_init(&rig);
    rig_invite(&rig, alice());
    expect_busy(bob());
    expect_busy(rig_peer(1, 5001));
    rig_connected(&rig);
    rig_stream(&rig, 0, 10000);
    expect_busy(bob());
    expect_busy(rig_peer(1, 5001));
    cr_assert_eq(rig.events[OTA_EVENT_REFUSED], 8);
    cr_assert_eq(rig.event.error, OTA_ERROR_RUNNING);
    rig_stream(&rig, 10000, RIG_IMAGE_SIZE);
    cr_assert(rig_ends_with(&rig, "OK"), "the update was not disturbed");
    cr_assert_eq(rig.connects, 1);
}

Test(responder_login, the_inviter_repeating_itself_while_we_connect_gets_ok_again)
{
    rig_init(&rig);
    rig_invite(&rig, alice());
    rig_invite(&rig, alice());
    cr_assert_eq(rig.datagrams, 2);
    cr_assert(is_sent_to(alice(), "OK"));
    cr_assert_eq(rig.connects, 1);
    cr_assert_eq(rig.events[OTA_EVENT_INVITED], 1);
    rig_invite_for(&rig, alice(), PUSH_SKETCH, 5000);
    cr_assert(is_sent_to(alice(), BUSY), "but not with another invitation");
    rig_connected(&rig);
    unsigned datagrams = rig.datagrams;
    rig_invite(&rig, alice());
    cr_assert_eq(rig.datagrams, datagrams, "the connection is the answer");
}

Test(responder_login, what_the_updater_refuses_is_refused_by_datagram)
{
    static const struct {
        uint64_t size;
        const char *answer;
    } cases[] = {
        { 0, "ERR: ERROR[5]: Bad Size Given" },
        { RIG_FLASH_SIZE / 2, "ERR: ERROR[4]: Not Enough Space" },
        { UINT32_MAX, "ERR: ERROR[4]: Not Enough Space" },
        { 1ull << 32, "ERR: ERROR[4]: Not Enough Space" },
        { (1ull << 32) + 100, "ERR: ERROR[4]: Not Enough Space" },
        { UINT64_MAX, "ERR: ERROR[4]: Not Enough Space" },
    };

    given_a_locked_device();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rig_invite_for(&rig, alice(), PUSH_SKETCH, cases[i].size);
        cr_assert(rig_prove(&rig, alice(), RIG_PASSWORD));
        cr_assert(is_sent_to(alice(), cases[i].answer), "%s", rig.datagram);
        cr_assert(ota_responder_is_idle(&rig.responder), "idle at once");
        cr_assert_eq(rig.event.kind, OTA_EVENT_FAILED);
        cr_assert_eq(rig.event.stage, OTA_STAGE_BEGIN);
        cr_assert_str_eq(rig.event_text, strstr(cases[i].answer, "]: ") + 3);
    }
    cr_assert_eq(rig.connects, 0);
}

Test(responder_login, without_randomness_nobody_logs_in)
{
    given_a_locked_device();
    rig.random_fails = true;
    rig_invite(&rig, alice());
    cr_assert_eq(rig.datagrams, 0);
    cr_assert(ota_responder_is_idle(&rig.responder));
    rig.random_fails = false;
    rig_invite(&rig, alice());
    cr_assert(rig_prove(&rig, alice(), RIG_PASSWORD));
    cr_assert(is_sent_to(alice(), "OK"));
}

Test(responder_login, a_contradictory_configuration_is_refused)
{
    given_a_locked_device();
    rig.config.random = NULL;
    cr_assert_not(ota_responder_init(&rig.responder, &rig.config));
    rig_init_locked(&rig, AUTH_MD5, DIGEST_SHA256);
    cr_assert_not(ota_responder_init(&rig.responder, &rig.config));
    rig_init_locked(&rig, AUTH_MD5, DIGEST_MD5);
    rig.password.text[31] = '\0';
    cr_assert_not(ota_responder_init(&rig.responder, &rig.config));
    rig.password.text[31] = 'x';
    cr_assert_not(ota_responder_init(&rig.responder, &rig.config));
    memset(rig.password.text, 'a', sizeof rig.password.text);
    cr_assert_not(ota_responder_init(&rig.responder, &rig.config));
    rig_init(&rig);
    rig.config.updater = NULL;
    cr_assert_not(ota_responder_init(&rig.responder, &rig.config));
    rig_init(&rig);
    rig.config.random = NULL;
    cr_assert(ota_responder_init(&rig.responder, &rig.config), "no password, no randomness");
}
