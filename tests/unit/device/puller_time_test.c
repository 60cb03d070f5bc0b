#include "tests/unit/device/puller_rig.h"

#include <criterion/criterion.h>

static struct puller_rig rig;

static void setup(void)
{
    rig_init(&rig);
    rig.config.retries = 0;
}

TestSuite(puller_time, .init = setup);

Test(puller_time, a_connection_must_be_made_in_time)
{
    cr_assert(ota_puller_start(&rig.puller, RIG_URL, OTA_SKETCH, rig.now));
    cr_assert_eq(rig_pass(&rig, 0), OTA_PULL_CONNECT_TIMEOUT_MS);
    cr_assert_eq(rig_pass(&rig, OTA_PULL_CONNECT_TIMEOUT_MS - 1), 1);
    cr_assert(rig.is_open);
    rig_pass(&rig, 1);
    cr_assert(rig_has_failed(&rig, OTA_PULL_NOT_CONNECTED));
}

Test(puller_time, a_connection_that_cannot_be_made_is_told_at_once)
{
    cr_assert(ota_puller_start(&rig.puller, RIG_URL, OTA_SKETCH, rig.now));
    rig_pass(&rig, 0);
    ota_puller_on_closed(&rig.puller, rig.now);
    cr_assert(rig_has_failed(&rig, OTA_PULL_NOT_CONNECTED));
    cr_assert_eq(rig.closes, 1);
}

Test(puller_time, a_request_must_go_out_in_time)
{
    rig.room = 10;
    rig_ask(&rig);
    cr_assert_eq(rig_pass(&rig, OTA_PULL_HEADER_TIMEOUT_MS - 1), 1);
    rig_pass(&rig, 1);
    cr_assert(rig_has_failed(&rig, OTA_PULL_TIMEOUT));
}

Test(puller_time, a_request_that_breaks_is_told)
{
    rig.room = 10;
    rig_ask(&rig);
    rig.send_breaks = true;
    ota_puller_on_sendable(&rig.puller, rig.now);
    cr_assert(rig_has_failed(&rig, OTA_PULL_SEND_FAILED));
    rig.send_breaks = false;
    rig.room = 10;
    rig_ask(&rig);
    ota_puller_on_closed(&rig.puller, rig.now);
    cr_assert(rig_has_failed(&rig, OTA_PULL_SEND_FAILED));
}

Test(puller_time, a_port_that_claims_too_much_is_not_believed)
{
    rig.send_boasts = true;
    rig_ask(&rig);
    cr_assert(rig_has_failed(&rig, OTA_PULL_SEND_FAILED));
}

Test(puller_time, silence_instead_of_an_answer_has_a_limit)
{
    rig_ask(&rig);
    cr_assert_eq(rig_pass(&rig, OTA_PULL_HEADER_TIMEOUT_MS - 1), 1);
    rig_pass(&rig, 1);
    cr_assert(rig_has_failed(&rig, OTA_PULL_TIMEOUT));
}

/* However busy it seems. */
Test(puller_time, a_header_that_trickles_has_the_same_limit)
{
    uint32_t begin;

    rig_ask(&rig);
    begin = rig.now;
    rig_say(&rig, "HTTP/1.1 200 OK\r\nSlow: ");
    while (rig.is_open) {
        rig_say(&rig, "x");
        rig_pass(&rig, 100);
    }
    cr_assert(rig_has_failed(&rig, OTA_PULL_TIMEOUT));
    cr_assert_eq(rig.now - begin, OTA_PULL_HEADER_TIMEOUT_MS);
}

Test(puller_time, silence_inside_the_image_has_a_limit)
{
    rig_ask(&rig);
    rig_offer(&rig);
    for (unsigned i = 0; i < 10; i++) {
        rig_image(&rig, i * 100, i * 100 + 100);
        cr_assert_eq(rig_pass(&rig, OTA_PULL_RECEIVE_TIMEOUT_MS - 1), 1);
    }
    rig_pass(&rig, 1);
    cr_assert(rig_has_failed(&rig, OTA_PULL_TIMEOUT));
}

Test(puller_time, silence_inside_the_image_is_a_break)
{
    rig.config.retries = 1;
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, 100);
    rig_pass(&rig, OTA_PULL_RECEIVE_TIMEOUT_MS);
    cr_assert_eq(rig.event.kind, OTA_PULL_EVENT_BROKEN);
    cr_assert_eq(rig.event.error, OTA_PULL_TIMEOUT);
    cr_assert_not(rig.is_open);
    rig_retry(&rig, OTA_PULL_RETRY_MS);
    cr_assert(rig_has_line(&rig, "Range: bytes=100-"));
}

/* A device whose flash is busy does not take bytes, so nobody can be blamed that none come. */
Test(puller_time, the_time_that_flash_takes_is_not_the_servers)
{
    rig_ask(&rig);
    rig_offer(&rig);
    cr_assert_eq(ota_puller_on_stream(&rig.puller, rig.image, 4096, rig.now), 4096);
    for (uint32_t next = 0; next == 0;) {
        next = ota_puller_poll(&rig.puller, rig.now);
        cr_assert(rig.is_open);
        rig.now += 2 * OTA_PULL_RECEIVE_TIMEOUT_MS;
        if (next != 0)
            rig.now -= 2 * OTA_PULL_RECEIVE_TIMEOUT_MS;
    }
    cr_assert(rig.is_open);
    cr_assert_eq(rig_pass(&rig, 0), OTA_PULL_RECEIVE_TIMEOUT_MS);
}

Test(puller_time, all_of_it_has_a_limit)
{
    uint32_t begin = rig.now;
    size_t at = 0;

    rig_ask(&rig);
    rig_offer(&rig);
    while (rig.is_open) {
        rig_image(&rig, at, at + 1);
        at++;
        rig_pass(&rig, 5000);
    }
    cr_assert(rig_has_failed(&rig, OTA_PULL_TIMEOUT));
    cr_assert_eq(rig.now - begin, OTA_PULL_LIMIT_MS);
}

Test(puller_time, the_limit_holds_between_attempts_too)
{
    rig.config.retries = 255;
    rig.config.limit_ms = 100000;
    uint32_t begin = rig.now;
    rig_ask(&rig);
    rig_offer(&rig);
    rig.connect_fails = true;
    rig_close_by_server(&rig);
    while (!ota_puller_is_idle(&rig.puller)) {
        uint32_t next = rig_pass(&rig, 0);
        cr_assert_neq(next, OTA_PULL_NEVER);
        rig_pass(&rig, next);
    }
    cr_assert(rig_has_failed(&rig, OTA_PULL_TIMEOUT));
    cr_assert_eq(rig.now - begin, 100000);
    cr_assert(rig.events[OTA_PULL_EVENT_BROKEN] < 10);
}

/* What has come whole is worth more than punctuality. */
Test(puller_time, a_whole_image_is_written_after_the_limit)
{
    const uint8_t *at = rig.image;
    size_t left = RIG_IMAGE_SIZE;

    rig_ask(&rig);
    rig_offer(&rig);
    while (left > 0) {
        size_t taken = ota_puller_on_stream(&rig.puller, at, left, rig.now);
        at += taken;
        left -= taken;
        if (left > 0)
            ota_puller_poll(&rig.puller, rig.now);
    }
    cr_assert_not(rig.is_open);
    cr_assert_eq(ota_puller_poll(&rig.puller, rig.now), 0);
    rig_pass(&rig, OTA_PULL_LIMIT_MS + 1);
    cr_assert(rig_is_updated(&rig));
}

Test(puller_time, every_limit_can_be_configured)
{
    rig.config.connect_timeout_ms = 11;
    rig.config.header_timeout_ms = 22;
    rig.config.receive_timeout_ms = 33;
    cr_assert(ota_puller_start(&rig.puller, RIG_URL, OTA_SKETCH, rig.now));
    cr_assert_eq(rig_pass(&rig, 0), 11);
    rig_connected(&rig);
    cr_assert_eq(rig_pass(&rig, 0), 22);
    rig_offer(&rig);
    cr_assert_eq(rig_pass(&rig, 0), 33);
    rig_pass(&rig, 33);
    cr_assert(rig_has_failed(&rig, OTA_PULL_TIMEOUT));
}

/* A port may deliver before it polls. */
Test(puller_time, what_comes_too_late_is_too_late)
{
    cr_assert(ota_puller_start(&rig.puller, RIG_URL, OTA_SKETCH, rig.now));
    rig_pass(&rig, 0);
    rig.now += OTA_PULL_CONNECT_TIMEOUT_MS;
    ota_puller_on_connected(&rig.puller, rig.now);
    cr_assert(rig_has_failed(&rig, OTA_PULL_NOT_CONNECTED));
}
