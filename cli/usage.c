#include "cli/usage.h"

#include <stdio.h>
#include <stdlib.h>

#define KEY_USAGE 0x1000

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    (void)arg;
    switch (key) {
    case 'h':
    case '?':
        argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
        break;
    case KEY_USAGE:
        argp_state_help(state, stdout, ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK);
        break;
    case 'V':
        if (argp_program_version_hook)
            argp_program_version_hook(stdout, state);
        exit(EXIT_SUCCESS);
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option options[] = {
    { "help", '?', NULL, 0, "Print this help", -1 },
    { NULL, 'h', NULL, OPTION_HIDDEN, NULL, -1 },
    { "usage", KEY_USAGE, NULL, 0, "Print it in short", -1 },
    { "version", 'V', NULL, 0, "Print the versions of program and libraries", -1 },
    { 0 },
};

const struct argp usage_argp = { .options = options, .parser = parse_option };

const struct argp_child usage_children[] = { { &usage_argp, 0, NULL, -1 }, { 0 } };
