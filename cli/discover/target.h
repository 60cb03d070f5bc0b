/*
 * What a user may call a device on the command line.
 */
#ifndef CLI_TARGET_H
#define CLI_TARGET_H

#include "cli/address.h"
#include "cli/discover/device.h"

#include <stddef.h>

enum target_kind {
    TARGET_ADDRESS, /* 192.168.1.40, 2001:db8::7, [fe80::7%eth0] */
    TARGET_LOCAL,   /* kitchen.local: for mDNS alone, never for DNS (RFC 6762, section 3) */
    TARGET_GLOB,    /* kitchen-*: devices found by mDNS, any number of them */
    TARGET_BARE,    /* kitchen: a device's name or its host's; else a name of the system's */
    TARGET_DOTTED,  /* garage.lan: a name of the system's; else a device's */
    TARGET_SYSTEM,  /* localhost: never for mDNS (RFC 6761, section 6.3) */
};

/* What `text` is. `address` receives a TARGET_ADDRESS. */
enum target_kind target_kind(const char *text, struct address *address);

/* Characters of a name without the dot at its end, by which DNS tells that it is complete. */
size_t target_name_length(const char *text);

/* Bytes, with NUL, that target_text() needs at most. */
#define TARGET_TEXT_MAX (4 * DEVICE_NAME_MAX)

/*
 * What a user may call this device: its name, made printable, or its address where the name would
 * be taken for something else than a device's name. Returns `out`.
 */
char *target_text(const struct device *device, char out[TARGET_TEXT_MAX]);

#endif
