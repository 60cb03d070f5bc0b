/*
 * Known answers for the digests; built once for each back-end.
 *
 * MD5: RFC 1321, appendix A.5. SHA-256: FIPS 180-2, appendix B, and the empty message.
 * PBKDF2-HMAC-SHA-256: RFC 6070's inputs, whose answers for SHA-256 come from
 *
 *     openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt pass:password -kdfopt salt:salt \
 *         -kdfopt iter:4096 PBKDF2
 */
#include "common/digest.h"
#include "common/hex.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

struct vector {
    const char *text;
    const char *digest;
};

static const struct vector md5_vectors[] = {
    { "", "d41d8cd98f00b204e9800998ecf8427e" },
    { "a", "0cc175b9c0f1b6a831c399e269772661" },
    { "abc", "900150983cd24fb0d6963f7d28e17f72" },
    { "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
    { "abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b" },
    { "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
      "d174ab98d277d9f5a5611c2c9f419d9f" },
    { "1234567890123456789012345678901234567890"
      "1234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a" },
};

static const struct vector sha256_vectors[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static const enum digest_kind kinds[] = { DIGEST_MD5, DIGEST_SHA256 };

static void check_vectors(enum digest_kind kind, const struct vector *vectors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[HEX_SIZE(DIGEST_MAX_SIZE)];

        digest_hex(kind, vectors[i].text, strlen(vectors[i].text), text);
        cr_expect_str_eq(text, vectors[i].digest, "of \"%s\"", vectors[i].text);
    }
}

Test(digest, sizes)
{
    cr_assert_eq(digest_size(DIGEST_MD5), 16);
    cr_assert_eq(digest_size(DIGEST_SHA256), 32);
}

Test(digest, md5_known_answers)
{
    check_vectors(DIGEST_MD5, md5_vectors, sizeof md5_vectors / sizeof md5_vectors[0]);
}

Test(digest, sha256_known_answers)
{
    check_vectors(DIGEST_SHA256, sha256_vectors, sizeof sha256_vectors / sizeof sha256_vectors[0]);
}

/* A million times "a", taken in pieces of every size up to 97. */
static void check_million(enum digest_kind kind, const char *answer)
{
    struct digest digest;
    char piece[97];
    uint8_t out[DIGEST_MAX_SIZE];
    char text[HEX_SIZE(DIGEST_MAX_SIZE)];
    size_t left = 1000000;

    memset(piece, 'a', sizeof piece);
    digest_init(&digest, kind);
    for (size_t size = 0; left > 0; size = (size + 1) % (sizeof piece + 1)) {
        size_t n = size < left ? size : left;
        digest_update(&digest, piece, n);
        left -= n;
    }
    digest_finish(&digest, out);
    hex_encode(text, out, digest_size(kind));
    cr_expect_str_eq(text, answer);
}

/* head -c 1000000 /dev/zero | tr '\0' a | openssl dgst -md5 */
Test(digest, a_million_letters_in_uneven_pieces)
{
    check_million(DIGEST_MD5, "7707d6ae4e027c70eea2a935c2296f21");
    check_million(DIGEST_SHA256,
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* The lengths around a block of 64 bytes, where the padding begins a new one. */
Test(digest, split_anywhere_gives_the_same)
{
    char data[130];

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(7 * i);
    for (size_t k = 0; k < 2; k++) {
        enum digest_kind kind = kinds[k];
        uint8_t whole[DIGEST_MAX_SIZE];
        uint8_t split[DIGEST_MAX_SIZE];
        struct digest digest;

        digest_init(&digest, kind);
        digest_update(&digest, data, sizeof data);
        digest_finish(&digest, whole);
        for (size_t at = 0; at <= sizeof data; at++) {
            digest_init(&digest, kind);
            digest_update(&digest, data, at);
            digest_update(&digest, data + at, sizeof data - at);
            digest_finish(&digest, split);
            cr_assert_arr_eq(split, whole, digest_size(kind), "split at %zu", at);
        }
    }
}

Test(digest, no_data_may_be_null)
{
    for (size_t k = 0; k < 2; k++) {
        enum digest_kind kind = kinds[k];
        char with[HEX_SIZE(DIGEST_MAX_SIZE)];
        char without[HEX_SIZE(DIGEST_MAX_SIZE)];

        digest_hex(kind, NULL, 0, without);
        digest_hex(kind, "", 0, with);
        cr_assert_str_eq(without, with);
    }
}

/* A digest in progress is a plain value: a copy goes its own way. */
Test(digest, copies_fork)
{
    for (size_t k = 0; k < 2; k++) {
        enum digest_kind kind = kinds[k];
        struct digest one;
        uint8_t out[DIGEST_MAX_SIZE];
        char text[HEX_SIZE(DIGEST_MAX_SIZE)];
        char expected[HEX_SIZE(DIGEST_MAX_SIZE)];

        digest_init(&one, kind);
        digest_update(&one, "ab", 2);
        struct digest two = one;
        digest_update(&one, "x", 1);
        digest_finish(&one, out);
        digest_update(&two, "c", 1);
        digest_finish(&two, out);
        hex_encode(text, out, digest_size(kind));
        digest_hex(kind, "abc", 3, expected);
        cr_assert_str_eq(text, expected);
    }
}

Test(digest, pbkdf2_known_answers)
{
    static const struct {
        const char *password, *salt;
        uint32_t rounds;
        const char *key;
    } vectors[] = {
        { "password", "salt", 1,
          "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b" },
        { "password", "salt", 2,
          "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43" },
        { "password", "salt", 4096,
          "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a" },
        { "passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096,
          "348c89dbcbd32b2f32d814b8116e84cf2b17347ebc1800181c4e2a1fb8dd53e1" },
        /* A password of 100 bytes is longer than a block, and is hashed first. */
        { "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
          "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
          "salt", 3, "219c68bb88f1010f4a763b7c8fd58639c2280baf6820814c6d404891fcd85c3d" },
    };

    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint8_t key[DIGEST_SHA256_SIZE];
        char text[HEX_SIZE(DIGEST_SHA256_SIZE)];

        cr_assert(digest_pbkdf2(vectors[i].password, strlen(vectors[i].password), vectors[i].salt,
                                strlen(vectors[i].salt), vectors[i].rounds, key));
        hex_encode(text, key, sizeof key);
        cr_expect_str_eq(text, vectors[i].key, "vector %zu", i);
    }
}

Test(digest, pbkdf2_takes_an_empty_password_and_salt)
{
    uint8_t key[DIGEST_SHA256_SIZE];
    char text[HEX_SIZE(DIGEST_SHA256_SIZE)];

    cr_assert(digest_pbkdf2("", 0, "", 0, 1, key));
    hex_encode(text, key, sizeof key);
    /* HMAC fills its key up with zeros, so this is the same as an empty one:
     * printf '\0\0\0\1' | openssl dgst -sha256 -mac HMAC -macopt hexkey:00 */
    cr_assert_str_eq(text, "f7ce0b653d2d72a4108cf5abe912ffdd777616dbbb27a70e8204f3ae2d0f6fad");
}
