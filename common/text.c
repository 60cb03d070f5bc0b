#include "common/text.h"

#include <string.h>

bool text_take(struct text_cursor *cursor, const char *word)
{
    size_t len = strlen(word);

    if (cursor->len < len || memcmp(cursor->at, word, len) != 0)
        return false;
    cursor->at += len;
    cursor->len -= len;
    return true;
}

bool text_take_number(struct text_cursor *cursor, uint64_t max, uint64_t *out)
{
    uint64_t number = 0;
    size_t digits = 0;

    while (digits < cursor->len && cursor->at[digits] >= '0' && cursor->at[digits] <= '9') {
        unsigned value = (unsigned)(cursor->at[digits] - '0');
        if (value > max || number > (max - value) / 10)
            return false;
        number = number * 10 + value;
        digits++;
    }
    if (digits == 0)
        return false;
    cursor->at += digits;
    cursor->len -= digits;
    *out = number;
    return true;
}

bool text_take_word(struct text_cursor *cursor, struct text_cursor *word)
{
    size_t len = 0;

    while (len < cursor->len && cursor->at[len] != ' ')
        len++;
    *word = (struct text_cursor){ cursor->at, len };
    cursor->at += len;
    cursor->len -= len;
    return len > 0;
}

struct text_cursor text_trim_end(struct text_cursor text)
{
    while (text.len > 0) {
        char last = text.at[text.len - 1];
        if (last != ' ' && last != '\t' && last != '\r' && last != '\n' && last != '\0')
            break;
        text.len--;
    }
    return text;
}

void text_append(char *out, size_t size, size_t *used, const char *bytes, size_t len)
{
    if (size == 0 || *used >= size)
        return;
    size_t room = size - 1 - *used;
    size_t n = len < room ? len : room;
    memcpy(out + *used, bytes, n);
    *used += n;
    out[*used] = '\0';
}

void text_append_string(char *out, size_t size, size_t *used, const char *string)
{
    text_append(out, size, used, string, strlen(string));
}

void text_append_number(char *out, size_t size, size_t *used, uint64_t number)
{
    char digits[TEXT_NUMBER_MAX];
    size_t first = sizeof digits;

    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    text_append(out, size, used, digits + first, sizeof digits - first);
}
