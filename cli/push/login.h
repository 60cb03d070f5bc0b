/*
 * Proving to a device that the user knows its password.
 */
#ifndef CLI_LOGIN_H
#define CLI_LOGIN_H

#include "common/proof.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The two forms of the user's password that devices store. Whoever holds them holds the password.
 */
struct push_password {
    struct password_digest sha256;
    struct password_digest md5;
};

/* How a device took the password. */
enum push_login {
    PUSH_LOGIN_NONE,       /* it asked for none */
    PUSH_LOGIN_MD5,        /* 32-digit dialect */
    PUSH_LOGIN_SHA256,     /* 64-digit dialect, SHA-256 of the password */
    PUSH_LOGIN_MD5_STORED, /* 64-digit dialect, MD5 of the password */
};

/*
 * Write the datagram that answers `challenge` into `out` (PROOF_MAX characters), made from fresh
 * `random` bytes. In the 64-digit dialect `md5_stored` says to use the MD5 of the password.
 * Returns the datagram's length, or 0 when the digest back-end failed; `*login` is the way chosen.
 */
size_t push_login_answer(const struct push_password *password, const struct challenge *challenge,
                         bool md5_stored, const uint8_t random[DIGEST_SHA256_SIZE],
                         char out[PROOF_MAX], enum push_login *login);

#endif
