/*
 * proof.h: any datagram gives a proof or an error; what was read is written and read back as the
 * same; no foreign proof is right, and a proof made of the input is.
 */
#include "common/proof.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct challenge challenge = { AUTH_MD5, "0123456789abcdef0123456789abcdef" };

static void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

static void check_parsed(const struct proof *proof)
{
    struct password_digest password;
    struct proof back;
    char out[PROOF_MAX];
    size_t digits = strlen(proof->cnonce);
    size_t len = proof_format(proof, out, sizeof out);

    require(digits == 32 || digits == 64);
    require(strlen(proof->response) == digits);
    require(hex_is_text(proof->cnonce, digits) && hex_is_text(proof->response, digits));
    require(len == 4 + 2 * digits + 2 && out[len] == '\0');
    require(proof_parse(&back, out, len));
    require(strcmp(back.cnonce, proof->cnonce) == 0 && strcmp(back.response, proof->response) == 0);

    /* Nobody has guessed the password's proof; 64 digits are refused without the arithmetic. */
    password_digest_make(&password, DIGEST_MD5, "secret of the fuzz target", 25);
    require(!proof_check(proof, &challenge, &password));
}

/* A password and a client's nonce of any bytes give a proof that is right, for them alone. */
static void check_made(const uint8_t *data, size_t size)
{
    struct password_digest password;
    struct proof proof;
    uint8_t random[DIGEST_SHA256_SIZE] = { 0 };
    char out[PROOF_MAX];

    memcpy(random, data, size < sizeof random ? size : sizeof random);
    password_digest_make(&password, DIGEST_MD5, data, size);
    require(proof_make(&proof, &challenge, &password, random));
    size_t len = proof_format(&proof, out, sizeof out);
    require(proof_parse(&proof, out, len));
    require(proof_check(&proof, &challenge, &password));
    proof.response[size % 32] = proof.response[size % 32] == '0' ? '1' : '0';
    require(!proof_check(&proof, &challenge, &password));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct proof proof;

    if (proof_parse(&proof, (const char *)data, size))
        check_parsed(&proof);
    if (size > 0)
        check_made(data, size);
    return 0;
}
