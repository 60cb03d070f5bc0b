#include "sim_trace.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void sim_say(const struct sim_trace *trace, const char *who, const char *format, ...)
{
    va_list args;

    if (!trace->on)
        return;
    printf("%6" PRIu64 ".%06" PRIu64 "  %-8s  ", trace->world->now / SIM_S,
           trace->world->now % SIM_S, who);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

const char *sim_show(char out[SIM_SHOWN_MAX], const void *bytes, size_t len)
{
    const char *text = bytes;
    size_t used = 0;

    for (size_t i = 0; i < len && used < SIM_SHOWN_MAX - 4; i++) {
        if (text[i] == '\r' || text[i] == '\n')
            continue;
        if (text[i] < ' ' || text[i] > '~')
            out[used++] = '?';
        else
            out[used++] = text[i];
    }
    for (int i = 0; i < 3 && used >= SIM_SHOWN_MAX - 4 && len > used; i++)
        out[used++] = '.';
    out[used] = '\0';
    return out;
}
