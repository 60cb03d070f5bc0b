#include "cli/integration/property_line.h"

#include <string.h>

#define SYSTEM ".linux"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && is_blank(**text)) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 && is_blank((*text)[*len - 1]))
        (*len)--;
}

bool property_line_parse(struct property_line *out, const char *line, size_t len)
{
    static const size_t suffix = sizeof SYSTEM - 1;

    trim(&line, &len);
    const char *equals = len > 0 && line[0] != '#' ? memchr(line, '=', len) : NULL;
    if (!equals)
        return false;
    *out = (struct property_line){ .key = line, .key_len = (size_t)(equals - line) };
    out->value = equals + 1;
    out->value_len = len - out->key_len - 1;
    trim(&out->key, &out->key_len);
    trim(&out->value, &out->value_len);
    out->linux_only =
        out->key_len > suffix && memcmp(out->key + out->key_len - suffix, SYSTEM, suffix) == 0;
    if (out->linux_only)
        out->key_len -= suffix;
    return out->key_len > 0;
}

bool property_line_same_key(const struct property_line *a, const struct property_line *b)
{
    return a->key_len == b->key_len && memcmp(a->key, b->key, a->key_len) == 0;
}
