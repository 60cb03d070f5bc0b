/*
 * What is wrong with a catalogue, and where.
 */
#ifndef CLI_FLEET_COMPLAINT_H
#define CLI_FLEET_COMPLAINT_H

#include "cli/failure.h"

#include <stdbool.h>

/* A catalogue being read, and where to say what is wrong with it. */
struct fleet_source {
    const char *name; /* of the file */
    struct failure *failure;
};

/* Fill the failure in (EXIT_LOCAL_FAILURE) with "NAME:LINE: ..."; false, to be returned. */
bool fleet_complain(const struct fleet_source *source, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
