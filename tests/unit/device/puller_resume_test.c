#include "tests/unit/device/puller_break.h"

static struct puller_rig rig;

static void setup(void)
{
    rig_init(&rig);
}

TestSuite(puller_resume, .init = setup);

Test(puller_resume, goes_on_where_it_broke)
{
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
    cr_assert(rig_has_line(&rig, "Range: bytes=10000-"));
    cr_assert(rig_has_line(&rig, "If-Range: \"one\""));
    cr_assert(rig_has_line(&rig, "x-ESP8266-mode: sketch"));
    rig_give_rest(&rig, REST "ETag: \"one\"\r\n");
    cr_assert_eq(rig.event.kind, OTA_PULL_EVENT_OFFERED);
    cr_assert_eq(rig.event.done, BROKEN_AT);
    cr_assert_eq(rig.event.total, RIG_IMAGE_SIZE);
    rig_image(&rig, BROKEN_AT, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
    cr_assert_eq(rig.events[OTA_PULL_EVENT_BROKEN], 1);
}

/* Neither erased nor programmed twice. */
Test(puller_resume, costs_flash_nothing)
{
    uint64_t whole;

    rig_ask(&rig);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    whole = rig.nor.operations;
    rig_init(&rig);
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
    rig_give_rest(&rig, REST "ETag: \"one\"\r\n");
    rig_image(&rig, BROKEN_AT, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
    cr_assert_leq(rig.nor.operations, whole);
}

Test(puller_resume, knows_the_image_by_its_md5_without_an_etag)
{
    char fields[100];

    snprintf(fields, sizeof fields, "x-MD5: %s\r\nETag: W/\"weak\"\r\n", rig.md5);
    rig_break_offer(&rig, fields);
    cr_assert(rig_has_line(&rig, "Range: bytes=10000-"));
    cr_assert(strstr(rig.request, "If-Range") == NULL);
    snprintf(fields, sizeof fields, REST "x-MD5: %s\r\nETag: W/\"other\"\r\n", rig.md5);
    rig_give_rest(&rig, fields);
    rig_image(&rig, BROKEN_AT, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

Test(puller_resume, begins_again_where_nothing_tells_the_image)
{
    static const char *const fields[] = {
        "",
        "ETag: W/\"weak\"\r\n",
        "ETag: one\r\n",
        "ETag: \"o\"ne\"\r\n",
        "ETag: \"o ne\"\r\n",
        "ETag: \"\xC3\xA4\"\r\n",
        "ETag: \"\r\n",
        "ETag: \"one\"\r\nETag: \"two\"\r\n",
        "Last-Modified: Sun, 22 Nov 2026 19:00:00 GMT\r\n",
    };

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        rig_init(&rig);
        rig_break_offer(&rig, fields[i]);
        cr_expect(strstr(rig.request, "Range:") == NULL, "%s", fields[i]);
        cr_expect_eq(rig.events[OTA_PULL_EVENT_ASKING], 2);
        rig_offer(&rig);
        rig_image(&rig, 0, RIG_IMAGE_SIZE);
        cr_expect(rig_is_updated(&rig), "%s", fields[i]);
    }
}

Test(puller_resume, an_etag_has_its_length)
{
    char field[300];
    char etag[OTA_PULL_ETAG_SIZE + 1];

    memset(etag, 'e', sizeof etag);
    etag[0] = etag[OTA_PULL_ETAG_SIZE - 2] = '"';
    etag[OTA_PULL_ETAG_SIZE - 1] = '\0';
    snprintf(field, sizeof field, "ETag: %s\r\n", etag);
    rig_break_offer(&rig, field);
    snprintf(field, sizeof field, "If-Range: %s", etag);
    cr_assert(rig_has_line(&rig, field));
    rig_init(&rig);
    etag[OTA_PULL_ETAG_SIZE - 2] = 'e';
    etag[OTA_PULL_ETAG_SIZE - 1] = '"';
    etag[OTA_PULL_ETAG_SIZE] = '\0';
    snprintf(field, sizeof field, "ETag: %s\r\n", etag);
    rig_break_offer(&rig, field);
    cr_assert(strstr(rig.request, "Range:") == NULL);
}

Test(puller_resume, takes_a_whole_image_for_an_answer)
{
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
    rig_offer(&rig);
    cr_assert_eq(rig.event.done, 0);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

Test(puller_resume, takes_another_image_from_its_beginning)
{
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
    rig_set_image(&rig, 77);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

/* The header of the other image has come, the image has not: what is there is still the old one's.
 */
Test(puller_resume, never_goes_on_with_another_images_etag)
{
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
    rig_say(&rig, "HTTP/1.1 200 OK\r\nETag: \"two\"\r\nContent-Length: 20001\r\nx-a");
    rig_close_by_server(&rig);
    rig_retry(&rig, 2 * OTA_PULL_RETRY_MS);
    cr_assert(strstr(rig.request, "Range:") == NULL);
}

/* Where it has no ETag of its own, the one before is not its either. */
Test(puller_resume, never_goes_on_with_an_earlier_images_etag)
{
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
    rig_head(&rig, "HTTP/1.1 200 OK\r\nContent-Length: 20001\r\n");
    rig_image(&rig, 0, BROKEN_AT + OTA_PULL_PROGRESS);
    rig_close_by_server(&rig);
    rig_retry(&rig, OTA_PULL_RETRY_MS);
    cr_assert(strstr(rig.request, "Range:") == NULL);
}

Test(puller_resume, begins_again_unless_the_rest_is_of_the_same_image)
{
    static const char *const fields[] = {
        "ETag: \"one\"\r\n", /* no Content-Range: perhaps multipart/byteranges */
        REST,
        REST "ETag: \"two\"\r\n",
        REST "ETag: \"One\"\r\n",
        REST "ETag: W/\"one\"\r\n",
        REST "ETag: \"one\"\r\nETag: \"two\"\r\n",
        REST "ETag: \"one\"\r\n" REST,
        "ETag: \"one\"\r\nContent-Range: bytes 9999-20000/20001\r\n",
        "ETag: \"one\"\r\nContent-Range: bytes 10001-20000/20001\r\n",
        "ETag: \"one\"\r\nContent-Range: bytes 0-20000/20001\r\n",
        "ETag: \"one\"\r\nContent-Range: bytes 10000-20001/20002\r\n",
        "ETag: \"one\"\r\nContent-Range: bytes 10000-20000/20002\r\n",
        "ETag: \"one\"\r\nContent-Range: bytes 10000-20000/*\r\n",
        "ETag: \"one\"\r\nContent-Range: bytes 10000-20001/20001\r\n",
        "ETag: \"one\"\r\nContent-Range: bytes 10000-9999/20001\r\n",
        "ETag: \"one\"\r\nContent-Range: bytes 10000-19999/20001\r\n", /* another length */
        "ETag: \"one\"\r\nContent-Range: bytes */20001\r\n",
        "ETag: \"one\"\r\nContent-Range: 10000-20000/20001\r\n",
        "ETag: \"one\"\r\nContent-Range: lines 10000-20000/20001\r\n",
        "ETag: \"one\"\r\nContent-Range: bytes 10000-20000/20001 x\r\n",
        "ETag: \"one\"\r\nContent-Range: bytes 4294977296-4294987296/4294987297\r\n",
        "ETag: \"one\"\r\nContent-Range:\r\n",
        REST "ETag: \"one\"\r\nContent-Length: 5\r\n",
    };

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        unsigned broken;
        rig_init(&rig);
        rig_break_offer(&rig, "ETag: \"one\"\r\n");
        broken = rig.events[OTA_PULL_EVENT_BROKEN];
        rig_give_rest(&rig, fields[i]);
        cr_assert_eq(rig.events[OTA_PULL_EVENT_BROKEN], broken, "%s", fields[i]);
        rig_expect_beginning_again(&rig);
    }
}

#define MD5 "x-MD5: 0123456789abcdef0123456789abcdef\r\n"

Test(puller_resume, begins_again_unless_everything_tells_the_same_image)
{
    static const char *const fields[] = {
        REST "ETag: \"one\"\r\nx-MD5: 1123456789abcdef0123456789abcdef\r\n",
        REST "ETag: \"one\"\r\nx-MD5: no MD5\r\n",
        REST "ETag: \"two\"\r\n" MD5,
        REST MD5 MD5,
    };

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        rig_init(&rig);
        rig_break_offer(&rig, "ETag: \"one\"\r\n" MD5);
        rig_give_rest(&rig, fields[i]);
        rig_expect_beginning_again(&rig);
    }
}

Test(puller_resume, the_rest_needs_no_length_of_its_own)
{
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
    rig_head(&rig,
             "HTTP/1.1 206 X\r\nETag: \"one\"\r\nContent-Range: Bytes  10000-20000/20001\r\n");
    rig_image(&rig, BROKEN_AT, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

Test(puller_resume, without_a_length_the_range_alone_is_looked_at)
{
    static const char *const ranges[] = {
        "9999-20000/20001", "10001-20000/20001", "10000-9999/20001",
        "10000-9998/20001", "10000-20001/20001", "10000-20000/20000",
    };

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        rig_init(&rig);
        rig_break_offer(&rig, "ETag: \"one\"\r\n");
        rig_head(&rig, "HTTP/1.1 206 X\r\nETag: \"one\"\r\nContent-Range: bytes %s\r\n", ranges[i]);
        rig_expect_beginning_again(&rig);
    }
}

Test(puller_resume, a_part_of_the_rest_is_taken_and_the_next_one_asked_for)
{
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
    rig_head(&rig, "HTTP/1.1 206 X\r\nETag: \"one\"\r\nContent-Range: bytes 10000-14999/20001\r\n");
    rig_image(&rig, BROKEN_AT, 15000);
    cr_assert_not(rig.is_open);
    rig_retry(&rig, OTA_PULL_RETRY_MS);
    cr_assert(rig_has_line(&rig, "Range: bytes=15000-"));
    rig_head(&rig, "HTTP/1.1 206 X\r\nETag: \"one\"\r\nContent-Range: bytes 15000-20000/20001\r\n");
    rig_image(&rig, 15000, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

/* What follows it is no part of the image. */
Test(puller_resume, bytes_behind_a_part_of_the_rest_are_ignored)
{
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
    rig_head(&rig, "HTTP/1.1 206 X\r\nETag: \"one\"\r\nContent-Range: bytes 10000-14999/20001\r\n");
    rig.image[15000] ^= 1;
    rig_give_chunks(&rig, rig.image + BROKEN_AT, 6000, 6000);
    rig.image[15000] ^= 1;
    cr_assert_not(rig.is_open);
    cr_assert_eq(rig.event.done, 15000);
    rig_retry(&rig, OTA_PULL_RETRY_MS);
    cr_assert(rig_has_line(&rig, "Range: bytes=15000-"));
    rig_head(&rig, "HTTP/1.1 206 X\r\nETag: \"one\"\r\nContent-Range: bytes 15000-20000/20001\r\n");
    rig_image(&rig, 15000, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

/* Not one byte is no beginning. */
Test(puller_resume, nothing_is_gone_on_with_before_the_first_byte)
{
    rig_ask(&rig);
    rig_offer(&rig);
    rig_close_by_server(&rig);
    rig_retry(&rig, OTA_PULL_RETRY_MS);
    cr_assert(strstr(rig.request, "Range:") == NULL);
    rig_head(&rig, "HTTP/1.1 206 X\r\nETag: \"%s\"\r\nContent-Range: bytes 0-20000/20001\r\n",
             rig.md5);
    cr_assert(rig_has_failed(&rig, OTA_PULL_WRONG_CODE));
}

/* The MD5 of an image is not the next one's. */
Test(puller_resume, forgets_the_md5_of_an_image_that_was_replaced)
{
    char field[64];

    snprintf(field, sizeof field, "x-MD5: %s\r\n", rig.md5);
    rig_break_offer(&rig, field);
    rig_set_image(&rig, 77);
    rig_head(&rig, "HTTP/1.1 200 OK\r\nContent-Length: 20001\r\n");
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

Test(puller_resume, forgets_the_version_of_an_image_that_was_replaced)
{
    rig_break_offer(&rig, "x-version: DOOR-7\r\n");
    cr_assert_str_eq(ota_puller_offered_version(&rig.puller), "DOOR-7");
    rig_head(&rig, "HTTP/1.1 200 OK\r\nContent-Length: 20001\r\n");
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
    cr_assert_str_eq(ota_puller_offered_version(&rig.puller), "");
}

Test(puller_resume, an_encoded_rest_is_refused)
{
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
    rig_give_rest(&rig, REST "ETag: \"one\"\r\nTransfer-Encoding: chunked\r\n");
    cr_assert(rig_has_failed(&rig, OTA_PULL_ENCODING));
}

Test(puller_resume, begins_again_when_there_is_no_such_range)
{
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
    rig_head(&rig, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */5\r\n");
    rig_expect_beginning_again(&rig);
}

Test(puller_resume, ends_when_there_is_no_update_any_more)
{
    rig_break_offer(&rig, "ETag: \"one\"\r\n");
    rig_head(&rig, "HTTP/1.1 304 Not Modified\r\n");
    cr_assert_eq(ota_puller_result(&rig.puller), OTA_PULL_NO_UPDATE);
    cr_assert_not(ota_updater_is_running(&rig.updater));
    cr_assert(rig_stages_nothing(&rig));
}

Test(puller_resume, ends_when_it_is_refused)
{
    static const struct {
        const char *status;
        int error;
    } rows[] = {
        { "401", -108 }, { "403", -103 }, { "404", -102 }, { "400", -104 }, { "204", -104 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig_init(&rig);
        rig_break_offer(&rig, "ETag: \"one\"\r\n");
        rig_head(&rig, "HTTP/1.1 %s X\r\n", rows[i].status);
        cr_expect(rig_has_failed(&rig, rows[i].error), "%s", rows[i].status);
    }
}

Test(puller_resume, waits_for_a_server_that_is_unable_for_now)
{
    static const char *const statuses[] = { "408", "429", "500", "502", "503", "504" };

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        rig_init(&rig);
        rig_break_offer(&rig, "ETag: \"one\"\r\n");
        rig_head(&rig, "HTTP/1.1 %s X\r\nContent-Length: 0\r\n", statuses[i]);
        cr_expect_eq(rig.event.error, OTA_PULL_WRONG_CODE);
        rig_retry(&rig, 2 * OTA_PULL_RETRY_MS);
        rig_give_rest(&rig, REST "ETag: \"one\"\r\n");
        rig_image(&rig, BROKEN_AT, RIG_IMAGE_SIZE);
        cr_expect(rig_is_updated(&rig), "%s", statuses[i]);
    }
}
