/* The numbers, texts and lines of failures. */
#include "tests/unit/device/puller_rig.h"

#include <criterion/criterion.h>

static struct puller_rig rig;
static char line[OTA_PULL_ERROR_LINE_MAX];

static void setup(void)
{
    rig_init(&rig);
}

TestSuite(puller_error, .init = setup);

static const char *error_line(void)
{
    size_t len = ota_puller_error_line(&rig.puller, line, sizeof line);

    cr_assert_eq(len, strlen(line));
    return line;
}

Test(puller_error, is_told_in_the_line_that_stock_has)
{
    static const struct {
        const char *answer, *line;
    } rows[] = {
        { "", "HTTP error: connection lost" },
        { "SSH-2.0-x\r\n", "HTTP error: no HTTP server" },
        { "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n",
          "HTTP error: Transfer-Encoding not supported" },
        { "HTTP/1.1 200 X\r\nContent-Length: 999999\r\n\r\n", "Not Enough space" },
        { "HTTP/1.1 200 X\r\n\r\n", "Server Did Not Report Size" },
        { "HTTP/1.1 404 X\r\n\r\n", "File Not Found (404)" },
        { "HTTP/1.1 403 X\r\n\r\n", "Forbidden (403)" },
        { "HTTP/1.1 500 X\r\n\r\n", "Wrong HTTP Code" },
        { "HTTP/1.1 200 X\r\nContent-Length: 5\r\nx-MD5: 5\r\n\r\n", "Wrong MD5" },
        { "HTTP/1.1 200 X\r\nContent-Length: 5\r\n\r\nhello", "Verify Bin Header Failed" },
        { "HTTP/1.1 401 X\r\n\r\n", "Unauthorized (401)" },
        { "HTTP/1.1 304 X\r\n\r\n", "" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig_answer(&rig, rows[i].answer);
        cr_expect_str_eq(error_line(), rows[i].line);
    }
    rig.connect_fails = true;
    rig_ask(&rig);
    cr_expect_str_eq(error_line(), "HTTP error: connection failed");
}

/* Its digest is the updater's business: -105 is an x-MD5 that is none. */
Test(puller_error, of_a_wrong_digest_has_both_digests)
{
    uint8_t md5[DIGEST_MD5_SIZE];
    char calculated[HEX_SIZE(DIGEST_MD5_SIZE)];
    char expected[OTA_PULL_ERROR_LINE_MAX];

    rig_ask(&rig);
    rig_offer(&rig);
    rig.image[RIG_IMAGE_SIZE - 1] ^= 1;
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    sketch_md5(rig.image, RIG_IMAGE_SIZE, md5);
    hex_encode(calculated, md5, sizeof md5);
    snprintf(expected, sizeof expected,
             "Update error: ERROR[7]: MD5 verification failed: expected: %s, calculated: %s",
             rig.md5, calculated);
    cr_assert_str_eq(error_line(), expected);
    cr_assert(rig_has_said(&rig, OTA_ERROR_MD5, strstr(expected, "MD5 ver")));
}

Test(puller_error, of_a_compressed_sketch_says_that_it_is)
{
    rig_ask(&rig);
    rig_offer(&rig);
    rig_give(&rig, "\x1F\x8B\x08\x00", 4);
    rig_image(&rig, 0, 1000);
    cr_assert(rig_has_said(&rig, OTA_PULL_BAD_HEADER, "Compressed image"));
    cr_assert_str_eq(error_line(), "Verify Bin Header Failed");
}

Test(puller_error, of_flash_is_the_updaters)
{
    rig_ask(&rig);
    rig_offer(&rig);
    rig.nor.fail_write = 1;
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    cr_assert_str_eq(error_line(), "Update error: ERROR[1]: Flash Write Failed");
}

/* The updater's own error is then another one: that of what is running, or none. */
Test(puller_error, of_an_updater_in_use_is_not_its_last_one)
{
    cr_assert_eq(ota_updater_begin(&rig.updater, 1000, OTA_SKETCH), OTA_OK);
    rig_ask(&rig);
    cr_assert_str_eq(error_line(), "Update error: ERROR[15]: Update already running");
}

Test(puller_error, line_is_cut_to_its_room)
{
    char text[32];

    rig_ask(&rig);
    rig_offer(&rig);
    rig.nor.fail_write = 1;
    rig_image(&rig, 0, RIG_IMAGE_SIZE);
    error_line();
    for (size_t size = 1; size <= sizeof text; size++) {
        memset(text, '?', sizeof text);
        cr_assert_eq(ota_puller_error_line(&rig.puller, text, size), size - 1);
        cr_assert_eq(memcmp(text, line, size - 1), 0);
        cr_assert_eq(text[size - 1], '\0');
        cr_assert(size == sizeof text || text[size] == '?');
    }
}

Test(puller_error, of_an_abort_without_one_is_one)
{
    rig_ask(&rig);
    ota_puller_abort(&rig.puller, 0);
    cr_assert(rig_has_failed(&rig, OTA_PULL_CONNECTION_LOST));
}
