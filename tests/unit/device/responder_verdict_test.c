#include "tests/unit/device/responder_rig.h"

#include <criterion/criterion.h>

static struct responder_rig rig;

static struct ota_address alice(void)
{
    return rig_peer(1, 5000);
}

/* Invited, connected, and about to receive. */
static void given_a_connection(void)
{
    rig_init(&rig);
    rig_invite(&rig, alice());
    rig_connected(&rig);
}

static void expect_idle_and_ready(void)
{
    unsigned connects = rig.connects;

    cr_assert_eq(rig.responder.state, OTA_RESPONDER_IDLE, "idle at once");
    cr_assert_not(ota_updater_is_running(&rig.updater));
    rig_invite(&rig, alice());
    cr_assert_str_eq(rig.datagram, "OK");
    cr_assert_eq(rig.connects, connects + 1);
}

Test(responder_verdict, counts_are_dropped_when_there_is_no_room_and_the_verdict_is_not)
{
    given_a_connection();
    rig.room = 6;
    rig_stream(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert_str_eq(rig.stream, "146014");
    cr_assert_eq(rig_staged(&rig), RIG_IMAGE_SIZE);
    cr_assert_eq(rig.events[OTA_EVENT_RESTART], 0);
    rig.room = 1;
    ota_responder_on_sendable(&rig.responder, rig.now);
    cr_assert_str_eq(rig.stream, "146014O");
    rig.room = 100;
    ota_responder_on_sendable(&rig.responder, rig.now);
    cr_assert_str_eq(rig.stream, "146014OK");
}

Test(responder_verdict, restarts_when_the_verdict_is_out_and_the_peer_has_closed)
{
    rig_init(&rig);
    rig_update(&rig);
    cr_assert_eq(rig.events[OTA_EVENT_RESTART], 0);
    ota_responder_on_closed(&rig.responder);
    cr_assert_eq(rig.events[OTA_EVENT_RESTART], 1);
    cr_assert_eq(rig.closes, 1);
}

Test(responder_verdict, restarts_a_second_after_the_verdict_when_the_peer_does_not_close)
{
    rig_init(&rig);
    rig_update(&rig);
    cr_assert_eq(rig_pass(&rig, OTA_LINGER_MS - 1), 1);
    cr_assert_eq(rig.events[OTA_EVENT_RESTART], 0);
    cr_assert_eq(rig_pass(&rig, 1), OTA_NEVER);
    cr_assert_eq(rig.events[OTA_EVENT_RESTART], 1);
    cr_assert_eq(rig.closes, 1);
}

Test(responder_verdict, restarts_even_when_nobody_takes_the_verdict)
{
    given_a_connection();
    rig.room = 0;
    rig_stream(&rig, 0, RIG_IMAGE_SIZE);
    rig_pass(&rig, OTA_RECEIVE_TIMEOUT_MS - 1);
    cr_assert_eq(rig.events[OTA_EVENT_RESTART], 0);
    rig_pass(&rig, 1);
    cr_assert_eq(rig.events[OTA_EVENT_RESTART], 1);

    given_a_connection();
    rig_stream(&rig, 0, RIG_IMAGE_SIZE - 1);
    rig.send_breaks = true;
    rig_stream(&rig, RIG_IMAGE_SIZE - 1, RIG_IMAGE_SIZE);
    cr_assert_eq(rig.events[OTA_EVENT_RESTART], 1);
    cr_assert_eq(rig_staged(&rig), RIG_IMAGE_SIZE);
}

Test(responder_verdict, is_silent_between_success_and_restart)
{
    rig_init(&rig);
    rig_update(&rig);
    unsigned datagrams = rig.datagrams;
    rig_invite(&rig, alice());
    rig_invite(&rig, rig_peer(2, 5000));
    ota_responder_on_closed(&rig.responder);
    rig_invite(&rig, alice());
    cr_assert_eq(rig.datagrams, datagrams);
    cr_assert_not(ota_responder_is_idle(&rig.responder));

    cr_assert(rig_restart(&rig));
    expect_idle_and_ready();
}

Test(responder_verdict, after_an_error_input_is_drained_until_the_peer_closes)
{
    given_a_connection();
    rig.image[0] = 0;
    rig_stream(&rig, 0, 1460);
    cr_assert_eq(ota_responder_on_stream(&rig.responder, rig.image, 9999, rig.now), 9999);
    cr_assert(rig.is_open);
    cr_assert_not(ota_responder_is_idle(&rig.responder));
    ota_responder_on_closed(&rig.responder);
    cr_assert_not(rig.is_open);
    cr_assert(ota_responder_is_idle(&rig.responder));
    cr_assert_eq(rig.events[OTA_EVENT_FAILED], 1);
    cr_assert_eq(rig.events[OTA_EVENT_RESTART], 0);
}

Test(responder_verdict, draining_ends_after_a_second)
{
    given_a_connection();
    rig.image[0] = 0;
    rig_stream(&rig, 0, 1460);
    cr_assert_eq(rig_pass(&rig, OTA_LINGER_MS - 1), 1);
    cr_assert(rig.is_open);
    cr_assert_eq(rig_pass(&rig, 1), OTA_NEVER);
    cr_assert_not(rig.is_open);
    cr_assert(ota_responder_is_idle(&rig.responder));
}

Test(responder_verdict, an_error_text_is_kept_until_there_is_room)
{
    given_a_connection();
    rig.image[0] = 0;
    rig.room = 5;
    rig_stream(&rig, 0, 1460);
    cr_assert_str_eq(rig.stream, "ERROR");
    rig_pass(&rig, 2 * OTA_LINGER_MS);
    rig.room = 100;
    ota_responder_on_sendable(&rig.responder, rig.now);
    cr_assert_str_eq(rig.stream, "ERROR[10]: Magic byte is not 0xE9\r\n");
    cr_assert_eq(rig_pass(&rig, 0), OTA_LINGER_MS);
}

Test(responder_verdict, a_new_update_while_the_failed_one_is_drained)
{
    given_a_connection();
    rig.image[0] = 0;
    rig_stream(&rig, 0, 1460);
    rig.image[0] = 0xE9;
    rig_invite(&rig, rig_peer(2, 5000));
    cr_assert_str_eq(rig.datagram, "OK");
    cr_assert_eq(rig.closes, 1, "the old connection made room");
    cr_assert(rig.is_open);
    rig_connected(&rig);
    rig_stream(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert_eq(rig_staged(&rig), RIG_IMAGE_SIZE);
}

Test(responder_verdict, an_invitation_that_is_refused_lets_the_draining_go_on)
{
    given_a_connection();
    rig.image[0] = 0;
    rig_stream(&rig, 0, 1460);
    rig_invite_for(&rig, alice(), PUSH_SKETCH, 0);
    cr_assert(rig.is_open);
    rig_pass(&rig, OTA_LINGER_MS);
    cr_assert_not(rig.is_open);
}
