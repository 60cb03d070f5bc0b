/*
 * The requests of the three stock clients, byte for byte: names in their order and case, and values
 * as the cores write them. A NULL name ends a list. What is optional is in the lists, too; `sketch`
 * is the common case of each.
 */
#ifndef TESTS_STOCK_REQUESTS_H
#define TESTS_STOCK_REQUESTS_H

struct stock_header {
    const char *name;
    const char *value;
};

#define STOCK_STA_MAC "18:FE:AA:AA:AA:AA"
#define STOCK_AP_MAC  "1A:FE:AA:AA:AA:AA"
#define STOCK_MD5     "a56f8ef78a0bebd812f62067daf1408a"
#define STOCK_SHA256  "1B4E28BA2FA1121D2B0C1C8E7F1F4B9B5A0A7C6E5D4C3B2A190807F6E5D4C3B2"
#define STOCK_VERSION "DOOR-7-g14f53a19"

/* After the request line "GET /path HTTP/1.0". */
static const struct stock_header stock_esp8266[] = {
    { "Host", "127.0.0.1:8080" },
    { "User-Agent", "ESP8266-http-Update" },
    { "Connection", "close" },
    { "x-ESP8266-Chip-ID", "11184810" },
    { "x-ESP8266-STA-MAC", STOCK_STA_MAC },
    { "x-ESP8266-AP-MAC", STOCK_AP_MAC },
    { "x-ESP8266-free-space", "671744" },
    { "x-ESP8266-sketch-size", "373940" },
    { "x-ESP8266-sketch-md5", STOCK_MD5 },
    { "x-ESP8266-chip-size", "4194304" },
    { "x-ESP8266-sdk-version", "2.2.2-dev(38a443e)" },
    { "x-ESP8266-mode", "sketch" },
    { "x-ESP8266-version", STOCK_VERSION },
    { NULL, NULL },
};

static const struct stock_header stock_esp32[] = {
    { "Host", "127.0.0.1:8080" },
    { "User-Agent", "ESP32-http-Update" },
    { "Connection", "close" },
    { "Cache-Control", "no-cache" },
    { "x-ESP32-STA-MAC", STOCK_STA_MAC },
    { "x-ESP32-AP-MAC", STOCK_AP_MAC },
    { "x-ESP32-free-space", "1310720" },
    { "x-ESP32-sketch-size", "918064" },
    { "x-ESP32-sketch-md5", STOCK_MD5 },
    { "x-ESP32-sketch-sha256", STOCK_SHA256 },
    { "x-ESP32-chip-size", "4194304" },
    { "x-ESP32-sdk-version", "v5.1.4-497-gdc859c1e67-dirty" },
    { "x-ESP32-mode", "sketch" },
    { "x-ESP32-version", STOCK_VERSION },
    { NULL, NULL },
};

static const struct stock_header stock_pico[] = {
    { "Host", "127.0.0.1:8080" },
    { "User-Agent", "Pico-HTTP-Update" },
    { "Connection", "close" },
    { "x-Pico-Chip-ID", "E6614C311B4B6E2D" },
    { "x-Pico-STA-MAC", STOCK_STA_MAC },
    { "x-Pico-AP-MAC", STOCK_AP_MAC },
    { "x-Pico-Mode", "sketch" },
    { "x-Pico-Version", STOCK_VERSION },
    { NULL, NULL },
};

#endif
