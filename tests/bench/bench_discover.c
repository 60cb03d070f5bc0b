/*
 * bench-discover COUNT PROGRAM [ARGUMENT...]: starts a program that tells of devices on stdout, a
 * line with "add" for each, and ends it once it has told of COUNT. Prints milliseconds from its
 * start to the first, the same to the last, and the most memory it had by then, KiB.
 *
 * tests/bench/discover runs it, in a network of its own.
 */
#include "tests/support/memory.h"
#include "tests/support/process.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE_MS 30000

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    struct process process;
    char line[8192];
    double first = 0;
    unsigned long count = argc >= 3 ? strtoul(argv[1], NULL, 10) : 0;

    if (count == 0) {
        fputs("usage: bench-discover COUNT PROGRAM [ARGUMENT...]\n", stderr);
        return EXIT_FAILURE;
    }
    double start = now_ms();
    if (!process_start(&process,
                       &(struct process_options){ .argv = (const char *const *)argv + 2 })) {
        perror(argv[2]);
        return EXIT_FAILURE;
    }
    for (unsigned long seen = 0; seen < count;) {
        if (!process_read_line(&process, &process.out, line, sizeof line, PATIENCE_MS)) {
            fprintf(stderr, "bench-discover: %lu of %lu devices\n%s", seen, count,
                    process.err.text);
            process_free(&process);
            return EXIT_FAILURE;
        }
        if (!strstr(line, "\"add\""))
            continue;
        if (seen++ == 0)
            first = now_ms() - start;
    }
    printf("%.0f %.0f %ld\n", first, now_ms() - start, memory_peak(process.pid));
    process_free(&process);
    return EXIT_SUCCESS;
}
