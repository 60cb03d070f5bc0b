/*
 * A run for people: every call of the library, and every operation of flash in it.
 */
#ifndef CUTS_TRACE_H
#define CUTS_TRACE_H

#include "tests/sim/cuts_run.h"

#include <stdio.h>

/* Drive a run and write what happens; NULL: nothing is wrong, else a constant string. */
const char *cuts_trace(const struct cuts_run *run, FILE *out);

#endif
