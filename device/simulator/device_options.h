/*
 * The command line of espota-device.
 */
#ifndef DEVICE_OPTIONS_H
#define DEVICE_OPTIONS_H

#include "common/auth.h"
#include "common/image.h"
#include "device_pull_options.h"
#include "ota/layout.h"
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

/* The chip of the ESP32 family that --chip esp32 is, as in an image's header: the first one. */
#define DEVICE_CHIP_ID 0

/* Bytes of the longest name of a board: "board=NAME" is one string of a TXT record. */
#define DEVICE_BOARD_BYTES 200

/* How mDNS is had. */
enum device_mdns {
    DEVICE_MDNS_AUTO,     /* through avahi-daemon while one answers, else embedded */
    DEVICE_MDNS_DAEMON,   /* through avahi-daemon only */
    DEVICE_MDNS_EMBEDDED, /* without it */
    DEVICE_MDNS_OFF,      /* not at all */
};

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
    bool boot; /* tell what the bootloader does, and put new sketches on trial */
    enum ota_handover handover;
    bool never_confirm; /* sketches on trial do not confirm themselves */
    enum device_mdns mdns;
    const char *name;  /* to announce: see device_name_is_valid() */
    const char *board; /* to announce: 1 to DEVICE_BOARD_BYTES printable ASCII characters */
    struct device_pull_options pull;
};

/* Read the command line. Ends the program with DEVICE_USAGE when it is bad. Wipes passwords. */
void device_options_parse(struct device_options *out, int argc, char **argv);

#endif
