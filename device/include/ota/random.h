/*
 * Randomness for nonces: a nonce that can be guessed makes the password worthless.
 */
#ifndef OTA_RANDOM_H
#define OTA_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A cryptographically secure source; owned by the caller. */
struct ota_random {
    void *ctx; /* handed to the function unchanged */

    /* Fill `len` bytes. False when no good randomness is to be had: nothing is authenticated then.
     */
    bool (*fill)(void *ctx, void *out, size_t len);
};

#ifdef __cplusplus
}
#endif

#endif
