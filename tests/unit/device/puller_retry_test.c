#include "tests/unit/device/puller_rig.h"

#include <criterion/criterion.h>

static struct puller_rig rig;

static void setup(void)
{
    rig_init(&rig);
}

TestSuite(puller_retry, .init = setup);

#define BROKEN_AT 10000u

/* An offer with these fields, of which BROKEN_AT bytes come; then the next request. */
static void break_offer(const char *fields)
{
    rig_ask(&rig);
    rig_head(&rig, "HTTP/1.1 200 OK\r\nContent-Length: %u\r\n%s", (unsigned)RIG_IMAGE_SIZE, fields);
    rig_image(&rig, 0, BROKEN_AT);
    rig_close_by_server(&rig);
    cr_assert_eq(rig.event.kind, OTA_PULL_EVENT_BROKEN);
    cr_assert_eq(rig.event.done, BROKEN_AT);
    cr_assert_eq(rig.event.total, RIG_IMAGE_SIZE);
    cr_assert_eq(rig.event.error, OTA_PULL_CONNECTION_LOST);
    rig_retry(&rig, OTA_PULL_RETRY_MS);
}

static void give_rest(const char *fields)
{
    rig_head(&rig, "HTTP/1.1 206 Partial Content\r\nContent-Length: %u\r\n%s",
             (unsigned)RIG_IMAGE_SIZE - BROKEN_AT, fields);
}

#define REST "Content-Range: bytes 10000-20000/20001\r\n"

Test(puller_retry, is_tried_as_often_as_configured)
{
    rig.config.retries = 7;
    break_offer("ETag: \"one\"\r\n");
    for (unsigned i = 2; i <= 7; i++) {
        uint32_t pause = (uint32_t)OTA_PULL_RETRY_MS << (i - 1);
        rig_close_by_server(&rig);
        cr_assert_eq(rig.events[OTA_PULL_EVENT_BROKEN], i);
        rig_retry(&rig, pause < OTA_PULL_RETRY_MAX_MS ? pause : OTA_PULL_RETRY_MAX_MS);
    }
    rig_close_by_server(&rig);
    cr_assert(rig_has_failed(&rig, OTA_PULL_CONNECTION_LOST));
}

Test(puller_retry, is_not_tried_unless_configured)
{
    rig.config.retries = 0;
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, BROKEN_AT);
    rig_close_by_server(&rig);
    cr_assert(rig_has_failed(&rig, OTA_PULL_CONNECTION_LOST));
}

Test(puller_retry, is_not_tried_before_there_was_an_offer)
{
    rig_ask(&rig);
    rig_say(&rig, "HTTP/1.1 200 OK\r\nContent-Length: 20001\r\n");
    rig_close_by_server(&rig);
    cr_assert(rig_has_failed(&rig, OTA_PULL_CONNECTION_LOST));
    rig.connect_fails = true;
    rig_ask(&rig);
    cr_assert(rig_has_failed(&rig, OTA_PULL_NOT_CONNECTED));
}

Test(puller_retry, progress_makes_up_for_failures)
{
    uint32_t done = 1000;

    rig.config.retries = 1;
    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, 1000);
    rig_close_by_server(&rig);
    while (!ota_puller_is_idle(&rig.puller)) {
        uint32_t n = RIG_IMAGE_SIZE - done < 1000 ? RIG_IMAGE_SIZE - done : 1000;
        rig_retry(&rig, OTA_PULL_RETRY_MS);
        rig_head(&rig, "HTTP/1.1 206 X\r\nETag: \"%s\"\r\nContent-Range: bytes %u-20000/20001\r\n",
                 rig.md5, (unsigned)done);
        rig_image(&rig, done, done + n);
        rig_close_by_server(&rig);
        done += n;
    }
    cr_assert(rig_is_updated(&rig));
    cr_assert_eq(rig.events[OTA_PULL_EVENT_BROKEN], 20);
}

/* The same bytes again and again are none. */
Test(puller_retry, a_server_that_always_cuts_at_the_same_place_is_given_up)
{
    unsigned attempts = 0;

    rig_ask(&rig);
    while (rig.is_open) {
        rig_head(&rig, "HTTP/1.1 200 OK\r\nContent-Length: 20001\r\n");
        rig_image(&rig, 0, BROKEN_AT);
        rig_close_by_server(&rig);
        cr_assert(++attempts < 10);
        if (!ota_puller_is_idle(&rig.puller))
            rig_retry(&rig, (uint32_t)OTA_PULL_RETRY_MS << (attempts - 1));
    }
    cr_assert(rig_has_failed(&rig, OTA_PULL_CONNECTION_LOST));
    cr_assert_eq(attempts, 1u + rig.config.retries);
}

Test(puller_retry, an_image_that_changes_for_ever_is_given_up)
{
    unsigned attempts = 0;

    rig_ask(&rig);
    while (!ota_puller_is_idle(&rig.puller)) {
        cr_assert(++attempts < 10);
        rig_set_image(&rig, attempts);
        rig_offer(&rig);
        rig_image(&rig, 0, BROKEN_AT);
        rig_close_by_server(&rig);
        if (ota_puller_is_idle(&rig.puller))
            break;
        rig_retry(&rig, (uint32_t)OTA_PULL_RETRY_MS << (attempts - 1));
        /* A rest of the next one already. */
        give_rest(REST "ETag: \"next\"\r\n");
        rig_connected(&rig);
    }
    cr_assert(rig_has_failed(&rig, OTA_PULL_CONNECTION_LOST));
}

Test(puller_retry, tells_the_last_of_its_failures)
{
    break_offer("ETag: \"one\"\r\n");
    rig_close_by_server(&rig);
    rig.connect_fails = true;
    rig_retry(&rig, 2 * OTA_PULL_RETRY_MS);
    cr_assert(rig_has_failed(&rig, OTA_PULL_NOT_CONNECTED));
}

Test(puller_retry, flash_goes_on_while_nobody_is_there)
{
    rig_ask(&rig);
    rig_offer(&rig);
    cr_assert_eq(ota_puller_on_stream(&rig.puller, rig.image, 5000, rig.now), 4096);
    ota_puller_on_closed(&rig.puller, rig.now);
    cr_assert_eq(rig.event.kind, OTA_PULL_EVENT_BROKEN);
    rig_pass(&rig, 0);
    cr_assert_eq(rig.event.kind, OTA_PULL_EVENT_PROGRESS);
    cr_assert_eq(rig.event.done, 4096);
}
