/*
 * Which devices a run is for: those of the command line, and those of the lists that it names.
 */
#ifndef CLI_WANTED_H
#define CLI_WANTED_H

#include "cli/failure.h"
#include "cli/push/login.h"
#include "cli/push/upload_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one -i, or one line of a list, names. */
struct wanted {
    const char *text;                     /* as in target.h */
    const char *name;                     /* what to call it: with its port where that tells */
    bool is_all;                          /* --all: only what suits the image */
    uint16_t port;                        /* its own; 0: none */
    const struct push_password *password; /* its own; NULL: none */
};

/* All zero at first. */
struct wanted_list {
    struct wanted *list; /* in the order of the command line */
    size_t count;
    size_t repeated; /* that were named again by the same words, and are not in it */

    /* Its own. */
    size_t room;
    char **texts; /* of the lists' devices */
    size_t text_count;
    void *passwords; /* by the files they are from */
};

/*
 * Gather them: -i, -i @FILE, -i - and --all, each once. False, with `failure` filled in:
 * EXIT_BAD_USAGE when a list says what cannot be understood, names no device, or together with
 * others too many, or when --board has no pattern to go with; EXIT_LOCAL_FAILURE when a list or an
 * auth-file cannot be read. Nothing is gathered then. The options must outlive it.
 */
bool wanted_gather(struct wanted_list *wanted, const struct upload_options *options,
                   struct failure *failure);

/* True when there is more than one, or one that may turn out to be several devices. */
bool wanted_are_several(const struct wanted_list *wanted);

/* Release what was allocated, passwords wiped. */
void wanted_free(struct wanted_list *wanted);

#endif
