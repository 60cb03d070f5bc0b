/*
 * The command line of discover.
 */
#ifndef CLI_DISCOVER_OPTIONS_H
#define CLI_DISCOVER_OPTIONS_H

#include "cli/discover/mdns_options.h"

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

struct discover_options {
    uint32_t timeout_ms; /* 0: none, with --watch alone */
    bool watch;
    bool json;
    bool names; /* without json and watch */
    bool debug;
    const char *board; /* globs; NULL: any */
    const char *match;
    int family;              /* AF_INET, AF_INET6 or AF_UNSPEC */
    struct mdns_choice mdns; /* never MDNS_OFF */
};

/* The options as data, with those that it shares with other commands as children. */
extern const struct argp discover_argp;

/*
 * Read the command line. Bad usage ends the program with EXIT_BAD_USAGE and a message, --help with
 * 0. Strings stay where they are in argv.
 */
void discover_options_parse(struct discover_options *options, int argc, char **argv);

#endif
