#include "cli/serve/update_request.h"

#include "common/hex.h"
#include "tests/unit/serve/stock_requests.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct stock {
    enum image_kind family;
    const char *prefix;
    const struct stock_header *headers;
};

static const struct stock stocks[] = {
    { IMAGE_ESP8266, "x-ESP8266-", stock_esp8266 },
    { IMAGE_ESP32, "x-ESP32-", stock_esp32 },
    { IMAGE_PICO, "x-Pico-", stock_pico },
};

#define STOCKS (sizeof stocks / sizeof *stocks)

/* All headers but `left_out` (NULL: all); that one with `value` in place of its own if not NULL. */
static enum update_refusal read_but(struct update_parser *parser,
                                    const struct stock_header *headers, const char *changed,
                                    const char *value)
{
    update_parser_init(parser);
    for (; headers->name; headers++) {
        if (!changed || strcasecmp(headers->name, changed) != 0)
            update_parser_take(parser, headers->name, headers->value);
        else if (value)
            update_parser_take(parser, headers->name, value);
    }
    return update_parser_end(parser);
}

static const char *why(const struct update_parser *parser)
{
    static char text[128];

    return update_refusal_text(parser, text, sizeof text);
}

Test(update_request, of_an_esp8266_is_read_whole)
{
    struct update_parser parser;
    struct mac mac;
    char hex[HEX_SIZE(DIGEST_MD5_SIZE)];

    cr_assert_eq(read_but(&parser, stock_esp8266, NULL, NULL), UPDATE_ACCEPTED, "%s", why(&parser));
    const struct update_request *request = &parser.request;
    cr_assert_eq(request->family, IMAGE_ESP8266);
    cr_assert_eq(request->mode, UPDATE_SKETCH);
    cr_assert(mac_parse(&mac, STOCK_STA_MAC) && mac_equal(&mac, &request->station));
    cr_assert(mac_parse(&mac, STOCK_AP_MAC) && mac_equal(&mac, &request->access_point));
    cr_assert_eq(request->free_space, 671744);
    cr_assert_eq(request->sketch_size, 373940);
    cr_assert_eq(request->chip_size, 4194304);
    hex_encode(hex, request->sketch_md5, sizeof request->sketch_md5);
    cr_assert_str_eq(hex, STOCK_MD5);
    cr_assert_str_eq(request->sdk_version, "2.2.2-dev(38a443e)");
    cr_assert_str_eq(request->version, STOCK_VERSION);
    cr_assert_eq(request->sent, (UPDATE_FIELD_VERSION << 1) - 1u - UPDATE_FIELD_SKETCH_SHA256);
}

Test(update_request, of_an_esp32_is_read_whole)
{
    struct update_parser parser;
    char hex[HEX_SIZE(DIGEST_SHA256_SIZE)];

    cr_assert_eq(read_but(&parser, stock_esp32, NULL, NULL), UPDATE_ACCEPTED, "%s", why(&parser));
    cr_assert_eq(parser.request.family, IMAGE_ESP32);
    hex_encode(hex, parser.request.sketch_sha256, sizeof parser.request.sketch_sha256);
    cr_assert_eq(strcasecmp(hex, STOCK_SHA256), 0);
    cr_assert_eq(parser.request.sent, (UPDATE_FIELD_VERSION << 1) - 1u - UPDATE_FIELD_CHIP_ID);
}

Test(update_request, of_an_rp2040_is_read_whole)
{
    struct update_parser parser;

    cr_assert_eq(read_but(&parser, stock_pico, NULL, NULL), UPDATE_ACCEPTED, "%s", why(&parser));
    cr_assert_eq(parser.request.family, IMAGE_PICO);
    cr_assert_eq(parser.request.sent, UPDATE_FIELD_CHIP_ID | UPDATE_FIELD_STA_MAC |
                                          UPDATE_FIELD_AP_MAC | UPDATE_FIELD_MODE |
                                          UPDATE_FIELD_VERSION);
    cr_assert_str_eq(parser.request.version, STOCK_VERSION);
}

Test(update_request, names_are_read_in_any_case_and_order)
{
    for (size_t i = 0; i < STOCKS; i++) {
        struct update_parser straight;
        struct update_parser turned;
        size_t count = 0;

        read_but(&straight, stocks[i].headers, NULL, NULL);
        while (stocks[i].headers[count].name)
            count++;
        update_parser_init(&turned);
        while (count-- > 0) {
            char name[64];
            size_t len = strlen(stocks[i].headers[count].name);
            for (size_t c = 0; c <= len; c++) {
                int letter = (unsigned char)stocks[i].headers[count].name[c];
                name[c] = (char)(count % 2 ? toupper(letter) : tolower(letter));
            }
            update_parser_take(&turned, name, stocks[i].headers[count].value);
        }
        cr_assert_eq(update_parser_end(&turned), UPDATE_ACCEPTED, "%s", why(&turned));
        cr_assert_eq(memcmp(&turned.request, &straight.request, sizeof turned.request), 0);
    }
}

/* What a client of this family may leave out. */
static bool is_optional(enum image_kind family, const char *field)
{
    return strcasecmp(field, "version") == 0 ||
           (family == IMAGE_ESP32 &&
            (strcmp(field, "sketch-sha256") == 0 || strcmp(field, "sketch-md5") == 0));
}

Test(update_request, every_header_that_is_always_sent_must_be_there)
{
    for (size_t i = 0; i < STOCKS; i++) {
        size_t len = strlen(stocks[i].prefix);
        unsigned required = 0;
        for (const struct stock_header *header = stocks[i].headers; header->name; header++) {
            struct update_parser parser;
            char expected[96];
            if (strncmp(header->name, stocks[i].prefix, len) != 0)
                continue;
            enum update_refusal refusal = read_but(&parser, stocks[i].headers, header->name, NULL);
            if (is_optional(stocks[i].family, header->name + len)) {
                cr_assert_eq(refusal, UPDATE_ACCEPTED, "%s", header->name);
                continue;
            }
            required++;
            snprintf(expected, sizeof expected, "%s is missing", header->name);
            cr_assert_eq(refusal, UPDATE_MISSING, "%s", header->name);
            cr_assert_eq(strcasecmp(why(&parser), expected), 0, "%s", why(&parser));
        }
        cr_assert_eq(required, stocks[i].family == IMAGE_ESP8266 ? 9
                               : stocks[i].family == IMAGE_ESP32 ? 7
                                                                 : 4);
    }
}

Test(update_request, no_header_is_there_twice)
{
    for (size_t i = 0; i < STOCKS; i++) {
        for (const struct stock_header *header = stocks[i].headers; header->name; header++) {
            struct update_parser parser;
            bool identity =
                strncmp(header->name, "x-", 2) == 0 || strcmp(header->name, "User-Agent") == 0;
            update_parser_init(&parser);
            update_parser_take(&parser, header->name, header->value);
            for (const struct stock_header *all = stocks[i].headers; all->name; all++)
                update_parser_take(&parser, all->name, all->value);
            cr_assert_eq(update_parser_end(&parser), identity ? UPDATE_REPEATED : UPDATE_ACCEPTED,
                         "%s", header->name);
            if (identity)
                cr_assert_not_null(strstr(why(&parser), " is there twice"), "%s", why(&parser));
        }
    }
}

Test(update_request, only_the_three_user_agents_are_updaters)
{
    static const char *const bad[] = {
        "",
        "Mozilla/5.0 (X11; Linux x86_64)",
        "curl/8.5.0",
        "ESP8266-http-Update/1.0",
        "ESP8266-http-Updat",
        "esp8266-HTTP-update",
        "xESP8266-http-Update",
        "ESP8266HTTPClient",
        "ESP32HTTPClient",
    };
    struct update_parser parser;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_eq(read_but(&parser, stock_esp8266, "User-Agent", bad[i]), UPDATE_NO_UPDATER,
                     "%s", bad[i]);
        cr_assert_str_eq(why(&parser), "not an updater");
        cr_assert_not(update_agent_is_updater(bad[i]), "%s", bad[i]);
    }
    cr_assert_eq(read_but(&parser, stock_esp8266, "User-Agent", NULL), UPDATE_NO_UPDATER);
    cr_assert(update_agent_is_updater("ESP8266-http-Update"));
    cr_assert(update_agent_is_updater("ESP32-http-Update"));
    cr_assert(update_agent_is_updater("Pico-HTTP-Update"));
}

Test(update_request, headers_with_another_familys_prefix_do_not_count)
{
    struct update_parser parser;

    cr_assert_eq(read_but(&parser, stock_esp8266, "User-Agent", "ESP32-http-Update"),
                 UPDATE_MISSING);
    cr_assert_str_eq(why(&parser), "x-ESP32-STA-MAC is missing");

    update_parser_init(&parser);
    update_parser_take(&parser, "x-ESP8266-STA-MAC", "nonsense");
    update_parser_take(&parser, "x-ESP8266-version", "other");
    for (const struct stock_header *all = stock_esp32; all->name; all++)
        update_parser_take(&parser, all->name, all->value);
    cr_assert_eq(update_parser_end(&parser), UPDATE_ACCEPTED, "%s", why(&parser));
    cr_assert_str_eq(parser.request.version, STOCK_VERSION);
}

struct value_case {
    const char *name;
    const char *value;
    enum update_refusal refusal;
};

static const struct value_case values[] = {
    { "x-ESP8266-Chip-ID", "0", UPDATE_ACCEPTED },
    { "x-ESP8266-Chip-ID", "4294967296", UPDATE_MALFORMED },
    { "x-ESP8266-Chip-ID", "AAAAAA", UPDATE_MALFORMED },
    { "x-ESP8266-Chip-ID", "", UPDATE_MALFORMED },
    { "x-ESP8266-STA-MAC", " 18:fe:aa:aa:aa:aa\t", UPDATE_ACCEPTED },
    { "x-ESP8266-STA-MAC", "18:FE:AA:AA:AA", UPDATE_MALFORMED },
    { "x-ESP8266-STA-MAC", "18:FE:*", UPDATE_MALFORMED },
    { "x-ESP8266-STA-MAC", "18:FE:AA:AA:AA:AA:AA:AA:AA:AA:AA", UPDATE_MALFORMED },
    { "x-ESP8266-STA-MAC", "00:00:00:00:00:00", UPDATE_NO_ADDRESS },
    { "x-ESP8266-STA-MAC", "FF:FF:FF:FF:FF:FF", UPDATE_NO_ADDRESS },
    { "x-ESP8266-STA-MAC", "01:00:5E:00:00:01", UPDATE_NO_ADDRESS },
    { "x-ESP8266-STA-MAC", "02:00:00:00:00:00", UPDATE_ACCEPTED },
    { "x-ESP8266-STA-MAC", "00:00:00:00:00:01", UPDATE_ACCEPTED },
    { "x-ESP8266-AP-MAC", "00:00:00:00:00:00", UPDATE_ACCEPTED },
    { "x-ESP8266-AP-MAC", "", UPDATE_MALFORMED },
    { "x-ESP8266-free-space", "0", UPDATE_ACCEPTED },
    { "x-ESP8266-free-space", "4294967295", UPDATE_ACCEPTED },
    { "x-ESP8266-free-space", "4294967296", UPDATE_MALFORMED },
    { "x-ESP8266-free-space", "-1", UPDATE_MALFORMED },
    { "x-ESP8266-free-space", "+1", UPDATE_MALFORMED },
    { "x-ESP8266-free-space", "0x100", UPDATE_MALFORMED },
    { "x-ESP8266-free-space", "1 2", UPDATE_MALFORMED },
    { "x-ESP8266-free-space", "99999999999999999999999", UPDATE_MALFORMED },
    { "x-ESP8266-sketch-size", "1.5", UPDATE_MALFORMED },
    { "x-ESP8266-sketch-md5", "A56F8EF78A0BEBD812F62067DAF1408A", UPDATE_ACCEPTED },
    { "x-ESP8266-sketch-md5", "a56f8ef78a0bebd812f62067daf1408", UPDATE_MALFORMED },
    { "x-ESP8266-sketch-md5", "a56f8ef78a0bebd812f62067daf1408a0", UPDATE_MALFORMED },
    { "x-ESP8266-sketch-md5", "a56f8ef78a0bebd812f62067daf1408g", UPDATE_MALFORMED },
    { "x-ESP8266-sketch-sha256", STOCK_MD5, UPDATE_MALFORMED },
    { "x-ESP8266-chip-size", "4M", UPDATE_MALFORMED },
    { "x-ESP8266-mode", "spiffs", UPDATE_ACCEPTED },
    { "x-ESP8266-mode", "littlefs", UPDATE_ACCEPTED },
    { "x-ESP8266-mode", "fatfs", UPDATE_ACCEPTED },
    { "x-ESP8266-mode", "version", UPDATE_ACCEPTED },
    { "x-ESP8266-mode", "Sketch", UPDATE_MALFORMED },
    { "x-ESP8266-mode", "sketches", UPDATE_MALFORMED },
    { "x-ESP8266-mode", "", UPDATE_MALFORMED },
    { "x-ESP8266-version", "", UPDATE_ACCEPTED },
    { "x-ESP8266-version", "\x1b[31m\xff<script>", UPDATE_ACCEPTED },
};

Test(update_request, values_are_read_whole_or_refused)
{
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct update_parser parser;
        const struct stock_header *header = stock_esp8266;

        update_parser_init(&parser);
        for (; header->name; header++) {
            if (strcmp(header->name, values[i].name) != 0)
                update_parser_take(&parser, header->name, header->value);
        }
        update_parser_take(&parser, values[i].name, values[i].value);
        cr_assert_eq(update_parser_end(&parser), values[i].refusal, "%s: %s", values[i].name,
                     values[i].value);
        if (values[i].refusal != UPDATE_ACCEPTED)
            cr_assert_eq(strstr(why(&parser), values[i].name), why(&parser), "%s", why(&parser));
    }
}

Test(update_request, a_mac_that_is_no_devices_is_said_to_be_none)
{
    struct update_parser parser;

    cr_assert_eq(read_but(&parser, stock_esp32, "x-ESP32-STA-MAC", "00:00:00:00:00:00"),
                 UPDATE_NO_ADDRESS);
    cr_assert_str_eq(why(&parser), "x-ESP32-STA-MAC is no device's address");
    cr_assert_not(parser.request.sent & UPDATE_FIELD_STA_MAC, "it would be logged as the device");
}

Test(update_request, texts_that_are_too_long_are_refused_not_cut)
{
    struct update_parser parser;
    char text[UPDATE_VERSION_SIZE + 1];

    memset(text, 'v', sizeof text);
    text[UPDATE_VERSION_SIZE] = '\0';
    cr_assert_eq(read_but(&parser, stock_esp8266, "x-ESP8266-version", text), UPDATE_MALFORMED);
    text[UPDATE_VERSION_SIZE - 1] = '\0';
    cr_assert_eq(read_but(&parser, stock_esp8266, "x-ESP8266-version", text), UPDATE_ACCEPTED);
    cr_assert_str_eq(parser.request.version, text);
    text[UPDATE_SDK_SIZE] = '\0';
    cr_assert_eq(read_but(&parser, stock_esp8266, "x-ESP8266-sdk-version", text), UPDATE_MALFORMED);
    text[UPDATE_SDK_SIZE - 1] = '\0';
    cr_assert_eq(read_but(&parser, stock_esp8266, "x-ESP8266-sdk-version", text), UPDATE_ACCEPTED);
}

Test(update_request, the_first_thing_that_is_wrong_is_told)
{
    struct update_parser parser;

    update_parser_init(&parser);
    update_parser_take(&parser, "User-Agent", "Pico-HTTP-Update");
    update_parser_take(&parser, "x-Pico-Mode", "nonsense");
    update_parser_take(&parser, "x-Pico-STA-MAC", "nonsense");
    cr_assert_eq(update_parser_end(&parser), UPDATE_MALFORMED);
    cr_assert_str_eq(why(&parser), "x-Pico-mode is malformed");
}

Test(update_request, a_refused_one_keeps_what_was_right_for_the_log)
{
    struct update_parser parser;
    struct mac mac;

    cr_assert_eq(read_but(&parser, stock_esp8266, "x-ESP8266-mode", NULL), UPDATE_MISSING);
    cr_assert(parser.request.sent & UPDATE_FIELD_STA_MAC);
    cr_assert(mac_parse(&mac, STOCK_STA_MAC) && mac_equal(&mac, &parser.request.station));
    cr_assert_eq(parser.request.family, IMAGE_ESP8266);
}
