#include "tests/bench/delay_line.h"

#include <stdlib.h>
#include <string.h>

bool delay_line_put(struct delay_line *line, int64_t due, const void *bytes, size_t len)
{
    struct parcel *parcel = malloc(sizeof *parcel + (bytes ? len : 0));

    if (!parcel)
        return false;
    *parcel = (struct parcel){ .due = due, .len = len };
    if (bytes)
        memcpy(parcel->bytes, bytes, len);
    if (line->first)
        line->last->next = parcel;
    else
        line->first = parcel;
    line->last = parcel;
    return true;
}

struct parcel *delay_line_due(const struct delay_line *line, int64_t now)
{
    return line->first && line->first->due <= now ? line->first : NULL;
}

int64_t delay_line_next(const struct delay_line *line)
{
    return line->first ? line->first->due : INT64_MAX;
}

void delay_line_take(struct delay_line *line, size_t n)
{
    struct parcel *parcel = line->first;

    parcel->taken += n;
    parcel->len -= n;
    if (parcel->len > 0)
        return;
    line->first = parcel->next;
    free(parcel);
}

void delay_line_clear(struct delay_line *line)
{
    while (line->first)
        delay_line_take(line, line->first->len);
}
