#include "common/proof.h"

#include "common/secret.h"
#include "common/text.h"

#include <string.h>

/* "A:B:C", the longest with three texts of 64 digits. */
#define JOINED_MAX (3 * AUTH_TEXT_MAX)

static size_t join(char out[JOINED_MAX], const char *first, const struct challenge *challenge,
                   const char *cnonce)
{
    size_t used = 0;

    if (first) {
        text_append_string(out, JOINED_MAX, &used, first);
        text_append_string(out, JOINED_MAX, &used, ":");
    }
    text_append_string(out, JOINED_MAX, &used, challenge->nonce);
    text_append_string(out, JOINED_MAX, &used, ":");
    text_append_string(out, JOINED_MAX, &used, cnonce);
    return used;
}

static bool respond(char response[AUTH_TEXT_MAX], const struct challenge *challenge,
                    const struct password_digest *password, const char *cnonce)
{
    char joined[JOINED_MAX];
    size_t len;

    if (challenge->dialect == AUTH_MD5) {
        len = join(joined, password->text, challenge, cnonce);
        digest_hex(DIGEST_MD5, joined, len, response);
        secret_wipe(joined, sizeof joined);
        return true;
    }

    uint8_t key[DIGEST_SHA256_SIZE];
    char key_text[AUTH_TEXT_MAX];
    len = join(joined, NULL, challenge, cnonce);
    bool ok = digest_pbkdf2(password->text, strlen(password->text), joined, len, AUTH_ROUNDS, key);
    if (ok) {
        hex_encode(key_text, key, sizeof key);
        len = join(joined, key_text, challenge, cnonce);
        digest_hex(DIGEST_SHA256, joined, len, response);
    }
    secret_wipe(key, sizeof key);
    secret_wipe(key_text, sizeof key_text);
    secret_wipe(joined, sizeof joined);
    return ok;
}

bool proof_make(struct proof *out, const struct challenge *challenge,
                const struct password_digest *password, const uint8_t random[DIGEST_SHA256_SIZE])
{
    hex_encode(out->cnonce, random, auth_digits(challenge->dialect) / 2);
    return respond(out->response, challenge, password, out->cnonce);
}

bool proof_check(const struct proof *proof, const struct challenge *challenge,
                 const struct password_digest *password)
{
    char expected[AUTH_TEXT_MAX];
    size_t digits = auth_digits(challenge->dialect);

    if (strlen(proof->cnonce) != digits || strlen(proof->response) != digits)
        return false;
    bool ok = respond(expected, challenge, password, proof->cnonce) &&
              secret_equal(expected, proof->response, digits);
    secret_wipe(expected, sizeof expected);
    return ok;
}

static bool take_digits(struct text_cursor *text, char out[AUTH_TEXT_MAX])
{
    struct text_cursor word;

    if (!text_take_word(text, &word))
        return false;
    if (word.len != auth_digits(AUTH_MD5) && word.len != auth_digits(AUTH_PBKDF2))
        return false;
    if (!hex_is_text(word.at, word.len))
        return false;
    memcpy(out, word.at, word.len);
    out[word.len] = '\0';
    return true;
}

bool proof_parse(struct proof *out, const char *datagram, size_t len)
{
    struct text_cursor text = text_trim_end((struct text_cursor){ datagram, len });

    return text_take(&text, "200 ") && take_digits(&text, out->cnonce) && text_take(&text, " ") &&
           take_digits(&text, out->response) && text.len == 0 &&
           strlen(out->cnonce) == strlen(out->response);
}

size_t proof_format(const struct proof *proof, char *out, size_t size)
{
    size_t used = 0;

    if (size < PROOF_MAX)
        return 0;
    text_append_string(out, size, &used, "200 ");
    text_append_string(out, size, &used, proof->cnonce);
    text_append_string(out, size, &used, " ");
    text_append_string(out, size, &used, proof->response);
    text_append_string(out, size, &used, "\n");
    return used;
}
