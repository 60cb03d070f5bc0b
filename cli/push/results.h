/*
 * How each device of a run came off: what the summary and the JUnit file are made of.
 */
#ifndef CLI_RESULTS_H
#define CLI_RESULTS_H

#include "cli/exit_code.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One device's; the texts are raw, as the device or the user gave them. */
struct result {
    const char *name;
    const char *detail; /* a sentence */
    const char *hint;   /* the next step; empty, or NULL when it is added, where there is none */
    enum exit_code code;
    uint64_t bytes; /* that the device has acknowledged */
    uint64_t ms;    /* from the first invitation to the end */
    char *owned[3]; /* copies of the texts, the list's own */
};

/* All of a run, in the order in which they ended. All zero at first. */
struct results {
    struct result *list;
    size_t count;
    size_t room;
    size_t lost; /* that could not be kept, for lack of memory */
};

/* Add a copy of one. False, and counted as lost, without memory. */
bool results_add(struct results *results, const struct result *result);

/* How many ended with this code. */
size_t results_count(const struct results *results, enum exit_code code);

/* Release what was allocated. */
void results_free(struct results *results);

#endif
