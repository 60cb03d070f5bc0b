/*
 * A delay line: what goes in comes out in the same order, each parcel at its time.
 */
#ifndef TESTS_BENCH_DELAY_LINE_H
#define TESTS_BENCH_DELAY_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct parcel {
    struct parcel *next;
    int64_t due;  /* as of deadline_now() */
    size_t len;   /* what is left of it */
    size_t taken; /* what was taken from its start */
    char bytes[];
};

struct delay_line {
    struct parcel *first;
    struct parcel *last;
};

/* Put a parcel in; `bytes` may be NULL when only its length matters. False without memory. */
bool delay_line_put(struct delay_line *line, int64_t due, const void *bytes, size_t len);

/* The first parcel if it is due, else NULL. */
struct parcel *delay_line_due(const struct delay_line *line, int64_t now);

/* When the first parcel is due; INT64_MAX when the line is empty. */
int64_t delay_line_next(const struct delay_line *line);

/* Take `n` bytes off the first parcel, which goes away when nothing is left of it. */
void delay_line_take(struct delay_line *line, size_t n);

/* Throw everything away. */
void delay_line_clear(struct delay_line *line);

#endif
