#include "cli/serve/basic_auth.h"

#include "common/secret.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

/* The value of a digit of base64, or -1. */
static int digit_value(char digit)
{
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A';
    if (digit >= 'a' && digit <= 'z')
        return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9')
        return digit - '0' + 52;
    if (digit == '+')
        return 62;
    return digit == '/' ? 63 : -1;
}

/*
 * Decode into `out` (capacity `size`) what must be whole groups of four digits, the last of them
 * filled up with '='. Returns the bytes, or -1.
 */
static int decode(char *out, size_t size, const char *text, size_t len)
{
    size_t used = 0;
    size_t padding = 0;

    if (len == 0 || len % 4 != 0)
        return -1;
    while (padding < 2 && text[len - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < len; i += 4) {
        size_t bytes = i + 4 < len ? 3 : 3 - padding;
        uint32_t group = 0;
        for (size_t j = 0; j < 4; j++) {
            int value = j <= bytes ? digit_value(text[i + j]) : 0;
            if (value < 0)
                return -1;
            group = group << 6 | (uint32_t)value;
        }
        if (used + bytes > size)
            return -1;
        for (size_t j = 0; j < bytes; j++)
            out[used++] = (char)(group >> (16 - 8 * j));
    }
    return (int)used;
}

static bool split(struct basic_auth *out, const char *pair, size_t len)
{
    const char *colon = memchr(pair, ':', len);

    if (!colon || memchr(pair, '\0', len))
        return false;
    size_t user_len = (size_t)(colon - pair);
    memcpy(out->user, pair, user_len);
    memcpy(out->password, colon + 1, len - user_len - 1);
    return true;
}

bool basic_auth_parse(struct basic_auth *out, const char *value)
{
    char pair[BASIC_AUTH_SIZE - 1];
    int len = -1;

    memset(out, 0, sizeof *out);
    if (strncasecmp(value, "Basic ", 6) == 0) {
        value += 6 + strspn(value + 6, " ");
        len = decode(pair, sizeof pair, value, strlen(value));
    }
    bool ok = len >= 0 && split(out, pair, (size_t)len);
    secret_wipe(pair, sizeof pair);
    return ok;
}
