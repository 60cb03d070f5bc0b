/*
 * The command line of `espota-c setup`.
 */
#ifndef CLI_SETUP_OPTIONS_H
#define CLI_SETUP_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#define SETUP_FOLDERS_MAX 32

struct setup_options {
    const char *what;                       /* NULL: not said */
    const char *folders[SETUP_FOLDERS_MAX]; /* where to look; none: the usual places */
    size_t folder_count;
    const char *program; /* what recipes run; NULL: this one */
    bool no_discovery;
    bool remove;
    bool dry_run;
    bool yes;
};

/* The options as data, with those that it shares with other commands as children. */
extern const struct argp setup_argp;

/* Read it. Exits by itself when it is wrong, and for --help and the like. */
void setup_options_parse(struct setup_options *options, int argc, char **argv);

#endif
