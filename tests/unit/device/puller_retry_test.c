#include "tests/unit/device/puller_break.h"

static struct puller_rig rig;

static void setup(void)
{
    rig_init(&rig);
}

TestSuite(puller_retry, .init = setup);

Test(puller_retry, is_tried_as_often_as_configured)
{
    rig.config.retries = 7;
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
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

/* The rest in pieces of so many bytes, each on a connection of its own, until it is over. */
static void give_in_pieces(uint32_t piece)
{
    uint32_t done = piece;

    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, piece);
    rig_close_by_server(&rig);
    while (!ota_puller_is_idle(&rig.puller)) {
        uint32_t n = RIG_IMAGE_SIZE - done < piece ? RIG_IMAGE_SIZE - done : piece;
        rig_pass(&rig, rig_pass(&rig, 0));
        rig_connected(&rig);
        rig_head(&rig, "HTTP/1.1 206 X\r\nETag: \"%s\"\r\nContent-Range: bytes %u-20000/20001\r\n",
                 rig.md5, (unsigned)done);
        rig_image(&rig, done, done + n);
        rig_close_by_server(&rig);
        done += n;
    }
}

Test(puller_retry, progress_makes_up_for_failures)
{
    rig.config.retries = 1;
    give_in_pieces(OTA_PULL_PROGRESS);
    cr_assert(rig_is_updated(&rig));
    cr_assert_eq(rig.events[OTA_PULL_EVENT_BROKEN], (RIG_IMAGE_SIZE - 1) / OTA_PULL_PROGRESS);
}

/* It would go on for hours. */
Test(puller_retry, a_byte_at_a_time_is_no_progress)
{
    rig.config.retries = 7;
    give_in_pieces(1);
    cr_assert(rig_has_failed(&rig, OTA_PULL_CONNECTION_LOST));
    cr_assert_eq(rig.events[OTA_PULL_EVENT_BROKEN], 7);
}

Test(puller_retry, small_pieces_are_progress_together)
{
    rig.config.retries = 2;
    give_in_pieces(OTA_PULL_PROGRESS / 2);
    cr_assert(rig_is_updated(&rig));
}

/* Each image is a byte longer in coming than the one before, and none can be gone on with. */
Test(puller_retry, to_begin_again_counts_as_an_attempt)
{
    unsigned attempts = 0;

    rig.config.retries = 7;
    rig_ask(&rig);
    while (!ota_puller_is_idle(&rig.puller)) {
        cr_assert(++attempts < 20);
        rig_head(&rig, "HTTP/1.1 200 OK\r\nContent-Length: 20001\r\nETag: \"%u\"\r\n", attempts);
        rig_image(&rig, 0, 100 + attempts);
        rig_close_by_server(&rig);
        if (ota_puller_is_idle(&rig.puller))
            break;
        rig_pass(&rig, rig_pass(&rig, 0));
        rig_connected(&rig);
        rig_head(&rig, "HTTP/1.1 416 Range Not Satisfiable\r\n");
        rig_connected(&rig);
    }
    cr_assert(rig_has_failed(&rig, OTA_PULL_CONNECTION_LOST));
    cr_assert_eq(attempts, 5); /* four breaks and four new beginnings */
}

Test(puller_retry, no_count_of_attempts_runs_over)
{
    rig.config.retries = 255;
    rig.config.limit_ms = INT32_MAX;
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
    for (unsigned i = 2; i <= 255; i++) {
        rig_close_by_server(&rig);
        rig_pass(&rig, rig_pass(&rig, 0));
        rig_connected(&rig);
    }
    rig_head(&rig, "HTTP/1.1 416 Range Not Satisfiable\r\n");
    rig_connected(&rig);
    rig_close_by_server(&rig);
    cr_assert(rig_has_failed(&rig, OTA_PULL_CONNECTION_LOST));
}

Test(puller_retry, the_longest_pause_stays_the_longest)
{
    rig.config.retries = 100;
    rig.config.limit_ms = INT32_MAX;
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
    for (unsigned i = 2; i <= 100; i++) {
        uint32_t pause = i <= 5 ? (uint32_t)OTA_PULL_RETRY_MS << (i - 1) : OTA_PULL_RETRY_MAX_MS;
        rig_close_by_server(&rig);
        rig_retry(&rig, pause);
    }
}

/* What flash still has to do is no reason to wait longer, or shorter. */
Test(puller_retry, flash_that_works_changes_no_pause)
{
    rig_ask(&rig);
    rig_offer(&rig);
    cr_assert_eq(ota_puller_on_stream(&rig.puller, rig.image, 5000, rig.now), 4096);
    ota_puller_on_closed(&rig.puller, rig.now);
    cr_assert_eq(rig.event.kind, OTA_PULL_EVENT_BROKEN);
    rig_retry(&rig, OTA_PULL_RETRY_MS);
    cr_assert_eq(rig.events[OTA_PULL_EVENT_ASKING], 2);
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
        rig_give_rest(&rig, REST "ETag: \"next\"\r\n");
        rig_connected(&rig);
    }
    cr_assert(rig_has_failed(&rig, OTA_PULL_CONNECTION_LOST));
}

Test(puller_retry, tells_the_last_of_its_failures)
{
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
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
