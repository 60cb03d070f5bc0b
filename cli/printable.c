#include "cli/printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/*
 * UTF-8 is shown as it is in every locale. The programs do not call setlocale(): strcasecmp() and
 * fnmatch() would change with it, and LC_ALL=C says little about a terminal, where UTF-8 is what
 * there is nowadays. One that takes single bytes may find C1 controls in well-formed characters.
 */

/*
 * Characters that nobody sees: they turn text around, hide in it, or make two texts look alike.
 * Those of Default_Ignorable_Code_Point in Unicode, line and paragraph separators, and the marks of
 * interlinear annotations.
 */
static bool is_invisible(uint32_t value)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } ranges[] = {
        { 0x00AD, 0x00AD },   { 0x034F, 0x034F }, { 0x061C, 0x061C },   { 0x115F, 0x1160 },
        { 0x17B4, 0x17B5 },   { 0x180B, 0x180F }, { 0x200B, 0x200F },   { 0x2028, 0x202E },
        { 0x2060, 0x206F },   { 0x3164, 0x3164 }, { 0xFE00, 0xFE0F },   { 0xFEFF, 0xFEFF },
        { 0xFFA0, 0xFFA0 },   { 0xFFF0, 0xFFFB }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A },
        { 0xE0000, 0xE0FFF },
    };

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (value >= ranges[i].first && value <= ranges[i].last)
            return true;
    }
    return false;
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
        return value >= 0x10000 && value <= 0x10FFFF && !is_invisible(value) ? 4 : 0;
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
