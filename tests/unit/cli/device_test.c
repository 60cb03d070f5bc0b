#include "cli/discover/device.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct device device_with(const char *txt, size_t len)
{
    struct device device = { .txt = (const uint8_t *)txt, .txt_len = len };

    snprintf(device.name, sizeof device.name, "Kitchen Light");
    snprintf(device.host, sizeof device.host, "esp8266-1a2b3c.local");
    return device;
}

#define DEVICE(txt) device_with((txt), sizeof(txt) - 1)

Test(device, says_whether_it_has_a_password)
{
    struct device yes = DEVICE("\x0f"
                               "auth_upload=yes");
    struct device no = DEVICE("\x0e"
                              "auth_upload=NO");
    struct device maybe = DEVICE("\x11"
                                 "auth_upload=maybe");
    struct device alone = DEVICE("\x0b"
                                 "auth_upload");
    struct device silent = DEVICE("");

    cr_expect_eq(device_auth(&yes), DEVICE_AUTH_YES);
    cr_expect_eq(device_auth(&no), DEVICE_AUTH_NO);
    cr_expect_eq(device_auth(&maybe), DEVICE_AUTH_UNKNOWN);
    cr_expect_eq(device_auth(&alone), DEVICE_AUTH_UNKNOWN);
    cr_expect_eq(device_auth(&silent), DEVICE_AUTH_UNKNOWN);
}

Test(device, names_its_board_printably)
{
    char out[64];
    struct device device = DEVICE("\x0f"
                                  "board=nodemcuv2");
    struct device hostile = DEVICE("\x0b"
                                   "board=\x1b[2J\xff");
    struct device alone = DEVICE("\x05"
                                 "board");
    struct device silent = DEVICE("");

    cr_expect_str_eq(device_board(&device, out, sizeof out), "nodemcuv2");
    cr_expect_str_eq(device_board(&device, out, 5), "node");
    cr_expect_str_eq(device_board(&hostile, out, sizeof out), "\\x1b[2J\\xff");
    cr_expect_str_eq(device_board(&alone, out, sizeof out), "");
    cr_expect_str_eq(device_board(&silent, out, sizeof out), "");
}

Test(device, shows_its_names_printably)
{
    char out[4 * DEVICE_HOST_MAX];
    struct device device = DEVICE("");

    cr_expect_str_eq(device_name_text(&device, out, sizeof out), "Kitchen Light");
    cr_expect_str_eq(device_host_text(&device, out, sizeof out), "esp8266-1a2b3c");
    cr_expect_str_eq(device_full_host_text(&device, out, sizeof out), "esp8266-1a2b3c.local");
    snprintf(device.name, sizeof device.name, "a\"b\\c\x07.d");
    cr_expect_str_eq(device_name_text(&device, out, sizeof out), "a\"b\\\\c\\x07.d");
}

Test(device, takes_the_escapes_of_dns_out_of_its_host_name)
{
    char out[4 * DEVICE_HOST_MAX];
    struct device device = DEVICE("");

    snprintf(device.host, sizeof device.host, "my\\032light\\.1\\027\\\\.LOCAL");
    cr_expect_str_eq(device_host_text(&device, out, sizeof out), "my light.1\\x1b\\\\");
    snprintf(device.host, sizeof device.host, "end\\");
    cr_expect_str_eq(device_host_text(&device, out, sizeof out), "end\\\\");
    snprintf(device.host, sizeof device.host, "a\\000b\\999c\\1");
    cr_expect_str_eq(device_host_text(&device, out, sizeof out), "a000b999c1");
    snprintf(device.host, sizeof device.host, ".local");
    cr_expect_str_eq(device_host_text(&device, out, sizeof out), ".local");
    memset(device.host, '\x01', sizeof device.host - 1);
    device.host[sizeof device.host - 1] = '\0';
    cr_expect_eq(strlen(device_host_text(&device, out, sizeof out)),
                 (size_t)4 * (DEVICE_HOST_MAX - 1));
}

Test(device, is_called_by_either_name)
{
    struct device device = DEVICE("");

    cr_expect(device_is_called(&device, "kitchen light"));
    cr_expect(device_is_called(&device, "ESP8266-1A2B3C"));
    cr_expect(device_is_called(&device, "esp8266-1a2b3c.local"));
    cr_expect(device_is_called(&device, "ESP8266-1a2b3c.Local"));
    cr_expect_not(device_is_called(&device, "esp8266-1a2b3c.loc"));
    cr_expect_not(device_is_called(&device, "esp8266"));
    cr_expect_not(device_is_called(&device, "kitchen*"));
    cr_expect_not(device_is_called(&device, ""));
    device.host[0] = '\0';
    cr_expect_not(device_is_called(&device, ""));
}

Test(device, is_called_as_it_is_shown)
{
    struct device device = DEVICE("");

    snprintf(device.name, sizeof device.name, "bell\a");
    snprintf(device.host, sizeof device.host, "my\\032light.local");
    cr_expect(device_is_called(&device, "bell\\x07"));
    cr_expect(device_is_called(&device, "bell\a"));
    cr_expect(device_is_called(&device, "my light"));
    cr_expect(device_is_called(&device, "my light.local"));
    cr_expect(device_is_called(&device, "my\\032light.local"));
}

Test(device, matches_globs)
{
    struct device device = DEVICE("");

    cr_expect(device_matches(&device, "KITCHEN*"));
    cr_expect(device_matches(&device, "*light"));
    cr_expect(device_matches(&device, "esp8266-??????"));
    cr_expect(device_matches(&device, "esp*.local"));
    cr_expect(device_matches(&device, "Kitchen[ _]Light"));
    cr_expect(device_matches(&device, "*"));
    cr_expect_not(device_matches(&device, "kitchen"));
    cr_expect_not(device_matches(&device, "esp32*"));
    cr_expect_not(device_matches(&device, ""));
}
