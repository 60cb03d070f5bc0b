/*
 * Message digests. The functions have several back-ends: OpenSSL and BearSSL here, Mbed TLS for
 * SDKs that have it (device/sdk/mbedtls). Which one is used is decided at link time. A digest in
 * progress is a plain value: it may be copied to fork it.
 */
#ifndef COMMON_DIGEST_H
#define COMMON_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DIGEST_MD5_SIZE    16
#define DIGEST_SHA256_SIZE 32
#define DIGEST_MAX_SIZE    32

enum digest_kind {
    DIGEST_MD5,
    DIGEST_SHA256,
};

/* A digest in progress; its content belongs to the back-end. */
struct digest {
    enum digest_kind kind;
    union {
        uint64_t alignment;
        unsigned char bytes[120];
    } state;
};

/* Bytes of a finished digest of this kind: 16 or 32. */
size_t digest_size(enum digest_kind kind);

/* Start. Nothing needs to be released: an unfinished digest may simply be dropped. */
void digest_init(struct digest *digest, enum digest_kind kind);

/* Take `len` bytes in; `data` may be NULL when `len` is 0. */
void digest_update(struct digest *digest, const void *data, size_t len);

/* Write the digest_size() bytes of the result. `digest` must be initialised again before use. */
void digest_finish(struct digest *digest, uint8_t *out);

/* The digest of `len` bytes as lower-case hexadecimal text: 32 or 64 digits and NUL. */
void digest_hex(enum digest_kind kind, const void *data, size_t len, char *out);

/*
 * PBKDF2 with HMAC-SHA-256 (RFC 8018, section 5.2), one block of output.
 * `rounds` is at least 1. False only when the back-end could not work (OpenSSL without memory).
 */
bool digest_pbkdf2(const void *password, size_t password_len, const void *salt, size_t salt_len,
                   uint32_t rounds, uint8_t out[DIGEST_SHA256_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
