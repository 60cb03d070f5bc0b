#include "cli/push/paint.h"

const char *paint_begin(bool has_colour, enum exit_code code)
{
    if (!has_colour)
        return "";
    switch (code) {
    case EXIT_UPDATED:
        return "\033[32m";
    case EXIT_NO_VERDICT:
        return "\033[33m";
    case EXIT_SKIPPED:
        return "";
    default:
        return "\033[31m";
    }
}

const char *paint_end(bool has_colour, enum exit_code code)
{
    return has_colour && code != EXIT_SKIPPED ? "\033[0m" : "";
}
