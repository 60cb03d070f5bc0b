/*
 * The command line of espota-device.
 */
#ifndef DEVICE_OPTIONS_H
#define DEVICE_OPTIONS_H

#include "common/auth.h"
#include "common/image.h"
#include "ota/net.h"

#include <stdbool.h>
#include <stdint.h>

/* Exit status of the program; the manual page lists them. */
enum device_exit {
    DEVICE_DONE = 0,   /* ended by a signal; with --once: only when updated */
    DEVICE_FAILED = 1, /* could not work; with --once: not updated */
    DEVICE_USAGE = 2,  /* bad command line */
};

/* The smallest erase unit of the simulated flash, in bytes. */
#define DEVICE_ERASE_SIZE 4096u

struct device_options {
    const char *flash_path;
    uint32_t flash_size;     /* bytes; a multiple of DEVICE_ERASE_SIZE */
    struct ota_address bind; /* with its port */
    enum image_kind family;  /* IMAGE_ESP8266 or IMAGE_ESP32 */
    enum auth_dialect dialect;
    bool has_password;
    struct password_digest password;
    bool typical_timing; /* flash is as slow as silicon */
    bool once;
};

/* Read the command line. Ends the program with DEVICE_USAGE when it is bad. Wipes passwords. */
void device_options_parse(struct device_options *out, int argc, char **argv);

#endif
