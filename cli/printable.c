#include "cli/printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Marks without a width: they turn text around, or hide in it. */
static bool is_invisible(uint32_t value)
{
    return value == 0x061C || (value >= 0x200B && value <= 0x200F) ||
           (value >= 0x2028 && value <= 0x202E) || (value >= 0x2060 && value <= 0x2069) ||
           value == 0xFEFF;
}

static uint32_t continuation(const unsigned char *at, size_t len, size_t count, uint32_t value)
{
    if (len <= count)
        return 0;
    for (size_t i = 1; i <= count; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3Fu);
    }
    return value;
}

/* Length of the well-formed, showable character at `at`, or 0 when there is none. */
static size_t character_length(const unsigned char *at, size_t len)
{
    uint32_t value;

    if (at[0] < 0x80)
        return at[0] >= 0x20 && at[0] != 0x7F ? 1 : 0;
    if ((at[0] & 0xE0) == 0xC0) {
        value = continuation(at, len, 1, at[0] & 0x1Fu);
        /* Below: overlong, or a C1 control. */
        return value >= 0xA0 && !is_invisible(value) ? 2 : 0;
    }
    if ((at[0] & 0xF0) == 0xE0) {
        value = continuation(at, len, 2, at[0] & 0x0Fu);
        return value >= 0x800 && (value < 0xD800 || value > 0xDFFF) && !is_invisible(value) ? 3 : 0;
    }
    if ((at[0] & 0xF8) == 0xF0) {
        value = continuation(at, len, 3, at[0] & 0x07u);
        return value >= 0x10000 && value <= 0x10FFFF ? 4 : 0;
    }
    return 0;
}

static char *copy(char *out, size_t size, const unsigned char *in, size_t len,
                  bool escape_backslash)
{
    size_t used = 0;

    while (len > 0) {
        char escaped[5];
        const void *piece = in;
        size_t taken = character_length(in, len);
        size_t piece_len = taken;
        if (taken == 0) {
            taken = 1;
            snprintf(escaped, sizeof escaped, "\\x%02x", in[0]);
            piece = escaped;
            piece_len = 4;
        } else if (escape_backslash && in[0] == '\\') {
            piece = "\\\\";
            piece_len = 2;
        }
        if (used + piece_len >= size)
            break;
        memcpy(out + used, piece, piece_len);
        used += piece_len;
        in += taken;
        len -= taken;
    }
    out[used] = '\0';
    return out;
}

char *printable_bytes(char *out, size_t size, const void *bytes, size_t len)
{
    return copy(out, size, bytes, len, true);
}

char *printable(char *out, size_t size, const char *string)
{
    return copy(out, size, (const unsigned char *)string, strlen(string), false);
}
