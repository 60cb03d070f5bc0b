#include "cli/display_width.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * Tables of our own: wcwidth() knows UTF-8 only after setlocale(), which the programs do not call
 * (see cli/printable.c). The ranges are in ascending order.
 */
struct range {
    uint32_t first;
    uint32_t last;
};

/* East_Asian_Width W and F of Unicode 14; ranges go on over what is unassigned. */
static const struct range wide[] = {
    { 0x1100, 0x115F },   { 0x231A, 0x231B },   { 0x2329, 0x232A },   { 0x23E9, 0x23EC },
    { 0x23F0, 0x23F0 },   { 0x23F3, 0x23F3 },   { 0x25FD, 0x25FE },   { 0x2614, 0x2615 },
    { 0x2648, 0x2653 },   { 0x267F, 0x267F },   { 0x2693, 0x2693 },   { 0x26A1, 0x26A1 },
    { 0x26AA, 0x26AB },   { 0x26BD, 0x26BE },   { 0x26C4, 0x26C5 },   { 0x26CE, 0x26CE },
    { 0x26D4, 0x26D4 },   { 0x26EA, 0x26EA },   { 0x26F2, 0x26F3 },   { 0x26F5, 0x26F5 },
    { 0x26FA, 0x26FA },   { 0x26FD, 0x26FD },   { 0x2705, 0x2705 },   { 0x270A, 0x270B },
    { 0x2728, 0x2728 },   { 0x274C, 0x274C },   { 0x274E, 0x274E },   { 0x2753, 0x2755 },
    { 0x2757, 0x2757 },   { 0x2795, 0x2797 },   { 0x27B0, 0x27B0 },   { 0x27BF, 0x27BF },
    { 0x2B1B, 0x2B1C },   { 0x2B50, 0x2B50 },   { 0x2B55, 0x2B55 },   { 0x2E80, 0x3029 },
    { 0x302E, 0x303E },   { 0x3041, 0x3096 },   { 0x309B, 0x3247 },   { 0x3250, 0x4DBF },
    { 0x4E00, 0xA4C6 },   { 0xA960, 0xA97C },   { 0xAC00, 0xD7A3 },   { 0xF900, 0xFAD9 },
    { 0xFE10, 0xFE19 },   { 0xFE30, 0xFE6B },   { 0xFF01, 0xFF60 },   { 0xFFE0, 0xFFE6 },
    { 0x16FE0, 0x16FE3 }, { 0x16FF0, 0x1B2FB }, { 0x1F004, 0x1F004 }, { 0x1F0CF, 0x1F0CF },
    { 0x1F18E, 0x1F18E }, { 0x1F191, 0x1F19A }, { 0x1F200, 0x1F320 }, { 0x1F32D, 0x1F335 },
    { 0x1F337, 0x1F37C }, { 0x1F37E, 0x1F393 }, { 0x1F3A0, 0x1F3CA }, { 0x1F3CF, 0x1F3D3 },
    { 0x1F3E0, 0x1F3F0 }, { 0x1F3F4, 0x1F3F4 }, { 0x1F3F8, 0x1F43E }, { 0x1F440, 0x1F440 },
    { 0x1F442, 0x1F4FC }, { 0x1F4FF, 0x1F53D }, { 0x1F54B, 0x1F54E }, { 0x1F550, 0x1F567 },
    { 0x1F57A, 0x1F57A }, { 0x1F595, 0x1F596 }, { 0x1F5A4, 0x1F5A4 }, { 0x1F5FB, 0x1F64F },
    { 0x1F680, 0x1F6C5 }, { 0x1F6CC, 0x1F6CC }, { 0x1F6D0, 0x1F6D2 }, { 0x1F6D5, 0x1F6DF },
    { 0x1F6EB, 0x1F6EC }, { 0x1F6F4, 0x1F6FC }, { 0x1F7E0, 0x1F7F0 }, { 0x1F90C, 0x1F93A },
    { 0x1F93C, 0x1F945 }, { 0x1F947, 0x1F9FF }, { 0x1FA70, 0x1FAFF }, { 0x20000, 0x3FFFD },
};

/*
 * Nonspacing and enclosing marks (Mn and Me), and the vowels and finals of Hangul, which join the
 * letter before them. Marks of rare scripts are not here: they count one, and a line that is
 * thought to be too long does no harm.
 */
static const struct range combining[] = {
    { 0x0300, 0x036F }, { 0x0483, 0x0489 }, { 0x0591, 0x05BD }, { 0x05BF, 0x05BF },
    { 0x05C1, 0x05C2 }, { 0x05C4, 0x05C5 }, { 0x05C7, 0x05C7 }, { 0x0610, 0x061A },
    { 0x064B, 0x065F }, { 0x0670, 0x0670 }, { 0x06D6, 0x06DC }, { 0x06DF, 0x06E4 },
    { 0x06E7, 0x06E8 }, { 0x06EA, 0x06ED }, { 0x0711, 0x0711 }, { 0x0730, 0x074A },
    { 0x07A6, 0x07B0 }, { 0x07EB, 0x07F3 }, { 0x07FD, 0x07FD }, { 0x0816, 0x0819 },
    { 0x081B, 0x0823 }, { 0x0825, 0x0827 }, { 0x0829, 0x082D }, { 0x0859, 0x085B },
    { 0x0898, 0x089F }, { 0x08CA, 0x08E1 }, { 0x08E3, 0x0902 }, { 0x093A, 0x093A },
    { 0x093C, 0x093C }, { 0x0941, 0x0948 }, { 0x094D, 0x094D }, { 0x0951, 0x0957 },
    { 0x0962, 0x0963 }, { 0x0981, 0x0981 }, { 0x09BC, 0x09BC }, { 0x09C1, 0x09C4 },
    { 0x09CD, 0x09CD }, { 0x09E2, 0x09E3 }, { 0x09FE, 0x0A02 }, { 0x0A3C, 0x0A3C },
    { 0x0A41, 0x0A51 }, { 0x0A70, 0x0A71 }, { 0x0A75, 0x0A75 }, { 0x0A81, 0x0A82 },
    { 0x0ABC, 0x0ABC }, { 0x0AC1, 0x0AC8 }, { 0x0ACD, 0x0ACD }, { 0x0AE2, 0x0AE3 },
    { 0x0AFA, 0x0B01 }, { 0x0B3C, 0x0B3C }, { 0x0B3F, 0x0B3F }, { 0x0B41, 0x0B44 },
    { 0x0B4D, 0x0B56 }, { 0x0B62, 0x0B63 }, { 0x0B82, 0x0B82 }, { 0x0BC0, 0x0BC0 },
    { 0x0BCD, 0x0BCD }, { 0x0C00, 0x0C00 }, { 0x0C04, 0x0C04 }, { 0x0C3C, 0x0C3C },
    { 0x0C3E, 0x0C40 }, { 0x0C46, 0x0C56 }, { 0x0C62, 0x0C63 }, { 0x0C81, 0x0C81 },
    { 0x0CBC, 0x0CBC }, { 0x0CBF, 0x0CBF }, { 0x0CC6, 0x0CC6 }, { 0x0CCC, 0x0CCD },
    { 0x0CE2, 0x0CE3 }, { 0x0D00, 0x0D01 }, { 0x0D3B, 0x0D3C }, { 0x0D41, 0x0D44 },
    { 0x0D4D, 0x0D4D }, { 0x0D62, 0x0D63 }, { 0x0D81, 0x0D81 }, { 0x0DCA, 0x0DCA },
    { 0x0DD2, 0x0DD6 }, { 0x0E31, 0x0E31 }, { 0x0E34, 0x0E3A }, { 0x0E47, 0x0E4E },
    { 0x0EB1, 0x0EB1 }, { 0x0EB4, 0x0EBC }, { 0x0EC8, 0x0ECD }, { 0x1160, 0x11FF },
    { 0x1AB0, 0x1ACE }, { 0x1DC0, 0x1DFF }, { 0x20D0, 0x20F0 }, { 0x302A, 0x302D },
    { 0x3099, 0x309A }, { 0xFE20, 0xFE2F },
};

static int compare(const void *key, const void *element)
{
    const uint32_t *value = key;
    const struct range *range = element;

    if (*value < range->first)
        return -1;
    return *value > range->last;
}

static bool is_in(const struct range *table, size_t size, uint32_t value)
{
    return bsearch(&value, table, size / sizeof *table, sizeof *table, compare) != NULL;
}

/* The character at `at`, and how many bytes it takes; a byte that begins none counts as one. */
static uint32_t decode(const unsigned char *at, size_t *len)
{
    size_t count = at[0] >= 0xF0 ? 3 : at[0] >= 0xE0 ? 2 : at[0] >= 0xC0 ? 1 : 0;
    uint32_t value = count > 0 ? at[0] & (0x3Fu >> count) : at[0];

    *len = 1;
    for (size_t i = 1; i <= count; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return at[0];
        value = value << 6 | (at[i] & 0x3Fu);
    }
    *len = count + 1;
    return value;
}

static size_t width_of(uint32_t value)
{
    if (is_in(combining, sizeof combining, value))
        return 0;
    return is_in(wide, sizeof wide, value) ? 2 : 1;
}

size_t display_width(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t width = 0;
    size_t len;

    for (; *at; at += len)
        width += width_of(decode(at, &len));
    return width;
}

/* The bytes of a text that fit `columns` and are fewer than `size`, and the columns they take. */
static size_t fitting(const char *text, size_t size, size_t columns, size_t *width)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t used = 0;
    size_t len;

    *width = 0;
    for (; at[used]; used += len) {
        size_t more = width_of(decode(at + used, &len));
        if (*width + more > columns || used + len >= size)
            break;
        *width += more;
    }
    return used;
}

size_t display_fit(char *out, size_t size, const char *text, size_t columns)
{
    size_t width;
    size_t len = fitting(text, size, columns, &width);

    memcpy(out, text, len);
    out[len] = '\0';
    return width;
}

size_t display_cut(char *out, size_t size, const char *text, size_t columns)
{
    static const char dots[] = "...";
    const size_t dots_len = sizeof dots - 1;
    size_t width;
    size_t len = fitting(text, size, columns, &width);
    bool is_cut = text[len] != '\0' && columns >= 8 && size > 8;

    if (is_cut)
        len = fitting(text, size - dots_len, columns - dots_len, &width);
    memcpy(out, text, len);
    memcpy(out + len, dots, is_cut ? dots_len : 0);
    len += is_cut ? dots_len : 0;
    out[len] = '\0';
    return width + (is_cut ? dots_len : 0);
}
