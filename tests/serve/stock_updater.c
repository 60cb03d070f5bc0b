#include "stock_updater.h"

#include "tests/unit/serve/stock_requests.h"

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
static void header(struct writer *writer, const char *known, const char *value)
{
    char name[64];

    if (writer->updater->without && strcasecmp(known, writer->updater->without) == 0)
        return;
    snprintf(name, sizeof name, "%s", known);
    for (char *c = name; *c && writer->updater->names != STOCK_AS_SENT; c++)
        *c = (char)(writer->updater->names == STOCK_LOWER ? tolower((unsigned char)*c)
                                                          : toupper((unsigned char)*c));
    put(writer, "%s: %s\r\n", name, value);
}

/* What this updater has to say of itself in a field, or else what the table says; NULL: nothing. */
static const char *value_of(const struct stock_updater *updater, const char *field,
                            const char *standard, char number[24])
{
    const char *value = standard;

    if (strcasecmp(field, "STA-MAC") == 0)
        value = or_else(updater->mac, standard);
    else if (strcasecmp(field, "mode") == 0)
        value = or_else(updater->mode, standard);
    else if (strcasecmp(field, "version") == 0)
        value = updater->version;
    else if (strcasecmp(field, "sketch-md5") == 0)
        value = or_else(updater->md5, standard);
    else if (strcasecmp(field, "sketch-sha256") == 0)
        value = or_else(updater->sha256, standard);
    else if (strcasecmp(field, "free-space") == 0)
        snprintf(number, 24, "%" PRIu64, number_or_else(updater->free_space, 2048 * KIB));
    else if (strcasecmp(field, "chip-size") == 0)
        snprintf(number, 24, "%" PRIu64, number_or_else(updater->chip_size, 4096 * KIB));
    return number[0] ? number : value;
}

/* A header of the table. */
static void put_header(struct writer *writer, const struct stock_header *row, const char *prefix)
{
    size_t len = strlen(prefix);
    bool is_own = strncmp(row->name, prefix, len) == 0;
    char number[24] = "";
    const char *value =
        is_own ? value_of(writer->updater, row->name + len, row->value, number) : row->value;

    if (value)
        header(writer, row->name, value);
}

char *stock_request(const struct stock_updater *updater, char out[STOCK_REQUEST_SIZE])
{
    static const struct {
        const struct stock_header *headers;
        const char *prefix;
    } clients[] = {
        [STOCK_ESP8266] = { stock_esp8266, "x-ESP8266-" },
        [STOCK_ESP32] = { stock_esp32, "x-ESP32-" },
        [STOCK_PICO] = { stock_pico, "x-Pico-" },
    };
    struct writer writer = { updater, out, 0 };

    put(&writer, "%s %s HTTP/1.0\r\n", or_else(updater->method, "GET"),
        or_else(updater->path, "/firmware.bin"));
    for (const struct stock_header *row = clients[updater->family].headers; row->name; row++)
        put_header(&writer, row, clients[updater->family].prefix);
    put(&writer, "%s\r\n", or_else(updater->more, ""));
    return out;
}
