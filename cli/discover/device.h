/*
 * A device as discovery knows it: what it announces of itself. All texts come from the network and
 * are raw: whoever shows them makes them printable first.
 */
#ifndef CLI_DEVICE_H
#define CLI_DEVICE_H

#include "cli/address.h"
#include "cli/discover/txt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes, with NUL, of an instance's name (one label of DNS) and of a host's name. */
#define DEVICE_NAME_MAX 64
#define DEVICE_HOST_MAX 1014 /* as avahi escapes it: AVAHI_DOMAIN_NAME_MAX */

/* Interfaces that are remembered of a device. */
#define DEVICE_INTERFACES_MAX 16

enum device_auth {
    DEVICE_AUTH_UNKNOWN, /* it does not say */
    DEVICE_AUTH_NO,
    DEVICE_AUTH_YES,
};

struct device {
    char name[DEVICE_NAME_MAX]; /* of the instance; what tells devices apart */
    char host[DEVICE_HOST_MAX]; /* "esp8266-1a2b3c.local", no dot at its end */
    struct address address;     /* with the UDP port */
    const uint8_t *txt;         /* as in txt.h; the owner's */
    size_t txt_len;
    unsigned interfaces[DEVICE_INTERFACES_MAX]; /* indices, ascending, of where it was seen */
    size_t interface_count;
};

/* What its TXT record says of a password (auth_upload=yes|no). */
enum device_auth device_auth(const struct device *device);

/* Its board, made printable (see cli/printable.h), cut to `size`; empty when it names none. */
char *device_board(const struct device *device, char *out, size_t size);

/*
 * Its name and its host's name without ".local", without the escapes of DNS, made printable, cut to
 * `size`. 4 times the length always suffices. Return `out`.
 */
char *device_name_text(const struct device *device, char *out, size_t size);
char *device_host_text(const struct device *device, char *out, size_t size);

/* The same with ".local". */
char *device_full_host_text(const struct device *device, char *out, size_t size);

/* True when its name or its host's name, with or without ".local", is `name`, case aside. */
bool device_is_called(const struct device *device, const char *name);

/* True when a glob (as in a shell) matches its name or its host's name, case aside. */
bool device_matches(const struct device *device, const char *glob);

/* True when a glob, likewise, matches its board as it is shown; one that names none matches "". */
bool device_board_matches(const struct device *device, const char *glob);

#endif
