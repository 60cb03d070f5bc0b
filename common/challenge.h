/*
 * The challenge: what a device with a password answers to an invitation, "AUTH NONCE".
 */
#ifndef COMMON_CHALLENGE_H
#define COMMON_CHALLENGE_H

#include "common/auth.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct challenge {
    enum auth_dialect dialect;
    char nonce[AUTH_TEXT_MAX]; /* hexadecimal text as received, NUL-terminated */
};

/* Characters, with NUL, of the longest challenge. */
#define CHALLENGE_MAX (5 + AUTH_TEXT_MAX)

/*
 * Read a datagram; white space at its end is forgiven.
 * False unless the nonce is 32 or 64 hexadecimal digits; `out` is then in no particular state.
 */
bool challenge_parse(struct challenge *out, const char *datagram, size_t len);

/* Write the datagram; returns its length, or 0 when `size` is less than CHALLENGE_MAX. */
size_t challenge_format(const struct challenge *challenge, char *out, size_t size);

#ifdef __cplusplus
}
#endif

#endif
