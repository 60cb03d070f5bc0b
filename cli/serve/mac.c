#include "cli/serve/mac.h"

#include "common/hex.h"

#include <string.h>

bool mac_parse(struct mac *out, const char *text)
{
    if (strlen(text) != MAC_TEXT_SIZE - 1)
        return false;
    for (size_t i = 0; i < sizeof out->bytes; i++) {
        const char *pair = text + 3 * i;

        if (!hex_decode(&out->bytes[i], 1, pair, 2))
            return false;
        if (i + 1 < sizeof out->bytes && pair[2] != ':')
            return false;
    }
    return true;
}

/* Once for each answer, so without snprintf(). */
char *mac_format(char out[static MAC_TEXT_SIZE], const struct mac *mac)
{
    static const char digits[] = "0123456789ABCDEF";
    char *at = out;

    for (size_t i = 0; i < sizeof mac->bytes; i++) {
        *at++ = digits[mac->bytes[i] >> 4];
        *at++ = digits[mac->bytes[i] & 0xF];
        *at++ = ':';
    }
    out[MAC_TEXT_SIZE - 1] = '\0';
    return out;
}

bool mac_equal(const struct mac *a, const struct mac *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}
