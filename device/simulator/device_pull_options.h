/*
 * The part of espota-device's command line that is about asking a web server for images.
 */
#ifndef DEVICE_PULL_OPTIONS_H
#define DEVICE_PULL_OPTIONS_H

#include "ota/puller.h"

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

/* Bytes of a MAC address. */
#define DEVICE_MAC_SIZE 6

/* All zeros but for `retries` when nothing was said about it: see device_pull_options_init(). */
struct device_pull_options {
    const char *url;     /* NULL: no server is asked */
    uint32_t every_ms;   /* 0: only when the device starts */
    const char *version; /* of the sketch that runs when the program starts, or NULL */
    bool has_mac;        /* else one is made up from the flash file's path */
    uint8_t mac[DEVICE_MAC_SIZE];
    uint8_t retries;
    bool has_credentials;
    char credentials[OTA_PULL_AUTH_SIZE]; /* "user:password"; to be wiped at the end */
};

/* What holds when the command line says nothing. */
void device_pull_options_init(struct device_pull_options *out);

/* The options as a child parser; its input is a struct device_pull_options, initialised. */
extern const struct argp device_pull_options_argp;

#endif
