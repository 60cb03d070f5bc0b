/*
 * How several devices came off, at the end of a run: how many, and which of them in which way.
 */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include "cli/push/results.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct summary_options {
    size_t columns; /* of the terminal; 0: lines may be of any length */
    bool has_colour;
    double seconds; /* that the run took */
};

/*
 * Write a line of counts, and for each kind of failure and hint the devices, 50 of them at most,
 * and below them the hint or, of those skipped, why. Of a kind with more than three hints the other
 * devices come last, without theirs.
 */
void summary_print(FILE *out, const struct results *results, const struct summary_options *options);

#endif
