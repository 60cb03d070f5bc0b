#include "common/auth.h"

size_t auth_digits(enum auth_dialect dialect)
{
    return dialect == AUTH_MD5 ? 2 * DIGEST_MD5_SIZE : 2 * DIGEST_SHA256_SIZE;
}

void password_digest_make(struct password_digest *out, enum digest_kind kind, const void *password,
                          size_t len)
{
    digest_hex(kind, password, len, out->text);
}
