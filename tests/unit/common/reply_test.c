#include "common/reply.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define NONCE_32 "0123456789abcdef0123456789abcdef"
#define NONCE_64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* Parse from memory of exactly this length; the text then points into `bytes`. */
static struct reply parse_bytes(const char *bytes, size_t len)
{
    char *exact = malloc(len > 0 ? len : 1);

    cr_assert_not_null(exact);
    memcpy(exact, bytes, len);
    struct reply reply = reply_parse(exact, len);
    if (reply.kind == REPLY_ERROR || reply.kind == REPLY_UNKNOWN) {
        cr_assert_geq(reply.text.at, exact);
        cr_assert_leq(reply.text.at + reply.text.len, exact + len);
        reply.text.at = bytes + (reply.text.at - exact);
    }
    free(exact);
    return reply;
}

static struct reply parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static void assert_text(struct reply reply, const char *text)
{
    cr_assert_eq(reply.text.len, strlen(text), "of \"%s\"", text);
    cr_assert_arr_eq(reply.text.at, text, reply.text.len);
}

Test(reply, ok)
{
    cr_assert_eq(parse("OK").kind, REPLY_OK);
    cr_assert_eq(parse("OK\n").kind, REPLY_OK);
    cr_assert_eq(parse("OK\r\n").kind, REPLY_OK);
    cr_assert_eq(parse_bytes("OK\0", 3).kind, REPLY_OK, "one that was sent with its NUL");
}

Test(reply, what_only_begins_like_ok_is_unknown)
{
    static const char *const texts[] = { "O", "OKAY", "OK 1", "ok", " OK", "OKOK" };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        cr_assert_eq(parse(texts[i]).kind, REPLY_UNKNOWN, "\"%s\"", texts[i]);
        assert_text(parse(texts[i]), texts[i]);
    }
}

Test(reply, challenge_of_either_dialect)
{
    struct reply reply = parse("AUTH " NONCE_32);

    cr_assert_eq(reply.kind, REPLY_CHALLENGE);
    cr_assert_eq(reply.challenge.dialect, AUTH_MD5);
    cr_assert_str_eq(reply.challenge.nonce, NONCE_32);
    reply = parse("AUTH " NONCE_64 "\n");
    cr_assert_eq(reply.kind, REPLY_CHALLENGE);
    cr_assert_eq(reply.challenge.dialect, AUTH_PBKDF2);
    cr_assert_str_eq(reply.challenge.nonce, NONCE_64);
}

Test(reply, challenge_with_a_faulty_nonce_is_unknown)
{
    cr_assert_eq(parse("AUTH ").kind, REPLY_UNKNOWN);
    cr_assert_eq(parse("AUTH 0123").kind, REPLY_UNKNOWN);
    cr_assert_eq(parse("AUTH 0123456789abcdef0123456789abcdeg").kind, REPLY_UNKNOWN);
}

Test(reply, authentication_failed)
{
    cr_assert_eq(parse("Authentication Failed").kind, REPLY_AUTH_FAILED);
    cr_assert_eq(parse("Authentication Failed\n").kind, REPLY_AUTH_FAILED);
    cr_assert_eq(parse("Authentication Faile").kind, REPLY_UNKNOWN);
}

/* Quirk 4: the ESP8266 refuses by UDP instead of "OK". */
Test(reply, quirk_refusal_by_udp)
{
    struct reply reply = parse("ERR: ERROR[4]: Not Enough Space\n");

    cr_assert_eq(reply.kind, REPLY_ERROR);
    assert_text(reply, "ERROR[4]: Not Enough Space");
    reply = parse("ERR:no space behind the colon");
    cr_assert_eq(reply.kind, REPLY_ERROR);
    assert_text(reply, "no space behind the colon");
    reply = parse("ERR: ");
    cr_assert_eq(reply.kind, REPLY_ERROR);
    assert_text(reply, "");
    cr_assert_eq(parse("ERR").kind, REPLY_UNKNOWN);
}

Test(reply, error_text_of_any_bytes_is_kept)
{
    struct reply reply = parse_bytes("ERR: a\0\xFF\x1B[2J", 12);

    cr_assert_eq(reply.kind, REPLY_ERROR);
    cr_assert_eq(reply.text.len, 7);
    cr_assert_arr_eq(reply.text.at, "a\0\xFF\x1B[2J", 7);
}

Test(reply, empty_and_foreign_datagrams_are_unknown)
{
    cr_assert_eq(parse("").kind, REPLY_UNKNOWN);
    cr_assert_eq(reply_parse(NULL, 0).kind, REPLY_UNKNOWN);
    cr_assert_eq(parse(" \n").kind, REPLY_UNKNOWN);
    assert_text(parse("Oops\n"), "Oops");
}

/* No prefix of a reply is taken for another reply, apart from an error whose text is cut. */
Test(reply, truncation_at_every_length)
{
    static const char *const texts[] = {
        "OK",
        ("AUTH " NONCE_64),
        "Authentication Failed",
        "ERR: ERROR[8]: Flash config wrong real: 1048576 IDE: 4194304",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t len = 0; len < strlen(texts[i]); len++) {
            struct reply reply = parse_bytes(texts[i], len);
            if (i == 1 && len == 5 + 32)
                cr_assert_eq(reply.kind, REPLY_CHALLENGE);
            else if (i == 3 && len >= 4)
                cr_assert_eq(reply.kind, REPLY_ERROR);
            else
                cr_assert_eq(reply.kind, REPLY_UNKNOWN, "%zu bytes of \"%s\"", len, texts[i]);
        }
    }
}
