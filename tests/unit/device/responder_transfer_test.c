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

Test(responder_transfer, a_whole_update)
{
    rig_init(&rig);
    rig_update(&rig);
    cr_assert_eq(rig_staged(&rig), RIG_IMAGE_SIZE);
    cr_assert_arr_eq(rig.cells + rig.layout.slot[1].offset, rig.image, RIG_IMAGE_SIZE);
    cr_assert(rig_ends_with(&rig, "OK"));
    cr_assert_eq(rig.events[OTA_EVENT_INVITED], 1);
    cr_assert_eq(rig.events[OTA_EVENT_CONNECTED], 1);
    cr_assert_eq(rig.events[OTA_EVENT_PROGRESS], 5);
    cr_assert_eq(rig.events[OTA_EVENT_UPDATED], 1);
    cr_assert_eq(rig.events[OTA_EVENT_FAILED], 0);
    cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
}

Test(responder_transfer, a_file_system)
{
    rig_init(&rig);
    rig.image[0] = 0;
    rig_invite_for(&rig, alice(), PUSH_FILESYSTEM, RIG_IMAGE_SIZE);
    rig_connected(&rig);
    rig_stream(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_ends_with(&rig, "OK"));
    cr_assert_eq(rig_staged(&rig), RIG_IMAGE_SIZE);
    cr_assert_eq(rig_record(&rig).pending, OTA_PENDING_FILESYSTEM);
}

Test(responder_transfer, every_chunk_is_acknowledged_by_its_length)
{
    given_a_connection();
    rig_stream(&rig, 0, 2920);
    cr_assert_str_eq(rig.stream, "14601460");
}

Test(responder_transfer, takes_no_more_than_the_buffer_holds_until_flash_has_worked)
{
    given_a_connection();
    cr_assert_eq(ota_responder_on_stream(&rig.responder, rig.image, 10000, rig.now), 4096);
    cr_assert_eq(ota_responder_on_stream(&rig.responder, rig.image + 4096, 5904, rig.now), 0);
    cr_assert_str_eq(rig.stream, "4096");
    while (ota_responder_poll(&rig.responder, rig.now) == 0)
        ;
    cr_assert_eq(ota_responder_on_stream(&rig.responder, rig.image + 4096, 5904, rig.now), 4096);
}

Test(responder_transfer, poll_does_one_operation_of_flash_at_most)
{
    size_t at = 0;

    given_a_connection();
    while (rig.responder.state == OTA_RESPONDER_RECEIVING) {
        at += ota_responder_on_stream(&rig.responder, rig.image + at, RIG_IMAGE_SIZE - at, rig.now);
        uint64_t before = rig_operations(&rig);
        ota_responder_poll(&rig.responder, rig.now);
        cr_assert_leq(rig_operations(&rig) - before, 1);
    }
    cr_assert_eq(rig_staged(&rig), RIG_IMAGE_SIZE);
}

Test(responder_transfer, bytes_beyond_the_size_are_ignored)
{
    rig_init(&rig);
    rig_invite(&rig, alice());
    rig_connected(&rig);
    rig_stream(&rig, 0, 20000);
    cr_assert_eq(ota_responder_on_stream(&rig.responder, rig.image + 20000, 1001, rig.now), 1001);
    cr_assert_eq(ota_responder_on_stream(&rig.responder, rig.image, 500, rig.now), 500);
    rig_pass(&rig, 0);
    cr_assert(rig_ends_with(&rig, "1OK"));
    cr_assert_eq(ota_responder_on_stream(&rig.responder, rig.image, 500, rig.now), 500);
    cr_assert_eq(rig_staged(&rig), RIG_IMAGE_SIZE);
}

Test(responder_transfer, a_wrong_digest_is_told_with_its_stock_text)
{
    given_a_connection();
    rig.image[15000] ^= 1;
    rig_stream(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(strstr(rig.stream, "ERROR[7]: MD5 verification failed: expected: "));
    cr_assert(rig_ends_with(&rig, "\r\n"));
    cr_assert_eq(rig.event.stage, OTA_STAGE_END);
    cr_assert_eq(rig.event.error, OTA_ERROR_MD5);
    cr_assert_eq(strncmp(rig.event_text, "MD5 verification failed: expected: ", 35), 0);
    cr_assert_null(strchr(rig.event_text, '\r'));
    cr_assert_eq(rig_staged(&rig), 0);
    expect_idle_and_ready();
}

Test(responder_transfer, an_image_for_another_chip_is_told_at_its_header)
{
    given_a_connection();
    sketch_esp32(rig.image, 1000, 0);
    cr_assert_eq(ota_responder_on_stream(&rig.responder, rig.image, 23, rig.now), 23);
    cr_assert_str_eq(rig.stream, "23");
    cr_assert_eq(ota_responder_on_stream(&rig.responder, rig.image + 23, 500, rig.now), 500);
    cr_assert_str_eq(rig.stream, "23ERROR[10]: Image is for another chip\r\n");
    cr_assert_eq(rig.event.stage, OTA_STAGE_RECEIVE);
    cr_assert_eq(rig.nor.counts.erases, 0);
    expect_idle_and_ready();
}

Test(responder_transfer, flash_that_fails_is_told_at_once)
{
    given_a_connection();
    rig.nor.fail_write = 2;
    rig_stream(&rig, 0, 10000);
    cr_assert(rig_ends_with(&rig, "ERROR[1]: Flash Write Failed\r\n"));
    expect_idle_and_ready();
}

Test(responder_transfer, a_peer_that_stops_is_given_up)
{
    given_a_connection();
    rig_stream(&rig, 0, 1460);
    cr_assert_eq(rig_pass(&rig, OTA_RECEIVE_TIMEOUT_MS - 1), 1);
    rig_stream(&rig, 1460, 2000);
    cr_assert_eq(rig_pass(&rig, OTA_RECEIVE_TIMEOUT_MS - 1), 1);
    rig_pass(&rig, 1);
    cr_assert(rig_ends_with(&rig, "ERROR[6]: Stream Read Timeout\r\n"));
    cr_assert_eq(rig.event.kind, OTA_EVENT_FAILED);
    cr_assert_eq(rig.event.stage, OTA_STAGE_RECEIVE);
    cr_assert_eq(rig.event.error, OTA_ERROR_STREAM);
    expect_idle_and_ready();
}

Test(responder_transfer, a_peer_that_never_sends_a_byte_is_given_up)
{
    given_a_connection();
    rig_pass(&rig, OTA_RECEIVE_TIMEOUT_MS);
    cr_assert_str_eq(rig.stream, "ERROR[6]: Stream Read Timeout\r\n");
    expect_idle_and_ready();
}

Test(responder_transfer, time_that_flash_takes_is_not_the_peers)
{
    given_a_connection();
    cr_assert_eq(ota_responder_on_stream(&rig.responder, rig.image, 4096, rig.now), 4096);
    for (unsigned i = 0; i < 3; i++) {
        rig.now += OTA_RECEIVE_TIMEOUT_MS;
        cr_assert_eq(ota_responder_poll(&rig.responder, rig.now), 0);
    }
    while (ota_responder_poll(&rig.responder, rig.now) == 0)
        ;
    rig_stream(&rig, 4096, RIG_IMAGE_SIZE);
    cr_assert(rig_ends_with(&rig, "OK"));
}

/* Poll with a clock that an operation of flash advances, until there is nothing to do at once. */
static void work_slowly(uint32_t ms)
{
    uint32_t next;

    do {
        uint64_t before = rig.nor.operations;
        next = ota_responder_poll(&rig.responder, rig.now);
        if (rig.nor.operations > before)
            rig.now += ms;
    } while (next == 0);
}

Test(responder_transfer, the_peers_time_begins_when_flash_has_done_all_it_can)
{
    given_a_connection();
    cr_assert_eq(ota_responder_on_stream(&rig.responder, rig.image, 4096, rig.now), 4096);
    work_slowly(OTA_RECEIVE_TIMEOUT_MS + 1);
    cr_assert_geq(rig.nor.counts.erases, 5, "and all of the image's place is erased ahead");
    cr_assert_eq(rig_pass(&rig, 0), OTA_RECEIVE_TIMEOUT_MS);
    cr_assert_eq(rig_pass(&rig, OTA_RECEIVE_TIMEOUT_MS - 1), 1);
    cr_assert_eq(rig.responder.state, OTA_RESPONDER_RECEIVING);
    rig_pass(&rig, 1);
    cr_assert(rig_ends_with(&rig, "ERROR[6]: Stream Read Timeout\r\n"));
}

Test(responder_transfer, a_datagram_during_long_work_does_not_end_it)
{
    given_a_connection();
    cr_assert_eq(ota_responder_on_stream(&rig.responder, rig.image, 4096, rig.now), 4096);
    for (uint64_t erases = 0; erases < 5; erases = rig.nor.counts.erases) {
        cr_assert_eq(ota_responder_poll(&rig.responder, rig.now), 0);
        rig.now += OTA_RECEIVE_TIMEOUT_MS;
        rig_invite(&rig, rig_peer(2, 5000));
        cr_assert_eq(rig.responder.state, OTA_RESPONDER_RECEIVING);
    }
    rig_stream(&rig, 4096, RIG_IMAGE_SIZE);
    cr_assert(rig_ends_with(&rig, "OK"));
}

Test(responder_transfer, progress_is_what_is_verified)
{
    given_a_connection();
    cr_assert_eq(ota_responder_on_stream(&rig.responder, rig.image, 4096, rig.now), 4096);
    while (rig.updater.phase != OTA_UPDATER_FILL) {
        cr_assert_eq(rig.events[OTA_EVENT_PROGRESS], 0);
        cr_assert_eq(ota_responder_poll(&rig.responder, rig.now), 0);
    }
    cr_assert_eq(rig.events[OTA_EVENT_PROGRESS], 1);
    cr_assert_eq(rig.event.done, 4096);
    cr_assert_eq(rig.event.total, RIG_IMAGE_SIZE);
    rig_pass(&rig, 0);
    cr_assert_eq(rig.events[OTA_EVENT_PROGRESS], 1, "to erase ahead is none");
}

Test(responder_transfer, the_running_sketch_again)
{
    rig_init(&rig);
    rig_update(&rig);
    cr_assert(rig_restart(&rig));
    uint64_t operations = rig.nor.operations;
    rig_update(&rig);
    cr_assert(rig_ends_with(&rig, "OK"));
    cr_assert_eq(rig.events[OTA_EVENT_UPDATED], 2);
    cr_assert_eq(rig.nor.operations, operations, "nothing was written");
}

Test(responder_transfer, a_sketch_on_trial_is_not_replaced)
{
    struct ota_record record;

    rig_init(&rig);
    rig_update(&rig);
    record = rig_record(&rig);
    cr_assert_eq(ota_record_set_mark(&record, OTA_MARK_BOOT), OTA_OK);
    ota_updater_init(&rig.updater, &rig.updater_config);
    cr_assert(ota_responder_init(&rig.responder, &rig.config));
    rig_invite(&rig, alice());
    cr_assert_str_eq(rig.datagram, "ERR: ERROR[11]: The sketch is on trial: confirm it");
}

Test(responder_transfer, timeouts_can_be_chosen)
{
    rig_init(&rig);
    rig.config.receive_timeout_ms = 300;
    rig.config.linger_ms = 20;
    rig.config.connect_timeout_ms = 70;
    rig_invite(&rig, alice());
    cr_assert_eq(rig_pass(&rig, 0), 70);
    rig_connected(&rig);
    cr_assert_eq(rig_pass(&rig, 0), 300);
    rig_pass(&rig, 300);
    cr_assert_eq(rig_pass(&rig, 0), 20);
}

Test(responder_transfer, a_peer_that_closes_early_aborts_the_update)
{
    given_a_connection();
    rig_stream(&rig, 0, RIG_IMAGE_SIZE - 1);
    ota_responder_on_closed(&rig.responder);
    cr_assert_eq(rig.event.kind, OTA_EVENT_FAILED);
    cr_assert_eq(rig.event.stage, OTA_STAGE_RECEIVE);
    cr_assert_eq(rig.event.error, OTA_OK);
    cr_assert_eq(rig_staged(&rig), 0);
    cr_assert_not(rig.is_open);
    cr_assert(ota_responder_is_idle(&rig.responder));
    expect_idle_and_ready();
}

Test(responder_transfer, a_peer_that_closes_after_the_last_byte_does_not_stop_the_update)
{
    given_a_connection();
    rig_stream(&rig, 0, 20000);
    cr_assert_eq(ota_responder_on_stream(&rig.responder, rig.image + 20000, 1, rig.now), 1);
    ota_responder_on_closed(&rig.responder);
    cr_assert(rig.is_open, "it may have closed one way only");
    rig_pass(&rig, 0);
    cr_assert(rig_ends_with(&rig, "OK"));
    cr_assert_eq(rig_staged(&rig), RIG_IMAGE_SIZE);
    cr_assert_not(rig.is_open);
    cr_assert_eq(rig.events[OTA_EVENT_RESTART], 1);
}

Test(responder_transfer, a_connection_that_cannot_be_made)
{
    rig_init(&rig);
    rig.connect_fails = true;
    rig_invite(&rig, alice());
    cr_assert_eq(rig.event.kind, OTA_EVENT_FAILED);
    cr_assert_eq(rig.event.stage, OTA_STAGE_CONNECT);
    cr_assert(ota_responder_is_idle(&rig.responder));
    rig.connect_fails = false;
    rig_invite(&rig, alice());
    ota_responder_on_closed(&rig.responder);
    cr_assert_eq(rig.events[OTA_EVENT_FAILED], 2);
    cr_assert_not(rig.is_open);
    expect_idle_and_ready();
}

Test(responder_transfer, a_connection_that_takes_too_long)
{
    rig_init(&rig);
    rig_invite(&rig, alice());
    cr_assert_eq(rig_pass(&rig, OTA_CONNECT_TIMEOUT_MS - 1), 1);
    cr_assert_eq(rig_pass(&rig, 1), OTA_NEVER);
    cr_assert_eq(rig.event.stage, OTA_STAGE_CONNECT);
    cr_assert_not(rig.is_open);
    rig_connected(&rig);
    cr_assert(ota_responder_is_idle(&rig.responder), "too late");
    expect_idle_and_ready();
}

Test(responder_transfer, an_updater_that_the_application_uses_is_busy)
{
    rig_init(&rig);
    cr_assert_eq(ota_updater_begin(&rig.updater, 100, OTA_FILESYSTEM), OTA_OK);
    rig_invite(&rig, alice());
    cr_assert_str_eq(rig.datagram, "ERR: ERROR[15]: Update already running");
    cr_assert(ota_responder_is_idle(&rig.responder));
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, 100), 100, "and not disturbed");
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_OK);
}

Test(responder_transfer, an_update_that_the_application_aborts_is_no_success)
{
    given_a_connection();
    rig_stream(&rig, 0, 5000);
    ota_updater_abort(&rig.updater, OTA_OK);
    rig_pass(&rig, 0);
    cr_assert(rig_ends_with(&rig, "ERROR[0]: Aborted\r\n"));
    cr_assert_eq(rig.events[OTA_EVENT_UPDATED], 0);
    expect_idle_and_ready();
}
