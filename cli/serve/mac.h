/*
 * Station MAC addresses, by which the update server knows its devices.
 */
#ifndef CLI_MAC_H
#define CLI_MAC_H

#include <stdbool.h>
#include <stdint.h>

struct mac {
    uint8_t bytes[6];
};

/* Characters of "18:FE:AA:AA:AA:AA", with the final NUL. */
#define MAC_TEXT_SIZE 18

/* Read six pairs of hexadecimal digits of either case, separated by colons; nothing else. */
bool mac_parse(struct mac *out, const char *text);

/* Write it in upper case, as devices do. Returns `out`. */
char *mac_format(char out[static MAC_TEXT_SIZE], const struct mac *mac);

bool mac_equal(const struct mac *a, const struct mac *b);

#endif
