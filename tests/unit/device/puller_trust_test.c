/* What a transfer is gone on with for: the server's word, or its digest alone. */
#include "tests/unit/device/puller_break.h"

static struct puller_rig rig;

static void setup(void)
{
    rig_init(&rig);
}

TestSuite(puller_trust, .init = setup);

#define DATE     "Date: Sun, 22 Nov 2026 20:34:46 GMT\r\n"
#define MODIFIED "Last-Modified: Sun, 22 Nov 2026 20:34:46 GMT\r\n"
#define EARLIER  "Last-Modified: Sun, 22 Nov 2026 20:34:45 GMT\r\n"

/* It may be written again in that second, and common servers' tags would not tell. */
Test(puller_trust, does_not_trust_the_tag_of_a_file_that_was_only_just_written)
{
    rig_break_offer(&rig, "ETag: \"one\"\r\n" DATE MODIFIED);
    rig_expect_beginning_again(&rig);
}

Test(puller_trust, does_not_trust_it_from_a_server_that_knows_no_time)
{
    rig_break_offer(&rig, "ETag: \"one\"\r\n" MODIFIED);
    rig_expect_beginning_again(&rig);
}

Test(puller_trust, trusts_the_tag_of_an_older_file)
{
    rig_break_offer(&rig, "ETag: \"one\"\r\n" EARLIER DATE);
    cr_assert(rig_has_line(&rig, "If-Range: \"one\""));
}

Test(puller_trust, needs_no_dates_where_there_is_a_digest)
{
    rig_break_offer(&rig,
                    "ETag: \"one\"\r\nx-MD5: 00112233445566778899aabbccddeeff\r\n" DATE MODIFIED);
    cr_assert(rig_has_line(&rig, "If-Range: \"one\""));
}

/* --- By x-MD5 alone --------------------------------------------------------------------------- */

#define MD5       "x-MD5: 0123456789abcdef0123456789abcdef\r\n"
#define OTHER_MD5 "x-MD5: 1123456789abcdef0123456789abcdef\r\n"

/*
 * A server whose tag stays the same when the file is replaced (cp -p): its word is that the rest is
 * of the same image. This is what one has to know of it.
 */
Test(puller_trust, a_tag_that_stays_with_another_image_is_taken_at_its_word)
{
    rig_break_offer(&rig, "ETag: \"same\"\r\n" EARLIER DATE);
    rig_set_image(&rig, 77);
    rig_give_rest(&rig, REST "ETag: \"same\"\r\n");
    rig_image(&rig, BROKEN_AT, RIG_IMAGE_SIZE);
    cr_assert_eq(ota_puller_result(&rig.puller), OTA_PULL_OK);
    cr_assert_not(rig_stages_image(&rig));
}

/* With the digest of the first image there is no such mixture that counts. */
Test(puller_trust, a_mixture_never_has_the_digest)
{
    char fields[100];

    snprintf(fields, sizeof fields, "ETag: \"same\"\r\nx-MD5: %s\r\n", rig.md5);
    rig_break_offer(&rig, fields);
    rig_set_image(&rig, 77);
    rig_give_rest(&rig, REST "ETag: \"same\"\r\n");
    rig_image(&rig, BROKEN_AT, RIG_IMAGE_SIZE);
    cr_assert_eq(ota_puller_error(&rig.puller), OTA_ERROR_MD5);
    cr_assert(rig_stages_nothing(&rig));
}

Test(puller_trust, a_tag_alone_is_not_enough_where_the_digest_must_tell)
{
    rig.config.resumes_by_md5_alone = true;
    rig_break_offer(&rig, "ETag: \"same\"\r\n");
    cr_assert(strstr(rig.request, "Range:") == NULL);
    rig_offer(&rig);
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

Test(puller_trust, the_digest_is_enough)
{
    char fields[100];

    rig.config.resumes_by_md5_alone = true;
    snprintf(fields, sizeof fields, "ETag: \"same\"\r\nx-MD5: %s\r\n", rig.md5);
    rig_break_offer(&rig, fields);
    cr_assert(rig_has_line(&rig, "Range: bytes=10000-"));
    cr_assert(rig_has_line(&rig, "If-Range: \"same\""));
    snprintf(fields, sizeof fields, REST "ETag: \"same\"\r\nx-MD5: %s\r\n", rig.md5);
    rig_give_rest(&rig, fields);
    rig_image(&rig, BROKEN_AT, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}

Test(puller_trust, the_rest_must_have_the_digest_too)
{
    static const char *const rests[] = {
        REST "ETag: \"same\"\r\n",
        REST "ETag: \"same\"\r\n" OTHER_MD5,
        REST "ETag: \"same\"\r\nx-MD5: no MD5\r\n",
        REST "ETag: \"other\"\r\n" MD5,
    };

    for (size_t i = 0; i < sizeof rests / sizeof rests[0]; i++) {
        rig_init(&rig);
        rig.config.resumes_by_md5_alone = true;
        rig_break_offer(&rig, "ETag: \"same\"\r\n" MD5);
        rig_give_rest(&rig, rests[i]);
        rig_expect_beginning_again(&rig);
    }
}
