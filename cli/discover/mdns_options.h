/*
 * The command line options of mDNS, the same for every command that finds devices: --mdns and
 * --mdns-interface.
 */
#ifndef CLI_MDNS_OPTIONS_H
#define CLI_MDNS_OPTIONS_H

#include "cli/discover/mdns.h"

#include <argp.h>

struct mdns_choice {
    enum mdns_mode mode;   /* MDNS_AUTO when all zero */
    const char *interface; /* NULL: all */
};

/*
 * To be a child of a command's parser, whose child input is a struct mdns_choice (set
 * state->child_inputs[...] on ARGP_KEY_INIT). Bad values end the program with EXIT_BAD_USAGE.
 */
extern const struct argp mdns_options_argp;

#endif
