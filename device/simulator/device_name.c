#include "device_name.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* ---- UTF-8 ---- */

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/*
 * The character that `text` begins with, and its bytes; 0 bytes when it is not the shortest form of
 * a character. The NUL at the end is no continuation, so nothing behind it is read.
 */
static size_t take_character(const char *text, uint32_t *out)
{
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char first = (unsigned char)text[0];
    size_t len = first < 0x80             ? 1
                 : (first & 0xE0) == 0xC0 ? 2
                 : (first & 0xF0) == 0xE0 ? 3
                 : (first & 0xF8) == 0xF0 ? 4
                                          : 0;

    *out = len <= 1 ? first : first & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        if (!is_continuation(text[i]))
            return 0;
        *out = *out << 6 | ((unsigned char)text[i] & 0x3F);
    }
    if (len > 0 && (*out < smallest[len] || *out > 0x10FFFF || (*out >= 0xD800 && *out <= 0xDFFF)))
        return 0;
    return len;
}

static bool is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7F && character < 0xA0);
}

bool device_name_is_valid(const char *text)
{
    size_t size = strnlen(text, DEVICE_NAME_SIZE);
    uint32_t character;

    if (size == 0 || size > DEVICE_NAME_BYTES)
        return false;
    while (*text) {
        size_t len = take_character(text, &character);
        if (len == 0 || is_control(character))
            return false;
        text += len;
    }
    return true;
}

/* ---- names made from names ---- */

static bool is_of_host(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

void device_name_host_label(char out[static DEVICE_HOST_LABEL_SIZE], const char *name)
{
    size_t len = 0;
    size_t end = 0; /* behind the last character that is no "-" */

    for (; *name; name++) {
        bool is_kept = is_of_host(*name);
        if (is_continuation(*name) || (!is_kept && len == 0))
            continue;
        out[len++] = '-';
        if (is_kept) {
            out[len - 1] = *name;
            end = len;
        }
    }
    out[end] = '\0';
    if (end == 0)
        memcpy(out, DEVICE_NAME_DEFAULT, sizeof DEVICE_NAME_DEFAULT);
}

void device_name_alternative(char out[static DEVICE_NAME_SIZE], const char *name, unsigned number)
{
    char suffix[16];
    size_t suffix_len = (size_t)snprintf(suffix, sizeof suffix, "-%u", number);
    size_t len = strlen(name);

    if (len > DEVICE_NAME_BYTES - suffix_len) {
        len = DEVICE_NAME_BYTES - suffix_len;
        while (len > 0 && is_continuation(name[len]))
            len--;
    }
    memcpy(out, name, len);
    memcpy(out + len, suffix, suffix_len + 1);
}
