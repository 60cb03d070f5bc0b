#include "common/digest_bearssl.h"

#include <bearssl.h>
#include <string.h>

_Static_assert(sizeof(br_md5_context) <= sizeof(((struct digest *)0)->state), "MD5 state fits");
_Static_assert(sizeof(br_sha256_context) <= sizeof(((struct digest *)0)->state), "SHA-256 fits");

static void *state_of(struct digest *digest)
{
    return digest->state.bytes;
}

void digest_init(struct digest *digest, enum digest_kind kind)
{
    digest->kind = kind;
    if (kind == DIGEST_MD5)
        br_md5_init(state_of(digest));
    else
        br_sha256_init(state_of(digest));
}

void digest_update(struct digest *digest, const void *data, size_t len)
{
    if (len == 0)
        return;
    if (digest->kind == DIGEST_MD5)
        br_md5_update(state_of(digest), data, len);
    else
        br_sha256_update(state_of(digest), data, len);
}

void digest_finish(struct digest *digest, uint8_t *out)
{
    if (digest->kind == DIGEST_MD5)
        br_md5_out(state_of(digest), out);
    else
        br_sha256_out(state_of(digest), out);
}

/* One block: U1 = HMAC(password, salt || 00000001), Un = HMAC(password, Un-1), out = XOR of all. */
bool digest_pbkdf2(const void *password, size_t password_len, const void *salt, size_t salt_len,
                   uint32_t rounds, uint8_t out[DIGEST_SHA256_SIZE])
{
    static const uint8_t first_block[4] = { 0, 0, 0, 1 };
    br_hmac_key_context key;
    br_hmac_context hmac;
    uint8_t u[DIGEST_SHA256_SIZE];

    br_hmac_key_init(&key, &br_sha256_vtable, password, password_len);
    br_hmac_init(&hmac, &key, 0);
    br_hmac_update(&hmac, salt, salt_len);
    br_hmac_update(&hmac, first_block, sizeof first_block);
    br_hmac_out(&hmac, u);
    memcpy(out, u, sizeof u);
    for (uint32_t round = 1; round < rounds; round++) {
        br_hmac_init(&hmac, &key, 0);
        br_hmac_update(&hmac, u, sizeof u);
        br_hmac_out(&hmac, u);
        for (size_t i = 0; i < sizeof u; i++)
            out[i] = (uint8_t)(out[i] ^ u[i]);
    }
    return true;
}
