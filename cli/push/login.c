#include "cli/push/login.h"

#include "common/secret.h"

size_t push_login_answer(const struct push_password *password, const struct challenge *challenge,
                         bool md5_stored, const uint8_t random[DIGEST_SHA256_SIZE],
                         char out[PROOF_MAX], enum push_login *login)
{
    const struct password_digest *digest = &password->md5;
    struct proof proof;
    size_t len = 0;

    if (challenge->dialect == AUTH_MD5) {
        *login = PUSH_LOGIN_MD5;
    } else if (md5_stored) {
        *login = PUSH_LOGIN_MD5_STORED;
    } else {
        *login = PUSH_LOGIN_SHA256;
        digest = &password->sha256;
    }
    if (proof_make(&proof, challenge, digest, random))
        len = proof_format(&proof, out, PROOF_MAX);
    secret_wipe(&proof, sizeof proof);
    return len;
}
