/*
 * The proof: the datagram that answers a challenge, "200 CNONCE RESPONSE\n", and its arithmetic.
 *
 *   AUTH_MD5     response = md5hex( digest ":" NONCE ":" CNONCE )
 *   AUTH_PBKDF2  K = hex( PBKDF2-HMAC-SHA-256( digest, NONCE ":" CNONCE, 10000 rounds, 32 bytes ) )
 *                response = sha256hex( K ":" NONCE ":" CNONCE )
 *
 * `digest` is the hexadecimal text of the password's digest (auth.h), and all hashing is done on
 * texts, as the stock devices do.
 */
#ifndef COMMON_PROOF_H
#define COMMON_PROOF_H

#include "common/auth.h"
#include "common/challenge.h"

#include <stdbool.h>
#include <stddef.h>

struct proof {
    char cnonce[AUTH_TEXT_MAX];
    char response[AUTH_TEXT_MAX];
};

/* Characters, with NUL, of the longest proof. */
#define PROOF_MAX (4 + 2 * AUTH_TEXT_MAX + 1)

/*
 * Compute the proof for a challenge. `random` holds fresh random bytes, from which the client's
 * nonce is made. False only when the digest back-end failed.
 */
bool proof_make(struct proof *out, const struct challenge *challenge,
                const struct password_digest *password, const uint8_t random[DIGEST_SHA256_SIZE]);

/*
 * True when `proof` answers `challenge` for this password. The time taken does not depend on
 * where a wrong response differs.
 */
bool proof_check(const struct proof *proof, const struct challenge *challenge,
                 const struct password_digest *password);

/*
 * Read a datagram. False unless both words are hexadecimal and of the same length, 32 or 64;
 * `out` is then in no particular state.
 */
bool proof_parse(struct proof *out, const char *datagram, size_t len);

/* Write the datagram; returns its length, or 0 when `size` is less than PROOF_MAX. */
size_t proof_format(const struct proof *proof, char *out, size_t size);

#endif
