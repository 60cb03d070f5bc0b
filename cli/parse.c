#include "cli/parse.h"

#include "common/text.h"

#include <string.h>

#define SECONDS_MAX (7u * 24 * 3600)

static struct text_cursor cursor_of(const char *text)
{
    return (struct text_cursor){ text, strlen(text) };
}

bool parse_unsigned(unsigned *out, const char *text, unsigned max)
{
    struct text_cursor cursor = cursor_of(text);
    uint64_t number;

    if (!text_take_number(&cursor, max, &number) || cursor.len > 0)
        return false;
    *out = (unsigned)number;
    return true;
}

bool parse_port(uint16_t *out, const char *text)
{
    unsigned number;

    if (!parse_unsigned(&number, text, UINT16_MAX))
        return false;
    *out = (uint16_t)number;
    return true;
}

bool parse_port_range(struct port_range *out, const char *text)
{
    struct text_cursor cursor = cursor_of(text);
    uint64_t first;
    uint64_t last;

    if (!text_take_number(&cursor, UINT16_MAX, &first))
        return false;
    last = first;
    if (text_take(&cursor, "-") &&
        (first == 0 || !text_take_number(&cursor, UINT16_MAX, &last) || last < first))
        return false;
    if (cursor.len > 0)
        return false;
    *out = (struct port_range){ (uint16_t)first, (uint16_t)last };
    return true;
}

bool parse_seconds(uint32_t *out_ms, const char *text)
{
    struct text_cursor cursor = cursor_of(text);
    uint64_t whole;
    uint32_t ms = 0;

    if (!text_take_number(&cursor, SECONDS_MAX, &whole))
        return false;
    if (text_take(&cursor, ".")) {
        uint64_t fraction;
        size_t digits = cursor.len;
        if (digits > 3 || !text_take_number(&cursor, 999, &fraction))
            return false;
        for (ms = (uint32_t)fraction; digits < 3; digits++)
            ms *= 10;
    }
    ms += (uint32_t)whole * 1000;
    if (cursor.len > 0 || ms == 0 || ms > SECONDS_MAX * 1000)
        return false;
    *out_ms = ms;
    return true;
}
