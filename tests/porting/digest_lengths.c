/*
 * digest-lengths FILE: writes what a digest back-end makes of messages, passwords and salts of all
 * lengths around its blocks, so that two back-ends can be compared.
 */
#include "common/digest.h"
#include "common/hex.h"

#include <stdio.h>

#define LENGTH_MAX 300

int main(int argc, char **argv)
{
    FILE *out = argc == 2 ? fopen(argv[1], "w") : NULL;
    uint8_t data[LENGTH_MAX];
    uint8_t key[DIGEST_SHA256_SIZE];
    char text[HEX_SIZE(DIGEST_MAX_SIZE)];

    if (!out) {
        perror("digest-lengths");
        return 1;
    }
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 31 + i / 7);
    for (size_t len = 0; len <= sizeof data; len++) {
        digest_hex(DIGEST_MD5, data, len, text);
        fprintf(out, "%zu %s", len, text);
        digest_hex(DIGEST_SHA256, data, len, text);
        fprintf(out, " %s", text);
        if (!digest_pbkdf2(data, len, data + len / 2, len - len / 2, 3, key))
            return 1;
        hex_encode(text, key, sizeof key);
        fprintf(out, " %s\n", text);
    }
    return fclose(out) == 0 ? 0 : 1;
}
