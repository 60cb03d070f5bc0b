#include "cli/failure.h"

#include "cli/printable.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool failure_set(struct failure *failure, enum exit_code code, const char *format, ...)
{
    va_list args;

    failure->code = code;
    va_start(args, format);
    vsnprintf(failure->text, sizeof failure->text, format, args);
    va_end(args);
    return false;
}

const char *failure_path(const char *path)
{
    enum {
        SHOWN_MAX = 512,
    };
    size_t len = strlen(path);

    return len > SHOWN_MAX ? path + len - SHOWN_MAX : path;
}

int failure_print(const struct failure *failure)
{
    char text[4 * sizeof failure->text];

    fprintf(stderr, "espota-c: %s\n", printable(text, sizeof text, failure->text));
    return (int)failure->code;
}
