#include "common/digest.h"

#include "common/hex.h"

size_t digest_size(enum digest_kind kind)
{
    return kind == DIGEST_MD5 ? DIGEST_MD5_SIZE : DIGEST_SHA256_SIZE;
}

void digest_hex(enum digest_kind kind, const void *data, size_t len, char *out)
{
    struct digest digest;
    uint8_t bytes[DIGEST_MAX_SIZE];

    digest_init(&digest, kind);
    digest_update(&digest, data, len);
    digest_finish(&digest, bytes);
    hex_encode(out, bytes, digest_size(kind));
}
