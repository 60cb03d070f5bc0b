#include "common/challenge.h"

#include "common/text.h"

#include <string.h>

bool challenge_parse(struct challenge *out, const char *datagram, size_t len)
{
    struct text_cursor text = text_trim_end((struct text_cursor){ datagram, len });

    if (!text_take(&text, "AUTH "))
        return false;
    if (text.len == auth_digits(AUTH_MD5))
        out->dialect = AUTH_MD5;
    else if (text.len == auth_digits(AUTH_PBKDF2))
        out->dialect = AUTH_PBKDF2;
    else
        return false;
    if (!hex_is_text(text.at, text.len))
        return false;
    memcpy(out->nonce, text.at, text.len);
    out->nonce[text.len] = '\0';
    return true;
}

size_t challenge_format(const struct challenge *challenge, char *out, size_t size)
{
    size_t used = 0;

    if (size < CHALLENGE_MAX)
        return 0;
    text_append_string(out, size, &used, "AUTH ");
    text_append_string(out, size, &used, challenge->nonce);
    return used;
}
