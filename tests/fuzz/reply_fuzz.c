/*
 * reply.h and challenge.h: every datagram is of exactly one kind, and what the kind promises holds.
 */
#include "common/reply.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

static bool begins(const char *text, size_t len, const char *word)
{
    return len >= strlen(word) && memcmp(text, word, strlen(word)) == 0;
}

static void check_challenge(const struct challenge *challenge)
{
    char out[CHALLENGE_MAX];
    struct challenge back;
    size_t digits = strlen(challenge->nonce);

    require(digits == auth_digits(challenge->dialect) && hex_is_text(challenge->nonce, digits));
    size_t len = challenge_format(challenge, out, sizeof out);
    require(len == 5 + digits && out[len] == '\0');
    require(challenge_parse(&back, out, len));
    require(back.dialect == challenge->dialect && strcmp(back.nonce, challenge->nonce) == 0);
}

static void check_text(const struct reply *reply, const char *text, size_t len)
{
    require(reply->text.at >= text && reply->text.at + reply->text.len <= text + len);
    require(text_trim_end(reply->text).len == reply->text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct reply reply = reply_parse(text, size);
    struct challenge challenge;

    require(challenge_parse(&challenge, text, size) == (reply.kind == REPLY_CHALLENGE));
    switch (reply.kind) {
    case REPLY_OK:
        require(begins(text, size, "OK"));
        require(text_trim_end((struct text_cursor){ text, size }).len == 2);
        break;
    case REPLY_CHALLENGE:
        require(begins(text, size, "AUTH "));
        check_challenge(&reply.challenge);
        break;
    case REPLY_AUTH_FAILED:
        require(begins(text, size, REPLY_AUTH_FAILED_TEXT));
        break;
    case REPLY_ERROR:
        require(begins(text, size, "ERR:"));
        check_text(&reply, text, size);
        break;
    case REPLY_UNKNOWN:
        check_text(&reply, text, size);
        break;
    }
    return 0;
}
