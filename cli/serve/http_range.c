#include "cli/serve/http_range.h"

#include <stdbool.h>
#include <stddef.h>
#include <strings.h>

/* A position that no representation reaches; every larger one means the same. */
#define FAR_AWAY (UINT64_MAX / 16)

/* Read digits; false when there are none. A number too large to matter stays FAR_AWAY. */
static bool take_number(const char **text, uint64_t *out)
{
    const char *at = *text;
    uint64_t number = 0;

    for (; *at >= '0' && *at <= '9'; at++) {
        number = number * 10 + (uint64_t)(*at - '0');
        if (number > FAR_AWAY)
            number = FAR_AWAY;
    }
    bool found = at > *text;
    *text = at;
    *out = number;
    return found;
}

static void skip_blanks(const char **text)
{
    while (**text == ' ' || **text == '\t')
        (*text)++;
}

/* The last `count` bytes. */
static struct http_range suffix(uint64_t count, uint64_t size)
{
    if (count == 0 || size == 0)
        return (struct http_range){ .kind = HTTP_RANGE_UNSATISFIABLE };
    return (struct http_range){ HTTP_RANGE_PART, count < size ? size - count : 0, size - 1 };
}

struct http_range http_range_parse(const char *value, uint64_t size)
{
    const struct http_range whole = { .kind = HTTP_RANGE_WHOLE };
    uint64_t first = 0;
    uint64_t last = FAR_AWAY;

    if (!value || strncasecmp(value, "bytes=", 6) != 0)
        return whole;
    value += 6;
    skip_blanks(&value);
    bool has_first = take_number(&value, &first);
    if (*value++ != '-')
        return whole;
    bool has_last = take_number(&value, &last);
    skip_blanks(&value);
    if (*value != '\0' || (!has_first && !has_last))
        return whole;
    if (!has_first)
        return suffix(last, size);
    if (!has_last)
        last = FAR_AWAY;
    if (first > last)
        return whole;
    if (first >= size)
        return (struct http_range){ .kind = HTTP_RANGE_UNSATISFIABLE };
    return (struct http_range){ HTTP_RANGE_PART, first, last < size ? last : size - 1 };
}
