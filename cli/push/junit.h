/*
 * How each device came off as a JUnit file, as CI systems read it.
 */
#ifndef CLI_JUNIT_H
#define CLI_JUNIT_H

#include "cli/failure.h"
#include "cli/push/results.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

struct junit_run {
    const struct results *results;
    const char *image; /* its path, raw; NULL when none was opened */
    time_t started_at;
    double seconds; /* that it took */
};

/* Write the document: XML 1.0, whatever devices are called or say. */
void junit_print(FILE *out, const struct junit_run *run);

/*
 * Write it to a file: a regular one is replaced once all of it is there, or where it cannot be,
 * written over; anything else, such as a pipe, is written to. False, with `failure` filled in, when
 * that failed.
 */
bool junit_write(const char *path, const struct junit_run *run, struct failure *failure);

#endif
