/*
 * The catalogue in memory: releases, and which device is to have which.
 */
#ifndef CLI_FLEET_H
#define CLI_FLEET_H

#include "cli/serve/release.h"

#include <stdbool.h>
#include <stddef.h>

/* Characters of a pattern of MACs, with the final NUL. */
#define FLEET_PATTERN_SIZE 64

struct fleet_rule {
    char pattern[FLEET_PATTERN_SIZE]; /* upper case; '*', '?' and '[...]' as in fnmatch(3) */
    unsigned literals; /* characters that stand for themselves: the more, the more exact */
    unsigned line;
    const struct release *release;
};

struct fleet {
    struct release *releases; /* in the order of the file */
    size_t release_count;
    const struct release **by_name; /* the same, sorted by name */
    struct fleet_rule *rules; /* most exact first; equally exact ones in the order of the file */
    size_t rule_count;
    size_t exact_count; /* of these, the first so many have no wildcard, sorted by MAC */
    const struct release *fallback; /* [default], or NULL */
};

/* The release that a device is to have by its MAC, or NULL when it is not known. */
const struct release *fleet_find(const struct fleet *fleet, const struct mac *station);

/* The release of this name, or NULL. */
const struct release *fleet_release(const struct fleet *fleet, const char *name);

/* Release everything; NULL is allowed. */
void fleet_free(struct fleet *fleet);

#endif
