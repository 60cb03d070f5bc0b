#include "tests/support/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number of /proc/PID/status. */
static long field_of(pid_t pid, const char *name)
{
    char path[64];
    char line[128];
    size_t len = strlen(name);
    long kib = 0;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, name, len) == 0)
            kib = strtol(line + len, NULL, 10);
    }
    if (file)
        fclose(file);
    return kib;
}

long memory_now(pid_t pid)
{
    return field_of(pid, "VmRSS:");
}

/* Unlike ru_maxrss, it does not begin with the size of the process that forked. */
long memory_peak(pid_t pid)
{
    return field_of(pid, "VmHWM:");
}
