#include "tests/unit/device/puller_rig.h"

#include <criterion/criterion.h>

static struct puller_rig rig;

static void setup(void)
{
    rig_init(&rig);
}

TestSuite(puller_redirect, .init = setup);

static void redirect(unsigned status, const char *location)
{
    unsigned closes = rig.closes;

    rig_head(&rig, "HTTP/1.1 %u Elsewhere\r\nContent-Length: 9\r\nLocation: %s\r\n", status,
             location);
    cr_assert_eq(rig.closes, closes + 1);
    if (rig.is_open)
        rig_connected(&rig);
}

Test(puller_redirect, is_followed_with_the_same_identity)
{
    static const unsigned statuses[] = { 301, 302, 303, 307, 308 };

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        char before[4096];
        rig_init(&rig);
        rig_ask(&rig);
        memcpy(before, strstr(rig.request, "User-Agent"), 2000);
        redirect(statuses[i], "http://192.0.2.2/other?x");
        cr_assert_eq(rig.events[OTA_PULL_EVENT_REDIRECTED], 1);
        cr_assert_str_eq(rig.host, "192.0.2.2");
        cr_assert_eq(rig.port, 80);
        cr_assert_eq(strncmp(rig.request, "GET /other?x HTTP/1.0\r\nHost: 192.0.2.2\r\n", 40), 0);
        cr_assert_str_eq(strstr(rig.request, "User-Agent"), before);
        rig_offer(&rig);
        rig_image(&rig, 0, RIG_IMAGE_SIZE);
        cr_assert(rig_is_updated(&rig), "%u", statuses[i]);
    }
}

Test(puller_redirect, may_be_relative)
{
    rig_ask_for(&rig, "http://192.0.2.1:8080/a/b?c");
    redirect(302, "../d");
    cr_assert_str_eq(rig.host, "192.0.2.1");
    cr_assert_eq(rig.port, 8080);
    cr_assert_eq(strncmp(rig.request, "GET /d HTTP/1.0\r\n", 17), 0);
    cr_assert(rig_has_line(&rig, "Host: 192.0.2.1:8080"));
}

Test(puller_redirect, has_a_limit)
{
    rig_ask(&rig);
    redirect(302, "/1");
    redirect(302, "/2");
    redirect(302, "/3");
    redirect(302, "/4");
    cr_assert(rig_has_failed(&rig, OTA_PULL_WRONG_CODE));
    cr_assert_eq(rig.connects, 4);
}

Test(puller_redirect, is_not_followed_unless_configured)
{
    rig.config.redirects = 0;
    rig_ask(&rig);
    redirect(302, "/1");
    cr_assert(rig_has_failed(&rig, OTA_PULL_WRONG_CODE));
    cr_assert_eq(rig.connects, 1);
}

Test(puller_redirect, never_leaves_https_for_http)
{
    rig_ask_for(&rig, "https://192.0.2.1/");
    cr_assert(rig.tls);
    redirect(302, "https://192.0.2.2/");
    cr_assert(rig.tls);
    redirect(302, "http://192.0.2.2/");
    cr_assert(rig_has_failed(&rig, OTA_PULL_WRONG_CODE));
    cr_assert_eq(rig.connects, 2);
}

static bool has_credentials(void)
{
    return strstr(rig.request, "Authorization") != NULL;
}

Test(puller_redirect, takes_credentials_to_no_other_server)
{
    static const char *const elsewhere[] = { "http://192.0.2.2:8080/", "http://192.0.2.1/",
                                             "https://192.0.2.1:8080/", "//192.0.2.1:8081/" };

    rig.config.credentials = "user:password";
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
        rig_ask(&rig);
        cr_assert(has_credentials());
        redirect(307, "/same/server");
        cr_expect(has_credentials());
        redirect(307, elsewhere[i]);
        cr_expect_not(has_credentials(), "%s", elsewhere[i]);
        ota_puller_abort(&rig.puller, 0);
    }
}

Test(puller_redirect, to_a_server_that_cannot_be_reached_fails)
{
    rig_ask(&rig);
    rig.connect_fails = true;
    redirect(302, "http://192.0.2.2/");
    cr_assert(rig_has_failed(&rig, OTA_PULL_NOT_CONNECTED));
}

Test(puller_redirect, is_asked_for_again_by_the_next_attempt)
{
    rig.config.redirects = 1;
    rig_ask(&rig);
    redirect(302, "http://192.0.2.2/signed?until=12:00");
    rig_offer(&rig);
    rig_image(&rig, 0, 10000);
    rig_close_by_server(&rig);
    rig_retry(&rig, OTA_PULL_RETRY_MS);
    cr_assert_str_eq(rig.host, "192.0.2.1");
    cr_assert(rig_has_line(&rig, "Range: bytes=10000-"));
    redirect(302, "http://192.0.2.3/signed?until=12:01");
    cr_assert_str_eq(rig.host, "192.0.2.3");
    cr_assert(rig_has_line(&rig, "Range: bytes=10000-"));
    rig_head(&rig, "HTTP/1.1 206 X\r\nContent-Range: bytes 10000-20000/20001\r\nETag: \"%s\"\r\n",
             rig.md5);
    rig_image(&rig, 10000, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(&rig));
}
