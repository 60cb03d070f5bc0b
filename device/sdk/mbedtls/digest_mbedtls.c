#include "digest_mbedtls.h"

#include "common/secret.h"

#include <mbedtls/md5.h>
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>
#include <string.h>

#if MBEDTLS_VERSION_NUMBER < 0x021C0000 || MBEDTLS_VERSION_NUMBER >= 0x04000000
#error "Mbed TLS 2.28 or 3 is needed"
#endif
#if defined(MBEDTLS_MD5_ALT) || defined(MBEDTLS_SHA256_ALT)
#error "digests of a hardware engine or of a ROM cannot be copied and dropped: switch them off"
#endif

/* The functions that tell of errors had a name of their own before release 3. */
#if MBEDTLS_VERSION_NUMBER < 0x03000000
#define MBEDTLS(function) mbedtls_##function##_ret
#else
#define MBEDTLS(function) mbedtls_##function
#endif

#define SHA256_BLOCK 64

_Static_assert(sizeof(mbedtls_md5_context) <= sizeof(((struct digest *)0)->state),
               "MD5 state fits");
_Static_assert(sizeof(mbedtls_sha256_context) <= sizeof(((struct digest *)0)->state),
               "SHA-256 state fits");

static void *state_of(struct digest *digest)
{
    return digest->state.bytes;
}

/* What the functions return is 0: without hardware there is nothing that could fail. */

void digest_init(struct digest *digest, enum digest_kind kind)
{
    digest->kind = kind;
    if (kind == DIGEST_MD5) {
        mbedtls_md5_init(state_of(digest));
        (void)MBEDTLS(md5_starts)(state_of(digest));
    } else {
        mbedtls_sha256_init(state_of(digest));
        (void)MBEDTLS(sha256_starts)(state_of(digest), 0);
    }
}

void digest_update(struct digest *digest, const void *data, size_t len)
{
    if (len == 0)
        return;
    if (digest->kind == DIGEST_MD5)
        (void)MBEDTLS(md5_update)(state_of(digest), data, len);
    else
        (void)MBEDTLS(sha256_update)(state_of(digest), data, len);
}

void digest_finish(struct digest *digest, uint8_t *out)
{
    if (digest->kind == DIGEST_MD5)
        (void)MBEDTLS(md5_finish)(state_of(digest), out);
    else
        (void)MBEDTLS(sha256_finish)(state_of(digest), out);
}

/* HMAC-SHA-256 with its key taken in: both digests stand behind their first block. */
struct hmac {
    struct digest inner;
    struct digest outer;
};

static void begin_with(struct digest *digest, uint8_t block[SHA256_BLOCK], uint8_t pad)
{
    for (size_t i = 0; i < SHA256_BLOCK; i++)
        block[i] ^= pad;
    digest_init(digest, DIGEST_SHA256);
    digest_update(digest, block, SHA256_BLOCK);
}

static void hmac_init(struct hmac *hmac, const void *key, size_t len)
{
    uint8_t block[SHA256_BLOCK] = { 0 };

    if (len > sizeof block) {
        digest_init(&hmac->inner, DIGEST_SHA256);
        digest_update(&hmac->inner, key, len);
        digest_finish(&hmac->inner, block);
    } else if (len > 0) {
        memcpy(block, key, len);
    }
    begin_with(&hmac->inner, block, 0x36);
    begin_with(&hmac->outer, block, 0x36 ^ 0x5C);
    secret_wipe(block, sizeof block);
}

static void hmac_finish(const struct hmac *hmac, struct digest *inner, uint8_t *out)
{
    struct digest outer = hmac->outer;

    digest_finish(inner, out);
    digest_update(&outer, out, DIGEST_SHA256_SIZE);
    digest_finish(&outer, out);
}

/* One block: U1 = HMAC(password, salt || 00000001), Un = HMAC(password, Un-1), out = XOR of all. */
bool digest_pbkdf2(const void *password, size_t password_len, const void *salt, size_t salt_len,
                   uint32_t rounds, uint8_t out[DIGEST_SHA256_SIZE])
{
    static const uint8_t first_block[4] = { 0, 0, 0, 1 };
    struct hmac hmac;
    uint8_t u[DIGEST_SHA256_SIZE];

    hmac_init(&hmac, password, password_len);
    struct digest inner = hmac.inner;
    digest_update(&inner, salt, salt_len);
    digest_update(&inner, first_block, sizeof first_block);
    hmac_finish(&hmac, &inner, u);
    memcpy(out, u, sizeof u);
    for (uint32_t round = 1; round < rounds; round++) {
        inner = hmac.inner;
        digest_update(&inner, u, sizeof u);
        hmac_finish(&hmac, &inner, u);
        for (size_t i = 0; i < sizeof u; i++)
            out[i] = (uint8_t)(out[i] ^ u[i]);
    }
    secret_wipe(&hmac, sizeof hmac);
    secret_wipe(&inner, sizeof inner);
    secret_wipe(u, sizeof u);
    return true;
}
