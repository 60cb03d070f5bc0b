#include "common/challenge.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define NONCE_32 "0123456789abcdef0123456789abcdef"
#define NONCE_64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static bool parse(struct challenge *out, const char *bytes, size_t len)
{
    char *exact = malloc(len > 0 ? len : 1);

    cr_assert_not_null(exact);
    memcpy(exact, bytes, len);
    bool ok = challenge_parse(out, exact, len);
    free(exact);
    return ok;
}

Test(challenge, length_of_the_nonce_tells_the_dialects_apart)
{
    struct challenge challenge;

    cr_assert(parse(&challenge, "AUTH " NONCE_32, 37));
    cr_assert_eq(challenge.dialect, AUTH_MD5);
    cr_assert_str_eq(challenge.nonce, NONCE_32);
    cr_assert(parse(&challenge, "AUTH " NONCE_64, 69));
    cr_assert_eq(challenge.dialect, AUTH_PBKDF2);
    cr_assert_str_eq(challenge.nonce, NONCE_64);
}

Test(challenge, digits_of_the_dialects)
{
    cr_assert_eq(auth_digits(AUTH_MD5), 32);
    cr_assert_eq(auth_digits(AUTH_PBKDF2), 64);
}

/* The proof is made over the nonce's text, so its case is kept. */
Test(challenge, keeps_the_nonce_as_received)
{
    struct challenge challenge;

    cr_assert(parse(&challenge, "AUTH 0123456789ABCDEF0123456789abcdef", 37));
    cr_assert_str_eq(challenge.nonce, "0123456789ABCDEF0123456789abcdef");
}

Test(challenge, forgives_white_space_and_nul_at_its_end)
{
    static const char text[] = "AUTH " NONCE_32 " \t\r\n\0";
    struct challenge challenge;

    for (size_t len = 37; len < sizeof text; len++) {
        cr_assert(parse(&challenge, text, len), "%zu bytes", len);
        cr_assert_str_eq(challenge.nonce, NONCE_32);
    }
}

Test(challenge, refuses_truncation_at_every_length)
{
    static const char text[] = "AUTH " NONCE_64;

    for (size_t len = 0; len < sizeof text; len++) {
        struct challenge challenge;
        bool whole = len == 5 + 32 || len == 5 + 64; /* cut to 32 digits, it is the other one */
        cr_assert_eq(parse(&challenge, text, len), whole, "%zu bytes", len);
    }
}

Test(challenge, refuses_what_deviates)
{
    static const char *const texts[] = {
        "AUTH",
        "AUTH ",
        "auth " NONCE_32,
        "AUTH" NONCE_32,
        "AUTH  " NONCE_32,
        " AUTH " NONCE_32,
        "AUTH 0123456789abcdef0123456789abcde",
        "AUTH 0123456789abcdef0123456789abcdef0",
        "AUTH 0123456789abcdef0123456789abcdeg",
        "AUTH 0123456789abcdef 123456789abcdef",
        "AUTH " NONCE_64 "0",
        "AUTH " NONCE_64 NONCE_64,
        "OK",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct challenge challenge;
        cr_assert(!parse(&challenge, texts[i], strlen(texts[i])), "\"%s\"", texts[i]);
    }
}

Test(challenge, refuses_nul_bytes_inside)
{
    char text[] = "AUTH " NONCE_32;

    for (size_t at = 0; at < sizeof text - 1; at++) {
        struct challenge challenge;
        char kept = text[at];
        text[at] = '\0';
        cr_assert(!parse(&challenge, text, sizeof text - 1), "NUL at %zu", at);
        text[at] = kept;
    }
}

Test(challenge, is_read_back_as_it_was_written)
{
    static const struct challenge challenges[] = {
        { AUTH_MD5, NONCE_32 },
        { AUTH_PBKDF2, NONCE_64 },
    };

    for (size_t i = 0; i < 2; i++) {
        struct challenge back;
        char out[CHALLENGE_MAX];
        size_t len = challenge_format(&challenges[i], out, sizeof out);

        cr_assert_eq(len, 5 + auth_digits(challenges[i].dialect));
        cr_assert_eq(out[len], '\0');
        cr_assert(parse(&back, out, len));
        cr_assert_eq(back.dialect, challenges[i].dialect);
        cr_assert_str_eq(back.nonce, challenges[i].nonce);
    }
}

Test(challenge, is_not_written_into_too_little_room)
{
    static const struct challenge challenge = { AUTH_MD5, NONCE_32 };
    char out[CHALLENGE_MAX];

    for (size_t size = 0; size < sizeof out; size++)
        cr_assert_eq(challenge_format(&challenge, out, size), 0);
}
