/*
 * The proofs' arithmetic against answers of the openssl command line; built once for each digest
 * back-end. For the password "correct horse":
 *
 *     n=0123456789abcdef0123456789abcdef
 *     c=000102030405060708090a0b0c0d0e0f
 *     md5=$(printf %s 'correct horse' | openssl dgst -md5 -r | cut -d ' ' -f 1)
 *     printf %s "$md5:$n:$c" | openssl dgst -md5
 *
 * and, with N and C of 64 digits and d=$md5 or the same by -sha256:
 *
 *     K=$(openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt "pass:$d" -kdfopt "salt:$N:$C" \
 *         -kdfopt iter:10000 PBKDF2 | tr -d ':\n' | tr A-F a-f)
 *     printf %s "$K:$N:$C" | openssl dgst -sha256
 */
#include "common/proof.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define PASSWORD "correct horse"

static const struct challenge md5_challenge = { AUTH_MD5, "0123456789abcdef0123456789abcdef" };
static const struct challenge pbkdf2_challenge = {
    AUTH_PBKDF2, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
};

/* The client's nonces are made of the bytes 0, 1, 2 ... */
static const uint8_t counting[DIGEST_SHA256_SIZE] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                                      11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                                      22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };
#define CNONCE_32 "000102030405060708090a0b0c0d0e0f"
#define CNONCE_64 CNONCE_32 "101112131415161718191a1b1c1d1e1f"

static const struct proof_case {
    const struct challenge *challenge;
    enum digest_kind kind;
    const char *cnonce;
    const char *response;
} cases[] = {
    { &md5_challenge, DIGEST_MD5, CNONCE_32, "276c400c079d3ee769e50fb1dce42be5" },
    { &pbkdf2_challenge, DIGEST_SHA256, CNONCE_64,
      "06e489e0bfa23d1d5a16056c92ceee44144bfbfb839668689bef3982117a06c3" },
    { &pbkdf2_challenge, DIGEST_MD5, CNONCE_64,
      "5457e231f9b1a97f86ccb7b4bc6ea5887aeb64b9093e7de8454055a0e8aa032b" },
};
#define CASES (sizeof cases / sizeof cases[0])

static struct password_digest digest_of(enum digest_kind kind, const char *password, size_t len)
{
    struct password_digest digest;

    password_digest_make(&digest, kind, password, len);
    return digest;
}

static struct proof make(const struct proof_case *c)
{
    struct password_digest digest = digest_of(c->kind, PASSWORD, strlen(PASSWORD));
    struct proof proof;

    cr_assert(proof_make(&proof, c->challenge, &digest, counting));
    return proof;
}

static bool parse(struct proof *out, const char *bytes, size_t len)
{
    char *exact = malloc(len > 0 ? len : 1);

    cr_assert_not_null(exact);
    memcpy(exact, bytes, len);
    bool ok = proof_parse(out, exact, len);
    free(exact);
    return ok;
}

Test(proof, password_digests)
{
    struct password_digest md5 = digest_of(DIGEST_MD5, PASSWORD, strlen(PASSWORD));
    struct password_digest sha256 = digest_of(DIGEST_SHA256, PASSWORD, strlen(PASSWORD));

    cr_assert_str_eq(md5.text, "3cb4e732631f47e6eb961f34554b7cde");
    cr_assert_str_eq(sha256.text,
                     "4104d36f8da2c254349f85836793ebe029e0c957063a34c91c2e9203187b5631");
}

/* printf 'a\0:\377' | openssl dgst -md5 */
Test(proof, password_may_be_empty_or_hold_any_bytes)
{
    struct password_digest empty = digest_of(DIGEST_MD5, "", 0);
    struct password_digest odd = digest_of(DIGEST_MD5, "a\0:\xFF", 4);
    struct proof proof;

    cr_assert_str_eq(odd.text, "54f6ab634b193578ede66f5098d641a9");
    cr_assert(proof_make(&proof, &md5_challenge, &odd, counting));
    cr_assert_str_eq(proof.response, "c1d119dfb2eebd149939c423502baa38");
    cr_assert(proof_make(&proof, &md5_challenge, &empty, counting));
    cr_assert_str_eq(proof.response, "784e6d959042586799e440912225f2e4");
}

Test(proof, is_what_openssl_computes_in_all_three_cases)
{
    for (size_t i = 0; i < CASES; i++) {
        struct proof proof = make(&cases[i]);

        cr_expect_str_eq(proof.cnonce, cases[i].cnonce, "case %zu", i);
        cr_expect_str_eq(proof.response, cases[i].response, "case %zu", i);
    }
}

Test(proof, check_accepts_the_right_one_alone)
{
    for (size_t i = 0; i < CASES; i++) {
        struct password_digest right = digest_of(cases[i].kind, PASSWORD, strlen(PASSWORD));
        struct password_digest wrong = digest_of(cases[i].kind, PASSWORD, strlen(PASSWORD) - 1);
        struct proof proof = make(&cases[i]);
        struct challenge other = *cases[i].challenge;

        cr_assert(proof_check(&proof, cases[i].challenge, &right));
        cr_assert(!proof_check(&proof, cases[i].challenge, &wrong));
        other.nonce[0] = 'f';
        cr_assert(!proof_check(&proof, &other, &right), "nonces are used once");
        proof.cnonce[5] = 'f';
        cr_assert(!proof_check(&proof, cases[i].challenge, &right));
    }
}

Test(proof, check_sees_every_digit)
{
    struct password_digest right = digest_of(DIGEST_MD5, PASSWORD, strlen(PASSWORD));
    struct proof proof = make(&cases[0]);

    for (size_t i = 0; i < strlen(cases[0].response); i++) {
        char kept = proof.response[i];
        proof.response[i] = kept == '0' ? '1' : '0';
        cr_assert(!proof_check(&proof, &md5_challenge, &right), "digit %zu", i);
        proof.response[i] = kept;
    }
    cr_assert(proof_check(&proof, &md5_challenge, &right));
}

/* A device that stores the MD5 of the password does not take the proof of its SHA-256. */
Test(proof, the_two_digests_of_a_password_differ)
{
    struct password_digest md5 = digest_of(DIGEST_MD5, PASSWORD, strlen(PASSWORD));
    struct proof proof = make(&cases[1]);

    cr_assert(!proof_check(&proof, &pbkdf2_challenge, &md5));
}

/* A proof of the other dialect's length is wrong, not read beyond its end. */
Test(proof, check_refuses_the_other_dialect)
{
    struct password_digest md5 = digest_of(DIGEST_MD5, PASSWORD, strlen(PASSWORD));
    struct proof short_one = make(&cases[0]);
    struct proof long_one = make(&cases[2]);

    cr_assert(!proof_check(&short_one, &pbkdf2_challenge, &md5));
    cr_assert(!proof_check(&long_one, &md5_challenge, &md5));
    memcpy(long_one.response, short_one.response, sizeof long_one.response);
    cr_assert(!proof_check(&long_one, &pbkdf2_challenge, &md5));
}

Test(proof, is_read_back_as_it_was_written)
{
    for (size_t i = 0; i < CASES; i++) {
        struct proof proof = make(&cases[i]);
        struct proof back;
        char out[PROOF_MAX];
        size_t len = proof_format(&proof, out, sizeof out);

        cr_assert_eq(len, strlen(out));
        cr_assert_eq(out[len - 1], '\n');
        cr_assert(parse(&back, out, len));
        cr_assert_str_eq(back.cnonce, proof.cnonce);
        cr_assert_str_eq(back.response, proof.response);
    }
}

Test(proof, text_is_as_devices_expect_it)
{
    struct proof proof = make(&cases[0]);
    char out[PROOF_MAX];

    proof_format(&proof, out, sizeof out);
    cr_assert_str_eq(out, "200 " CNONCE_32 " 276c400c079d3ee769e50fb1dce42be5\n");
}

Test(proof, is_not_written_into_too_little_room)
{
    struct proof proof = make(&cases[0]);
    char out[PROOF_MAX];

    for (size_t size = 0; size < sizeof out; size++)
        cr_assert_eq(proof_format(&proof, out, size), 0);
}

/* The device hashes the client's nonce as it came, so its case is kept. */
Test(proof, keeps_digits_of_either_case)
{
    struct proof proof;

    cr_assert(parse(&proof, "200 000102030405060708090A0B0C0D0E0F " CNONCE_32, 69));
    cr_assert_str_eq(proof.cnonce, "000102030405060708090A0B0C0D0E0F");
}

Test(proof, refuses_what_deviates)
{
    static const char *const texts[] = {
        "",
        "200",
        "200 ",
        "200 " CNONCE_32,
        "200 " CNONCE_32 "\n",
        "200  " CNONCE_32 " " CNONCE_32 "\n",
        "200 " CNONCE_32 "  " CNONCE_32 "\n",
        " 200 " CNONCE_32 " " CNONCE_32 "\n",
        "100 " CNONCE_32 " " CNONCE_32 "\n",
        "200 " CNONCE_32 " " CNONCE_64 "\n",
        "200 " CNONCE_64 " " CNONCE_32 "\n",
        "200 " CNONCE_32 " " CNONCE_32 " x\n",
        "200 " CNONCE_32 "0 " CNONCE_32 "0\n",
        "200 " CNONCE_32 "\t" CNONCE_32 "\n",
        "200 000102030405060708090a0b0c0d0e0g " CNONCE_32 "\n",
        "200 " CNONCE_32 " 000102030405060708090a0b0c0d0e0\n",
        "0 40000 433104 " CNONCE_32 "\n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct proof proof;
        cr_assert(!parse(&proof, texts[i], strlen(texts[i])), "\"%s\"", texts[i]);
    }
}

/* The line end may be missing, nothing else; 64-digit texts do not pass for 32-digit ones. */
Test(proof, refuses_truncation_and_nul_at_every_place)
{
    static const char text[] = "200 " CNONCE_64 " " CNONCE_64 "\n";
    char broken[sizeof text];

    for (size_t len = 0; len < sizeof text; len++) {
        struct proof proof;
        cr_assert_eq(parse(&proof, text, len), len >= sizeof text - 2, "%zu bytes", len);
    }
    for (size_t at = 0; at < sizeof text - 2; at++) {
        struct proof proof;
        memcpy(broken, text, sizeof text);
        broken[at] = '\0';
        cr_assert(!parse(&proof, broken, sizeof text - 1), "NUL at %zu", at);
    }
}
