/*
 * Requests as the stock clients send them, byte for byte: ESP8266httpUpdate, HTTPUpdate of the
 * ESP32, HTTPUpdate of the RP2040. And as a proxy may hand them on, with its own case of names.
 */
#ifndef TESTS_STOCK_UPDATER_H
#define TESTS_STOCK_UPDATER_H

#include <stddef.h>
#include <stdint.h>

enum stock_family {
    STOCK_ESP8266,
    STOCK_ESP32,
    STOCK_PICO,
};

enum stock_case {
    STOCK_AS_SENT,
    STOCK_LOWER, /* as HTTP/2 proxies do */
    STOCK_UPPER,
};

struct stock_updater {
    enum stock_family family;
    const char *mac;     /* NULL: "18:FE:AA:AA:AA:AA" */
    const char *mode;    /* NULL: "sketch" */
    const char *version; /* NULL: none is sent */
    const char *md5;     /* of the running sketch; NULL: of none that there is */
    const char *sha256;  /* ESP32; likewise */
    uint64_t free_space; /* 0: 2 MiB */
    uint64_t chip_size;  /* 0: 4 MiB */
    const char *path;    /* NULL: "/firmware.bin" */
    const char *method;  /* NULL: "GET" */
    const char *more;    /* headers at the end, each with its line end; or NULL */
    enum stock_case names;
    const char *without; /* leave out the header of this name, prefix included; or NULL */
};

/* Bytes that suffice for a request. */
#define STOCK_REQUEST_SIZE 2048

/* Write the request, NUL-terminated; returns `out`. */
char *stock_request(const struct stock_updater *updater, char out[STOCK_REQUEST_SIZE]);

#endif
