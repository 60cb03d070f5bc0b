#include "tests/unit/device/puller_rig.h"

#include <criterion/criterion.h>

static struct puller_rig rig;

static void setup(void)
{
    rig_init(&rig);
}

TestSuite(puller_request, .init = setup);

#define ACCEPT "Accept-Encoding: identity;q=1,chunked;q=0.1,*;q=0\r\n"
#define MD5    "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"
#define SHA256 "BEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBEBE"

static const char esp8266[] = "GET /firmware.bin HTTP/1.0\r\n"
                              "Host: 192.0.2.1:8080\r\n"
                              "User-Agent: ESP8266-http-Update\r\n"
                              "Connection: close\r\n" ACCEPT "x-ESP8266-Chip-ID: 3830442\r\n"
                              "x-ESP8266-STA-MAC: 18:FE:AA:AA:AA:AA\r\n"
                              "x-ESP8266-AP-MAC: 1A:FE:AA:AA:AA:AB\r\n"
                              "x-ESP8266-free-space: 671744\r\n"
                              "x-ESP8266-sketch-size: 373940\r\n"
                              "x-ESP8266-sketch-md5: " MD5 "\r\n"
                              "x-ESP8266-chip-size: 4194304\r\n"
                              "x-ESP8266-sdk-version: 2.2.2-dev(38a443e)\r\n"
                              "x-ESP8266-mode: sketch\r\n"
                              "x-ESP8266-version: DOOR-7-g14f53a19\r\n"
                              "\r\n";

Test(puller_request, of_an_esp8266_is_the_stock_clients)
{
    rig.identity.version = "DOOR-7-g14f53a19";
    rig_ask(&rig);
    cr_assert_str_eq(rig.request, esp8266);
}

Test(puller_request, of_an_esp32_is_the_stock_clients)
{
    rig_identify(&rig, IMAGE_ESP32);
    rig.identity.version = "1.0";
    rig.identity.sdk_version = "v4.4.7-dirty";
    rig_ask(&rig);
    cr_assert_str_eq(rig.request,
                     "GET /firmware.bin HTTP/1.0\r\n"
                     "Host: 192.0.2.1:8080\r\n"
                     "User-Agent: ESP32-http-Update\r\n"
                     "Connection: close\r\n" ACCEPT "x-ESP32-STA-MAC: 18:FE:AA:AA:AA:AA\r\n"
                     "x-ESP32-AP-MAC: 1A:FE:AA:AA:AA:AB\r\n"
                     "x-ESP32-free-space: 671744\r\n"
                     "x-ESP32-sketch-size: 373940\r\n"
                     "x-ESP32-sketch-md5: " MD5 "\r\n"
                     "x-ESP32-sketch-sha256: " SHA256 "\r\n"
                     "x-ESP32-chip-size: 4194304\r\n"
                     "x-ESP32-sdk-version: v4.4.7-dirty\r\n"
                     "x-ESP32-mode: sketch\r\n"
                     "x-ESP32-version: 1.0\r\n"
                     "\r\n");
}

Test(puller_request, of_an_rp2040_is_the_stock_clients)
{
    rig_identify(&rig, IMAGE_PICO);
    rig.identity.version = "1.0";
    rig.identity.sdk_version = NULL;
    rig_ask(&rig);
    cr_assert_str_eq(rig.request, "GET /firmware.bin HTTP/1.0\r\n"
                                  "Host: 192.0.2.1:8080\r\n"
                                  "User-Agent: Pico-HTTP-Update\r\n"
                                  "Connection: close\r\n" ACCEPT "x-Pico-Chip-ID: 3830442\r\n"
                                  "x-Pico-STA-MAC: 18:FE:AA:AA:AA:AA\r\n"
                                  "x-Pico-AP-MAC: 1A:FE:AA:AA:AA:AB\r\n"
                                  "x-Pico-Mode: sketch\r\n"
                                  "x-Pico-Version: 1.0\r\n"
                                  "\r\n");
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
        cr_expect(strstr(rig.request, "q=0\r\nAuthorization: Basic ") != NULL);
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
    rig.identity.version = "DOOR-7-g14f53a19";
    for (size_t piece = 1; piece < 700; piece = piece * 3 + 1) {
        rig.room = piece;
        rig_ask(&rig);
        while (rig.sent < sizeof esp8266 - 1) {
            size_t before = rig.sent;
            rig.room = piece;
            ota_puller_on_sendable(&rig.puller, rig.now);
            rig_pass(&rig, 0);
            cr_assert(rig.sent > before);
        }
        cr_assert_str_eq(rig.request, esp8266);
        ota_puller_on_sendable(&rig.puller, rig.now);
        cr_assert_eq(rig.sent, sizeof esp8266 - 1);
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
