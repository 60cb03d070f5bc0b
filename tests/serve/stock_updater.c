#include "stock_updater.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define KIB ((uint64_t)1024)

static const char *or_else(const char *text, const char *other)
{
    return text ? text : other;
}

static uint64_t number_or_else(uint64_t number, uint64_t other)
{
    return number > 0 ? number : other;
}

struct writer {
    const struct stock_updater *updater;
    char *out;
    size_t used;
};

static void put(struct writer *writer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct writer *writer, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int len =
        vsnprintf(writer->out + writer->used, STOCK_REQUEST_SIZE - writer->used, format, args);
    va_end(args);
    if (len > 0 && writer->used + (size_t)len < STOCK_REQUEST_SIZE)
        writer->used += (size_t)len;
}

/* A header, unless it is the one to leave out; its name in the case that is wanted. */
static void header(struct writer *writer, const char *prefix, const char *field, const char *value)
{
    char name[64];

    snprintf(name, sizeof name, "%s%s", prefix, field);
    if (writer->updater->without && strcasecmp(name, writer->updater->without) == 0)
        return;
    for (char *c = name; *c && writer->updater->names != STOCK_AS_SENT; c++)
        *c = (char)(writer->updater->names == STOCK_LOWER ? tolower((unsigned char)*c)
                                                          : toupper((unsigned char)*c));
    put(writer, "%s: %s\r\n", name, value);
}

static void number(struct writer *writer, const char *prefix, const char *field, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, value);
    header(writer, prefix, field, text);
}

/* What HTTPClient sends first. */
static void opening(struct writer *writer, const char *agent)
{
    const struct stock_updater *updater = writer->updater;

    put(writer, "%s %s HTTP/1.0\r\n", or_else(updater->method, "GET"),
        or_else(updater->path, "/firmware.bin"));
    header(writer, "", "Host", "127.0.0.1");
    header(writer, "", "User-Agent", agent);
    header(writer, "", "Connection", "close");
}

static void esp_fields(struct writer *writer, const char *prefix, bool esp32)
{
    const struct stock_updater *updater = writer->updater;

    if (!esp32)
        header(writer, prefix, "Chip-ID", "11184810");
    header(writer, prefix, "STA-MAC", or_else(updater->mac, "18:FE:AA:AA:AA:AA"));
    header(writer, prefix, "AP-MAC", "1A:FE:AA:AA:AA:AA");
    number(writer, prefix, "free-space", number_or_else(updater->free_space, 2048 * KIB));
    number(writer, prefix, "sketch-size", 373940);
    header(writer, prefix, "sketch-md5", or_else(updater->md5, "a56f8ef78a0bebd812f62067daf1408a"));
    if (esp32)
        header(writer, prefix, "sketch-sha256",
               or_else(updater->sha256,
                       "D2F9A8C1B0E34455667788990011223344556677889900AABBCCDDEEFF001122"));
    number(writer, prefix, "chip-size", number_or_else(updater->chip_size, 4096 * KIB));
    header(writer, prefix, "sdk-version", esp32 ? "v5.1.4" : "2.2.2-dev(38a443e)");
    header(writer, prefix, "mode", or_else(updater->mode, "sketch"));
    if (updater->version)
        header(writer, prefix, "version", updater->version);
}

static void pico_fields(struct writer *writer)
{
    const struct stock_updater *updater = writer->updater;
    static const char prefix[] = "x-Pico-";

    header(writer, prefix, "Chip-ID", "E6614103E7452D2F");
    header(writer, prefix, "STA-MAC", or_else(updater->mac, "18:FE:AA:AA:AA:AA"));
    header(writer, prefix, "AP-MAC", "1A:FE:AA:AA:AA:AA");
    header(writer, prefix, "Mode", or_else(updater->mode, "sketch"));
    if (updater->version)
        header(writer, prefix, "Version", updater->version);
}

char *stock_request(const struct stock_updater *updater, char out[STOCK_REQUEST_SIZE])
{
    static const char *const agents[] = {
        [STOCK_ESP8266] = "ESP8266-http-Update",
        [STOCK_ESP32] = "ESP32-http-Update",
        [STOCK_PICO] = "Pico-HTTP-Update",
    };
    struct writer writer = { updater, out, 0 };

    opening(&writer, agents[updater->family]);
    if (updater->family == STOCK_PICO)
        pico_fields(&writer);
    else
        esp_fields(&writer, updater->family == STOCK_ESP32 ? "x-ESP32-" : "x-ESP8266-",
                   updater->family == STOCK_ESP32);
    put(&writer, "%s\r\n", or_else(updater->more, ""));
    return out;
}
