#include "cli/push/wrap.h"

#include "cli/display_width.h"

#include <stdint.h>
#include <string.h>

/* With less room than this nothing is gained by breaking lines. */
#define ROOM_MIN 12

#define PIECE_MAX 1024

/* The bytes of what fits a line: up to the last space in it, or all of it. */
static size_t line_length(const char *text, size_t room)
{
    char piece[PIECE_MAX];

    display_fit(piece, sizeof piece, text, room);
    size_t len = strlen(piece);
    if (text[len] == '\0' || text[len] == ' ' || len == 0)
        return len > 0 ? len : strlen(text);
    for (size_t at = len; at > 0; at--) {
        if (text[at] == ' ')
            return at;
    }
    return len;
}

static size_t room_after(size_t at, size_t columns)
{
    return columns > at + ROOM_MIN ? columns - at - 1 : 0;
}

static const char *print_line(FILE *out, const char *text, size_t room)
{
    size_t len = room > 0 ? line_length(text, room) : strlen(text);

    fprintf(out, "%.*s", (int)len, text);
    text += len;
    return text + strspn(text, " ");
}

void wrap_continue(FILE *out, const char *text, size_t at, size_t indent, size_t columns)
{
    text = print_line(out, text, room_after(at, columns));
    while (*text) {
        fprintf(out, "\n%*s", (int)indent, "");
        text = print_line(out, text, room_after(indent, columns));
    }
}

void wrap_print(FILE *out, const char *text, size_t indent, size_t columns)
{
    if (text[0] == '\0')
        return;
    fprintf(out, "%*s", (int)indent, "");
    wrap_continue(out, text, indent, indent, columns);
    fputc('\n', out);
}
