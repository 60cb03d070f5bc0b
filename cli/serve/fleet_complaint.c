#include "cli/serve/fleet_complaint.h"

#include <stdarg.h>
#include <stdio.h>

bool fleet_complain(const struct fleet_source *source, unsigned line, const char *format, ...)
{
    char text[sizeof source->failure->text];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return failure_set(source->failure, EXIT_LOCAL_FAILURE, "%.255s:%u: %s", source->name, line,
                       text);
}
