#include "tests/unit/device/puller_rig.h"
#include "tests/unit/serve/stock_requests.h"

#include <criterion/criterion.h>

static struct puller_rig rig;

static void setup(void)
{
    rig_init(&rig);
}

TestSuite(puller_request, .init = setup);

#define STOCK_URL "http://127.0.0.1:8080/firmware.bin"

/* The identity of the stock clients' requests, but for what differs. */
static void identify(enum image_kind family)
{
    static const uint8_t station[] = { 0x18, 0xFE, 0xAA, 0xAA, 0xAA, 0xAA };

    rig_identify(&rig, family);
    memcpy(rig.identity.station, station, sizeof station);
    memcpy(rig.identity.access_point, station, sizeof station);
    rig.identity.access_point[0] = 0x1A;
    cr_assert(hex_decode(rig.identity.sketch_md5, sizeof rig.identity.sketch_md5, STOCK_MD5,
                         strlen(STOCK_MD5)));
    cr_assert(hex_decode(rig.identity.sketch_sha256, sizeof rig.identity.sketch_sha256,
                         STOCK_SHA256, strlen(STOCK_SHA256)));
    rig.identity.version = STOCK_VERSION;
}

/* What it asks is that request, to the byte. */
static void expect_request(const struct stock_header *header)
{
    char expected[2048];
    size_t used = (size_t)snprintf(expected, sizeof expected, "GET /firmware.bin HTTP/1.0\r\n");

    for (; header->name; header++)
        used += (size_t)snprintf(expected + used, sizeof expected - used, "%s: %s\r\n",
                                 header->name, header->value);
    snprintf(expected + used, sizeof expected - used, "\r\n");
    rig_ask_for(&rig, STOCK_URL);
    cr_assert_str_eq(rig.request, expected);
}

Test(puller_request, of_an_esp8266_is_the_stock_clients)
{
    identify(IMAGE_ESP8266);
    rig.identity.chip_id = 0xAAAAAA;
    expect_request(stock_esp8266);
}

Test(puller_request, of_an_esp32_is_the_stock_clients)
{
    identify(IMAGE_ESP32);
    rig.identity.free_space = 1310720;
    rig.identity.sketch_size = 918064;
    rig.identity.sdk_version = "v5.1.4-497-gdc859c1e67-dirty";
    expect_request(stock_esp32);
}

Test(puller_request, of_an_rp2040_is_the_stock_clients)
{
    identify(IMAGE_PICO);
    rig.identity.chip_id = 0xE6614C311B4B6E2D;
    rig.identity.sdk_version = NULL;
    expect_request(stock_pico);
}

Test(puller_request, of_an_rp2040_has_all_digits_of_its_number)
{
    rig_identify(&rig, IMAGE_PICO);
    rig.identity.chip_id = 0x0A;
    rig_ask(&rig);
    cr_assert(rig_has_line(&rig, "x-Pico-Chip-ID: 000000000000000A"));
}

Test(puller_request, without_a_version_there_is_no_such_header)
{
    rig_ask(&rig);
    cr_assert(strstr(rig.request, "x-ESP8266-mode: sketch\r\n\r\n") != NULL);
    ota_puller_abort(&rig.puller, 0);
    rig.identity.version = "";
    rig_ask(&rig);
    cr_assert(strstr(rig.request, "x-ESP8266-mode: sketch\r\n\r\n") != NULL);
}

Test(puller_request, for_a_file_system_says_spiffs)
{
    cr_assert(ota_puller_start(&rig.puller, RIG_URL, OTA_FILESYSTEM, rig.now));
    rig_pass(&rig, 0);
    rig_connected(&rig);
    cr_assert(rig_has_line(&rig, "x-ESP8266-mode: spiffs"));
}

Test(puller_request, names_host_and_port_as_the_address_does)
{
    static const struct {
        const char *url, *host;
        uint16_t port;
        const char *first, *line;
    } rows[] = {
        { "http://door.example/a?b=c#d", "door.example", 80, "GET /a?b=c HTTP/1.0\r\n",
          "Host: door.example" },
        { "http://door.example:80", "door.example", 80, "GET / HTTP/1.0\r\n",
          "Host: door.example" },
        { "http://Door.example:443/", "Door.example", 443, "GET / HTTP/1.0\r\n",
          "Host: Door.example:443" },
        { "https://door.example/", "door.example", 443, "GET / HTTP/1.0\r\n",
          "Host: door.example" },
        { "https://door.example:80/", "door.example", 80, "GET / HTTP/1.0\r\n",
          "Host: door.example:80" },
        { "http://[2001:db8::1]/x", "2001:db8::1", 80, "GET /x HTTP/1.0\r\n",
          "Host: [2001:db8::1]" },
        { "http://[::1]:8080/x", "::1", 8080, "GET /x HTTP/1.0\r\n", "Host: [::1]:8080" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig_ask_for(&rig, rows[i].url);
        cr_expect_str_eq(rig.host, rows[i].host);
        cr_expect_eq(rig.port, rows[i].port);
        cr_expect_eq(rig.tls, rows[i].url[4] == 's');
        cr_expect_eq(strncmp(rig.request, rows[i].first, strlen(rows[i].first)), 0, "%s",
                     rows[i].url);
        cr_expect(rig_has_line(&rig, rows[i].line), "%s", rows[i].line);
        ota_puller_abort(&rig.puller, 0);
    }
}

/* RFC 4648, section 10, as far as a colon is in it. */
Test(puller_request, carries_credentials_in_base64)
{
    static const struct {
        const char *credentials, *line;
    } rows[] = {
        { "Aladdin:open sesame", "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" },
        { ":", "Authorization: Basic Og==" },
        { "a:", "Authorization: Basic YTo=" },
        { "a:b", "Authorization: Basic YTpi" },
        { "\xC3\xA4:\xFF\xFE", "Authorization: Basic w6Q6//4=" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig.config.credentials = rows[i].credentials;
        cr_assert(ota_puller_init(&rig.puller, &rig.config));
        rig_ask(&rig);
        cr_expect(rig_has_line(&rig, rows[i].line), "%s", rows[i].line);
        cr_expect(strstr(rig.request, "close\r\nAuthorization: Basic ") != NULL);
        ota_puller_abort(&rig.puller, 0);
    }
}

Test(puller_request, leaves_no_credentials_in_memory)
{
    static const char secret[] = "bXk6c2VjcmV0"; /* my:secret */
    const char *memory = (const char *)&rig.puller;

    rig.config.credentials = "my:secret";
    rig_ask(&rig);
    cr_assert(strstr(rig.request, secret) != NULL);
    for (size_t i = 0; i + sizeof secret <= sizeof rig.puller; i++)
        cr_assert_neq(memcmp(memory + i, secret, sizeof secret - 1), 0);
}

Test(puller_request, is_the_same_in_whatever_pieces_it_goes_out)
{
    static char whole[sizeof rig.request];
    size_t len;

    rig.identity.version = "DOOR-7-g14f53a19";
    rig_ask(&rig);
    memcpy(whole, rig.request, sizeof whole);
    len = strlen(whole);
    cr_assert(len > 300);
    ota_puller_abort(&rig.puller, 0);
    for (size_t piece = 1; piece < 700; piece = piece * 3 + 1) {
        rig.room = piece;
        rig_ask(&rig);
        while (rig.sent < len) {
            size_t before = rig.sent;
            rig.room = piece;
            ota_puller_on_sendable(&rig.puller, rig.now);
            rig_pass(&rig, 0);
            cr_assert(rig.sent > before);
        }
        cr_assert_str_eq(rig.request, whole);
        ota_puller_on_sendable(&rig.puller, rig.now);
        cr_assert_eq(rig.sent, len);
        ota_puller_abort(&rig.puller, 0);
    }
}

Test(puller_request, an_answer_is_not_taken_before_it_is_out)
{
    rig.room = 10;
    rig_ask(&rig);
    cr_assert_eq(ota_puller_on_stream(&rig.puller, "HTTP/1.0 304 X\r\n\r\n", 18, rig.now), 0);
    rig.room = SIZE_MAX;
    ota_puller_on_sendable(&rig.puller, rig.now);
    rig_say(&rig, "HTTP/1.0 304 X\r\n\r\n");
    cr_assert_eq(ota_puller_result(&rig.puller), OTA_PULL_NO_UPDATE);
}
