#include "cli/discover/choose.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>

/* --- Which devices an image is for ------------------------------------------------------------ */

static struct device device_of(const char *host, uint16_t port, const char *txt)
{
    struct device device = { .txt = (const uint8_t *)txt, .txt_len = strlen(txt) };

    cr_assert(address_parse(&device.address, "192.168.1.40"));
    address_set_port(&device.address, port);
    strncpy(device.host, host, sizeof device.host - 1);
    return device;
}

static void expect_kind(const struct device *device, enum image_kind kind)
{
    static const enum image_kind kinds[] = { IMAGE_ESP8266, IMAGE_ESP32, IMAGE_PICO };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        cr_expect_eq(choose_suits(device, kinds[i]), kinds[i] == kind, "%s as %s", device->host,
                     image_kind_name(kinds[i]));
    cr_expect_not(choose_suits(device, IMAGE_UNKNOWN));
}

Test(choose, the_port_tells_the_family)
{
    struct device esp8266 = device_of("a.local", 8266, "");
    struct device esp32 = device_of("b.local", 3232, "");
    struct device pico = device_of("c.local", 2040, "");

    expect_kind(&esp8266, IMAGE_ESP8266);
    expect_kind(&esp32, IMAGE_ESP32);
    expect_kind(&pico, IMAGE_PICO);
}

Test(choose, the_host_or_the_board_tells_the_family)
{
    struct device host = device_of("ESP32-aabbccddeeff.local", 4000, "");
    struct device board = device_of("x.local", 4000,
                                    "\x15"
                                    "board=ESP8266_NODEMCU");

    expect_kind(&host, IMAGE_ESP32);
    expect_kind(&board, IMAGE_ESP8266);
}

Test(choose, some_do_not_tell)
{
    struct device device = device_of("kitchen.local", 4000,
                                     "\x0b"
                                     "board=other");

    expect_kind(&device, IMAGE_UNKNOWN);
}

/* --- What somebody types ---------------------------------------------------------------------- */

#define COUNT 12

static void expect_picked(const char *line, const char *expected)
{
    bool picked[COUNT];
    char text[COUNT + 1] = "";

    cr_assert(choose_read(line, COUNT, picked), "\"%s\"", line);
    for (size_t i = 0; i < COUNT; i++)
        text[i] = picked[i] ? 'x' : '.';
    cr_assert_str_eq(text, expected, "\"%s\" is %s", line, text);
}

Test(choose, numbers)
{
    expect_picked("1\n", "x...........");
    expect_picked("  12 \n", "...........x");
    expect_picked("3 1,2\n", "xxx.........");
    expect_picked("2, 2 ,2\r\n", ".x..........");
    expect_picked("all\n", "xxxxxxxxxxxx");
    expect_picked(" ALL", "xxxxxxxxxxxx");
}

Test(choose, nothing_else)
{
    static const char *const lines[] = {
        "",    "\n",  "0",   "13", "-1",    "+1",   "1-3",
        "1.5", "one", "1 x", "1x", "all 1", "allx", "99999999999999999999999",
        ",",   "0x1",
    };
    bool picked[COUNT];

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        cr_expect_not(choose_read(lines[i], COUNT, picked), "\"%s\"", lines[i]);
}
