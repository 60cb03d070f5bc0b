/*
 * What is peculiar to one device: a sector of flash with lines "key=value". Updates leave it alone.
 *
 *   name=HOST          host name, letters, digits and hyphens; default "sf2"
 *   port=N             UDP port of the responder, default 8266
 *   address=A          "dhcp", the default, or an IPv4 address
 *   auth=DIALECT       "md5" or "sha256": how passwords are proved; default sha256
 *   password-md5=HEX   32 digits: the MD5 of the password
 *   password-sha256=HEX  64 digits: its SHA-256; of the two, the last one counts
 *   mac=HEX            12 digits: the Ethernet address; default: made of the name
 *   seed=TEXT          anything that nobody else knows; passwords need it, see sf2_entropy.h
 *
 * The text ends at the first byte that is 0xFF or 0, within SF2_SETTINGS_MAX. Keys that are not
 * known and values that make no sense are passed over; but what begins with "password" or "auth"
 * and is not as above locks the device.
 */
#ifndef SF2_SETTINGS_H
#define SF2_SETTINGS_H

#include "common/auth.h"
#include "ota/flash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SF2_SETTINGS_MAX 1024 /* bytes of the sector that are looked at */
#define SF2_NAME_MAX     33   /* with NUL */

struct sf2_settings {
    char name[SF2_NAME_MAX];
    uint16_t port;
    bool has_address;
    uint8_t address[4]; /* in network order */
    bool has_password;
    enum auth_dialect dialect;
    bool is_locked; /* there is something about a password that cannot be used */
    struct password_digest password;
    bool has_mac;
    uint8_t mac[6];
    bool has_seed;                    /* a seed= line, that is not empty */
    uint8_t seed[DIGEST_SHA256_SIZE]; /* the digest of the text, all of it */
};

/*
 * Read settings from a text of any bytes. `out` is always filled in. False when a password was
 * asked for that cannot be used (it is no digest, or the dialect needs another one): nobody may
 * update the device then.
 */
bool sf2_settings_parse(struct sf2_settings *out, const char *text, size_t len);

/* Read them from flash. False as above, when flash failed to read, or when the text has no end. */
bool sf2_settings_read(struct sf2_settings *out, const struct ota_flash *flash);

#endif
