#include "puller_word.h"

#include <string.h>

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool ota_puller_is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

bool ota_puller_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool ota_puller_is_visible(char c)
{
    return c > ' ' && c < 0x7F;
}

bool ota_puller_is_word(const char *text, size_t len, const char *word)
{
    return ota_puller_is_same(text, len, word, strlen(word));
}

bool ota_puller_is_same(const char *a, size_t a_len, const char *b, size_t b_len)
{
    if (a_len != b_len)
        return false;
    for (size_t i = 0; i < a_len; i++) {
        if (lower(a[i]) != lower(b[i]))
            return false;
    }
    return true;
}

struct text_cursor ota_puller_trim(struct text_cursor text)
{
    while (text.len > 0 && (*text.at == ' ' || *text.at == '\t')) {
        text.at++;
        text.len--;
    }
    return text_trim_end(text);
}
