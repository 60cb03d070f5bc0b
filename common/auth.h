/*
 * The password dialects of the push protocol, and the form in which a password is used.
 *
 * Neither side ever works with the password itself, but with the hexadecimal text of its digest:
 * that is what a device stores, and what an uploader computes from what the user typed.
 */
#ifndef COMMON_AUTH_H
#define COMMON_AUTH_H

#include "common/digest.h"
#include "common/hex.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a proof is computed. The length of the nonce tells the dialects apart. */
enum auth_dialect {
    AUTH_MD5,    /* 32 digits: ESP8266, RP2040, ESP32 before core 3.3.1 */
    AUTH_PBKDF2, /* 64 digits: ESP32 core 3.3.1 and later */
};

/* Rounds of PBKDF2-HMAC-SHA-256 in AUTH_PBKDF2. */
#define AUTH_ROUNDS 10000

/* Characters, with NUL, of the longest nonce, password digest or response. */
#define AUTH_TEXT_MAX HEX_SIZE(DIGEST_SHA256_SIZE)

/* Digits of a nonce, and of a response, in a dialect: 32 or 64. */
size_t auth_digits(enum auth_dialect dialect);

/* The digest of a password, as lower-case hexadecimal text. */
struct password_digest {
    char text[AUTH_TEXT_MAX];
};

/* Digest a password of any bytes. AUTH_PBKDF2 takes either kind; AUTH_MD5 takes MD5 alone. */
void password_digest_make(struct password_digest *out, enum digest_kind kind, const void *password,
                          size_t len);

#ifdef __cplusplus
}
#endif

#endif
