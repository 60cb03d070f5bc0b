/*
 * The expected proofs were computed by the openssl command line.
 */
#include "cli/push/login.h"

#include <criterion/criterion.h>
#include <string.h>

#define NONCE_32  "00112233445566778899aabbccddeeff"
#define NONCE_64  NONCE_32 "0123456789abcdef0123456789abcdef"
#define CNONCE_32 "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"
#define CNONCE_64 CNONCE_32 CNONCE_32

struct answer {
    enum push_login login;
    size_t len;
    char text[PROOF_MAX];
};

static struct answer answer(enum auth_dialect dialect, const char *nonce, bool md5_stored)
{
    struct challenge challenge = { .dialect = dialect };
    struct push_password password;
    struct answer out;
    uint8_t random[DIGEST_SHA256_SIZE];

    memset(random, 0xA5, sizeof random);
    memcpy(challenge.nonce, nonce, strlen(nonce) + 1);
    password_digest_make(&password.sha256, DIGEST_SHA256, "secret", 6);
    password_digest_make(&password.md5, DIGEST_MD5, "secret", 6);
    out.len = push_login_answer(&password, &challenge, md5_stored, random, out.text, &out.login);
    return out;
}

Test(login, answers_the_32_digit_dialect_with_the_md5)
{
    struct answer a = answer(AUTH_MD5, NONCE_32, false);

    cr_assert_eq(a.login, PUSH_LOGIN_MD5);
    cr_assert_str_eq(a.text, "200 " CNONCE_32 " f7ddd26162c3ed18b88492f803c609e5\n");
    cr_assert_eq(a.len, strlen(a.text));
}

Test(login, the_32_digit_dialect_knows_the_md5_alone)
{
    struct answer plain = answer(AUTH_MD5, NONCE_32, false);
    struct answer stored = answer(AUTH_MD5, NONCE_32, true);

    cr_assert_eq(stored.login, PUSH_LOGIN_MD5);
    cr_assert_str_eq(stored.text, plain.text);
}

Test(login, answers_the_64_digit_dialect_with_the_sha256)
{
    struct answer a = answer(AUTH_PBKDF2, NONCE_64, false);

    cr_assert_eq(a.login, PUSH_LOGIN_SHA256);
    cr_assert_str_eq(a.text, "200 " CNONCE_64 " 49a0867f53d922918523bd72cfaee0c8"
                             "858ba97adc91a7419d471d344156c8dd\n");
    cr_assert_eq(a.len, strlen(a.text));
}

Test(login, answers_the_64_digit_dialect_with_a_stored_md5)
{
    struct answer a = answer(AUTH_PBKDF2, NONCE_64, true);

    cr_assert_eq(a.login, PUSH_LOGIN_MD5_STORED);
    cr_assert_str_eq(a.text, "200 " CNONCE_64 " da5ec9e386f8afc1b1dc629cd0896ac3"
                             "abb8149ec480bfd90738a0a952c0faf2\n");
    cr_assert_eq(a.len, strlen(a.text));
}
