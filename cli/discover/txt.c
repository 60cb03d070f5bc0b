#include "cli/discover/txt.h"

#include <string.h>
#include <strings.h>

static bool is_text(const uint8_t *bytes, size_t len, const char *text)
{
    return len == strlen(text) && strncasecmp((const char *)bytes, text, len) == 0;
}

/* The string at the cursor, which moves behind it. False at the end, or when it is cut short. */
static bool take_string(struct txt_cursor *cursor, const uint8_t **string, size_t *len)
{
    if (cursor->len == 0)
        return false;
    *len = cursor->bytes[0];
    if (*len >= cursor->len) {
        cursor->len = 0;
        return false;
    }
    *string = cursor->bytes + 1;
    cursor->bytes += 1 + *len;
    cursor->len -= 1 + *len;
    return true;
}

bool txt_next(struct txt_cursor *cursor, struct txt_pair *out)
{
    const uint8_t *string;
    size_t len;

    while (take_string(cursor, &string, &len)) {
        const uint8_t *equals = len > 0 ? memchr(string, '=', len) : NULL;
        size_t key_len = equals ? (size_t)(equals - string) : len;
        if (key_len == 0)
            continue;
        *out = (struct txt_pair){
            .key = string,
            .key_len = key_len,
            .value = string + key_len + (equals != NULL),
            .value_len = len - key_len - (equals != NULL),
            .has_value = equals != NULL,
        };
        return true;
    }
    return false;
}

bool txt_find(const uint8_t *bytes, size_t len, const char *key, struct txt_pair *out)
{
    struct txt_cursor cursor = { bytes, len };

    while (txt_next(&cursor, out)) {
        if (is_text(out->key, out->key_len, key))
            return true;
    }
    return false;
}

bool txt_says(const struct txt_pair *pair, const char *value)
{
    return pair->has_value && is_text(pair->value, pair->value_len, value);
}
