/*
 * The story of a simulation, line by line, for whoever wants to understand one seed.
 */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include "sim_world.h"

#include <stdbool.h>
#include <stddef.h>

struct sim_trace {
    bool on; /* when false, nothing is printed */
    const struct sim_world *world;
};

/* Print a line: virtual seconds, who, and text as by printf. */
void sim_say(const struct sim_trace *trace, const char *who, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Bytes that were sent, as a line can show them: cut, and without line ends. */
#define SIM_SHOWN_MAX 56
const char *sim_show(char out[SIM_SHOWN_MAX], const void *bytes, size_t len);

#endif
