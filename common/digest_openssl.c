#include "common/digest_openssl.h"

#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

_Static_assert(sizeof(MD5_CTX) <= sizeof(((struct digest *)0)->state), "MD5 state fits");
_Static_assert(sizeof(SHA256_CTX) <= sizeof(((struct digest *)0)->state), "SHA-256 state fits");

static void *state_of(struct digest *digest)
{
    return digest->state.bytes;
}

void digest_init(struct digest *digest, enum digest_kind kind)
{
    digest->kind = kind;
    if (kind == DIGEST_MD5)
        MD5_Init(state_of(digest));
    else
        SHA256_Init(state_of(digest));
}

void digest_update(struct digest *digest, const void *data, size_t len)
{
    if (len == 0)
        return;
    if (digest->kind == DIGEST_MD5)
        MD5_Update(state_of(digest), data, len);
    else
        SHA256_Update(state_of(digest), data, len);
}

void digest_finish(struct digest *digest, uint8_t *out)
{
    if (digest->kind == DIGEST_MD5)
        MD5_Final(out, state_of(digest));
    else
        SHA256_Final(out, state_of(digest));
}

bool digest_pbkdf2(const void *password, size_t password_len, const void *salt, size_t salt_len,
                   uint32_t rounds, uint8_t out[DIGEST_SHA256_SIZE])
{
    return PKCS5_PBKDF2_HMAC(password, (int)password_len, salt, (int)salt_len, (int)rounds,
                             EVP_sha256(), DIGEST_SHA256_SIZE, out) == 1;
}
