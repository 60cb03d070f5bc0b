#include "tests/unit/device/puller_rig.h"

#include <criterion/criterion.h>

static struct puller_rig rig;

static void setup(void)
{
    rig_init(&rig);
}

TestSuite(puller, .init = setup);

Test(puller, asks_and_installs_what_is_offered)
{
    rig_ask(&rig);
    cr_assert_str_eq(rig.host, "192.0.2.1");
    cr_assert_eq(rig.port, 8080);
    cr_assert_not(rig.tls);
    rig_offer(&rig);
    cr_assert_eq(rig.event.kind, OTA_PULL_EVENT_OFFERED);
    cr_assert_eq(rig.event.done, 0);
    cr_assert_eq(rig.event.total, RIG_IMAGE_SIZE);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
    cr_assert_str_eq(ota_puller_offered_version(&rig.puller), "DOOR-8");
    cr_assert_eq(rig.event.kind, OTA_PULL_EVENT_DONE);
    cr_assert_eq(rig.event.result, OTA_PULL_OK);
    cr_assert_str_eq(rig.event_text, "No Error");
    cr_assert_eq(rig.events[OTA_PULL_EVENT_ASKING], 1);
    cr_assert_eq(rig.events[OTA_PULL_EVENT_OFFERED], 1);
    cr_assert_eq(rig.events[OTA_PULL_EVENT_PROGRESS], (RIG_IMAGE_SIZE + 4095) / 4096);
    cr_assert_eq(rig.events[OTA_PULL_EVENT_DONE], 1);
    cr_assert_eq(rig.closes, 1);
    cr_assert(rig_restart(&rig));
    cr_assert_eq(rig_record(&rig).slot[rig_record(&rig).active].size, RIG_IMAGE_SIZE);
}

Test(puller, does_one_operation_of_flash_at_a_time)
{
    const uint8_t *at = rig.image;
    size_t left = RIG_IMAGE_SIZE;

    rig_ask(&rig);
    rig_offer(&rig);
    while (!ota_puller_is_idle(&rig.puller)) {
        uint64_t before = rig.nor.operations + rig.nor.counts.reads;
        size_t taken = left;
        if (left > 0)
            taken = ota_puller_on_stream(&rig.puller, at, left, rig.now);
        at += taken;
        left -= taken;
        cr_assert_eq(rig.nor.operations + rig.nor.counts.reads, before);
        ota_puller_poll(&rig.puller, rig.now);
        cr_assert_leq(rig.nor.operations + rig.nor.counts.reads, before + 1);
    }
    cr_assert(rig_is_updated(&rig));
}

Test(puller, an_image_without_md5_is_installed_too)
{
    rig_ask(&rig);
    rig_head(&rig, "HTTP/1.0 200 OK\r\nContent-Length: %u\r\n", (unsigned)RIG_IMAGE_SIZE);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
    cr_assert_str_eq(ota_puller_offered_version(&rig.puller), "");
}

Test(puller, a_file_system_is_installed_too)
{
    uint8_t md5[DIGEST_MD5_SIZE];

    sketch_noise(rig.image, 5000, 1);
    sketch_md5(rig.image, 5000, md5);
    hex_encode(rig.md5, md5, sizeof md5);
    cr_assert(ota_puller_start(&rig.puller, RIG_URL, OTA_FILESYSTEM, rig.now));
    rig_pass(&rig, 0);
    rig_connected(&rig);
    rig_head(&rig, "HTTP/1.0 200 OK\r\nContent-Length: 5000\r\nx-MD5: %s\r\n", rig.md5);
    rig_image(&rig, 0, 5000);
    cr_assert_eq(ota_puller_result(&rig.puller), OTA_PULL_OK);
    cr_assert_eq(rig_record(&rig).pending, OTA_PENDING_FILESYSTEM);
}

Test(puller, bytes_behind_the_image_are_ignored)
{
    uint8_t tail[30];

    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE - 10);
    memcpy(tail, rig.image + RIG_IMAGE_SIZE - 10, 10);
    memset(tail + 10, 'x', 20);
    rig_give(&rig, tail, sizeof tail);
    cr_assert(rig_is_updated(&rig));
}

/* The running sketch, installed by the puller as well. */
static void install(void)
{
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
    cr_assert(rig_restart(&rig));
}

Test(puller, the_sketch_that_runs_already_is_no_update)
{
    uint64_t operations;

    install();
    operations = rig.nor.operations;
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(ota_puller_is_idle(&rig.puller));
    cr_assert_eq(ota_puller_result(&rig.puller), OTA_PULL_NO_UPDATE);
    cr_assert_eq(ota_puller_error(&rig.puller), 0);
    cr_assert_not(rig.is_open);
    cr_assert_not(ota_updater_is_running(&rig.updater));
    cr_assert(rig_stages_nothing(&rig));
    cr_assert_eq(rig.nor.operations, operations);
}

Test(puller, the_sketch_that_runs_already_is_told_by_its_first_bytes)
{
    install();
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, sizeof rig.buffer);
    cr_assert(ota_puller_is_idle(&rig.puller));
    cr_assert_eq(ota_puller_result(&rig.puller), OTA_PULL_NO_UPDATE);
}

Test(puller, the_next_sketch_is_an_update_again)
{
    install();
    rig_set_image(&rig, 6);
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

/* --- What the updater refuses ----------------------------------------------------------------- */

Test(puller, an_image_with_another_md5_never_counts)
{
    rig_ask(&rig);
    rig_offer(&rig);
    rig.image[RIG_IMAGE_SIZE - 1] ^= 1;
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert_eq(ota_puller_error(&rig.puller), OTA_ERROR_MD5);
    cr_assert(rig_stages_nothing(&rig));
    cr_assert_not(ota_updater_is_running(&rig.updater));
}

Test(puller, what_does_not_begin_as_a_sketch_is_refused_before_flash_changes)
{
    rig_ask(&rig);
    rig_offer(&rig);
    rig_say(&rig, "<!DOCTYPE html><html><head>");
    cr_assert(rig_has_failed(&rig, OTA_PULL_BAD_HEADER));
    cr_assert_eq(rig.nor.operations, 0);
}

Test(puller, a_sketch_for_another_chip_is_refused)
{
    sketch_esp32(rig.image, sizeof rig.image, 5);
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, 1000);
    cr_assert(rig_has_said(&rig, OTA_PULL_BAD_HEADER, "Image is for another chip"));
    cr_assert(rig_stages_nothing(&rig));
}

Test(puller, a_sketch_for_a_larger_flash_is_refused)
{
    rig.image[3] = 0x40; /* 4 MiB */
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, 1000);
    cr_assert(rig_has_failed(&rig, OTA_PULL_WRONG_FLASH));
}

Test(puller, a_sketch_that_is_shorter_than_its_segments_is_refused)
{
    rig.image[14] = 1; /* its segment has 64 KiB more */
    rig_ask(&rig);
    rig_head(&rig, "HTTP/1.0 200 OK\r\nContent-Length: %u\r\n", (unsigned)RIG_IMAGE_SIZE);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_has_said(&rig, OTA_PULL_BAD_HEADER, "Image is cut short"));
    cr_assert(rig_stages_nothing(&rig));
}

Test(puller, an_image_that_does_not_fit_is_refused)
{
    static const char *const sizes[] = { "262144", "4294967295", "4294967296",
                                         "18446744073709551615" };

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        rig_ask(&rig);
        rig_head(&rig, "HTTP/1.0 200 OK\r\nContent-Length: %s\r\n", sizes[i]);
        cr_expect(rig_has_failed(&rig, OTA_PULL_SPACE), "%s", sizes[i]);
    }
}

Test(puller, an_update_by_somebody_else_is_not_disturbed)
{
    rig_ask(&rig);
    cr_assert_eq(ota_updater_begin(&rig.updater, 1000, OTA_SKETCH), OTA_OK);
    rig_offer(&rig);
    cr_assert(ota_puller_is_idle(&rig.puller));
    cr_assert_eq(ota_puller_error(&rig.puller), OTA_ERROR_RUNNING);
    cr_assert_str_eq(rig.event_text, "Update already running");
    cr_assert_not(rig.is_open);
    cr_assert(ota_updater_is_running(&rig.updater));
    cr_assert_eq(ota_updater_size(&rig.updater), 1000);
}

Test(puller, holds_the_updater_only_while_an_image_comes)
{
    rig_ask(&rig);
    cr_assert_not(ota_updater_is_running(&rig.updater));
    rig_offer(&rig);
    cr_assert(ota_updater_is_running(&rig.updater));
    rig_image(&rig, 0, 1000);
    rig_close_by_server(&rig);
    cr_assert_eq(rig.event.kind, OTA_PULL_EVENT_BROKEN);
    cr_assert(ota_updater_is_running(&rig.updater));
    ota_puller_abort(&rig.puller, OTA_PULL_TIMEOUT);
    cr_assert_not(ota_updater_is_running(&rig.updater));
}

Test(puller, an_update_that_waits_for_its_restart_is_not_replaced)
{
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    rig_set_image(&rig, 6);
    rig_ask(&rig);
    rig_offer(&rig);
    cr_assert_eq(ota_puller_result(&rig.puller), OTA_PULL_FAILED);
    cr_assert_eq(ota_puller_error(&rig.puller), OTA_ERROR_BOOTSTRAP);
}

Test(puller, flash_that_fails_is_told_with_the_updaters_number)
{
    rig_ask(&rig);
    rig_offer(&rig);
    rig.nor.fail_write = 1;
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_has_failed(&rig, OTA_ERROR_WRITE));
}

Test(puller, an_updater_that_was_aborted_by_somebody_else_ends_it)
{
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, 1000);
    ota_updater_abort(&rig.updater, OTA_OK);
    rig_pass(&rig, 0);
    cr_assert(rig_has_failed(&rig, OTA_PULL_CONNECTION_LOST));
}

/* --- Its own interface ------------------------------------------------------------------------ */

Test(puller, a_second_start_is_refused_while_one_is_running)
{
    rig_ask(&rig);
    cr_assert_not(ota_puller_start(&rig.puller, "http://192.0.2.9/", OTA_SKETCH, rig.now));
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

Test(puller, a_bad_address_is_told_at_once)
{
    cr_assert(ota_puller_start(&rig.puller, "http://u:p@192.0.2.1/", OTA_SKETCH, rig.now));
    cr_assert(rig_has_failed(&rig, OTA_PULL_NOT_CONNECTED));
    cr_assert_eq(rig_pass(&rig, 0), OTA_PULL_NEVER);
    cr_assert_eq(rig.connects, 0);
}

Test(puller, the_address_may_be_forgotten_by_the_caller)
{
    char url[] = RIG_URL;

    cr_assert(ota_puller_start(&rig.puller, url, OTA_SKETCH, rig.now));
    memset(url, 'x', sizeof url);
    rig_pass(&rig, 0);
    cr_assert_str_eq(rig.host, "192.0.2.1");
}

Test(puller, connects_when_it_is_polled)
{
    cr_assert(ota_puller_start(&rig.puller, RIG_URL, OTA_SKETCH, rig.now));
    cr_assert_eq(rig.connects, 0);
    rig_pass(&rig, 0);
    cr_assert_eq(rig.connects, 1);
}

Test(puller, an_abort_leaves_everything_as_it_was)
{
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE - 1);
    ota_puller_abort(&rig.puller, OTA_PULL_TIMEOUT);
    cr_assert(rig_has_failed(&rig, OTA_PULL_TIMEOUT));
    ota_puller_abort(&rig.puller, OTA_PULL_SPACE);
    cr_assert(rig_has_failed(&rig, OTA_PULL_TIMEOUT));
}

Test(puller, a_configuration_that_cannot_be_is_refused)
{
    struct ota_puller_config good = rig.config;
    static const char *const credentials[] = { "nocolon", "a:\r\nX: y", "a:b\x7F" };

    rig.config.updater = NULL;
    cr_expect_not(ota_puller_init(&rig.puller, &rig.config));
    rig.config = good;
    rig.config.net = NULL;
    cr_expect_not(ota_puller_init(&rig.puller, &rig.config));
    rig.config = good;
    rig.config.identity = NULL;
    cr_expect_not(ota_puller_init(&rig.puller, &rig.config));
    rig.config = good;
    rig.config.limit_ms = 0x80000000u;
    cr_expect_not(ota_puller_init(&rig.puller, &rig.config));
    rig.config = good;
    for (size_t i = 0; i < sizeof credentials / sizeof credentials[0]; i++) {
        rig.config.credentials = credentials[i];
        cr_expect_not(ota_puller_init(&rig.puller, &rig.config), "%s", credentials[i]);
    }
    rig.config = good;
    cr_expect(ota_puller_init(&rig.puller, &rig.config));
}

Test(puller, credentials_and_texts_have_their_length)
{
    char text[OTA_PULL_AUTH_SIZE + 1];

    memset(text, ':', sizeof text);
    text[OTA_PULL_AUTH_SIZE - 1] = '\0';
    rig.config.credentials = text;
    cr_assert(ota_puller_init(&rig.puller, &rig.config));
    text[OTA_PULL_AUTH_SIZE - 1] = ':';
    text[OTA_PULL_AUTH_SIZE] = '\0';
    cr_assert_not(ota_puller_init(&rig.puller, &rig.config));
    rig.config.credentials = NULL;
    rig.identity.version = text;
    cr_assert_not(ota_puller_init(&rig.puller, &rig.config));
}

Test(puller, an_identity_that_would_break_the_request_is_refused)
{
    static const char *const bad[] = { "1\r\nX: y", "1\n", "\xC3\xA4", "\x7F" };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        rig.identity.version = bad[i];
        cr_expect_not(ota_puller_init(&rig.puller, &rig.config));
        rig.identity.version = NULL;
        cr_expect(ota_puller_init(&rig.puller, &rig.config));
        /* It may change later. */
        rig.identity.version = bad[i];
        cr_expect(ota_puller_start(&rig.puller, RIG_URL, OTA_SKETCH, rig.now));
        cr_expect(rig_has_failed(&rig, OTA_PULL_SEND_FAILED));
        rig.identity.version = NULL;
    }
    rig.identity.sdk_version = NULL;
    cr_expect_not(ota_puller_init(&rig.puller, &rig.config));
    rig_identify(&rig, IMAGE_GZIP);
    cr_expect_not(ota_puller_init(&rig.puller, &rig.config));
}

Test(puller, events_need_no_listener)
{
    rig.config.on_event = NULL;
    cr_assert(ota_puller_init(&rig.puller, &rig.config));
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

Test(puller, is_deaf_while_it_is_idle)
{
    ota_puller_on_connected(&rig.puller, rig.now);
    ota_puller_on_sendable(&rig.puller, rig.now);
    ota_puller_on_closed(&rig.puller, rig.now);
    cr_assert_eq(ota_puller_on_stream(&rig.puller, "HTTP/1.0 200 OK\r\n\r\n", 19, rig.now), 19);
    cr_assert_eq(rig_pass(&rig, 0), OTA_PULL_NEVER);
    cr_assert(ota_puller_is_idle(&rig.puller));
    cr_assert_eq(rig.events[OTA_PULL_EVENT_DONE], 0);
}
