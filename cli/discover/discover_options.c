#include "cli/discover/discover_options.h"

#include "cli/exit_code.h"
#include "cli/parse.h"
#include "cli/usage.h"

#include <sys/socket.h>

#define DEFAULT_TIMEOUT_MS 3000

enum option_key {
    KEY_WATCH = 0x100,
    KEY_JSON,
    KEY_BOARD,
    KEY_MATCH,
    KEY_NAMES,
};

enum option_group {
    GROUP_WHICH = 1,
    GROUP_OUTPUT,
};

static const struct argp_option option_table[] = {
    { NULL, 0, NULL, 0, "Which devices:", GROUP_WHICH },
    { "match", KEY_MATCH, "GLOB", 0, "Those whose name or host name matches, as in 'kitchen-*'",
      GROUP_WHICH },
    { "board", KEY_BOARD, "GLOB", 0, "Those whose board matches", GROUP_WHICH },
    { "ipv4", '4', NULL, 0, "IPv4 addresses alone", GROUP_WHICH },
    { "ipv6", '6', NULL, 0, "IPv6 addresses alone", GROUP_WHICH },
    { NULL, 0, NULL, 0, "Output:", GROUP_OUTPUT },
    { "timeout", 't', "SECONDS", 0,
      "How long to look (default 3; with --watch until it is interrupted)", GROUP_OUTPUT },
    { "watch", KEY_WATCH, NULL, 0, "Go on, and show what comes and goes", GROUP_OUTPUT },
    { "json", KEY_JSON, NULL, 0, "Print one JSON object per device, with --watch per event",
      GROUP_OUTPUT },
    { "names", KEY_NAMES, NULL, 0,
      "Print what to call each device behind -i, and nothing else: for scripts", GROUP_OUTPUT },
    { "debug", 'd', NULL, 0, "Print every step", GROUP_OUTPUT },
    { 0 },
};

static void set_family(struct discover_options *options, const struct argp_state *state, int family)
{
    if (options->family != AF_UNSPEC && options->family != family)
        argp_error(state, "-4 and -6 exclude each other: without them all addresses count");
    options->family = family;
}

static void set_timeout(struct discover_options *options, const struct argp_state *state,
                        const char *text)
{
    if (!parse_seconds(&options->timeout_ms, text))
        argp_error(state, "-t takes a number of seconds, more than 0, not '%s'", text);
}

static void check(struct discover_options *options, const struct argp_state *state)
{
    if (options->mdns.mode == MDNS_OFF)
        argp_error(state, "nothing can be found with --mdns=off");
    if (options->names && (options->json || options->watch))
        argp_error(state, "--names goes with neither --json nor --watch");
    if (options->timeout_ms == 0 && !options->watch)
        options->timeout_ms = DEFAULT_TIMEOUT_MS;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct discover_options *options = state->input;

    switch (key) {
    case KEY_MATCH:
        options->match = arg;
        break;
    case KEY_BOARD:
        options->board = arg;
        break;
    case '4':
        set_family(options, state, AF_INET);
        break;
    case '6':
        set_family(options, state, AF_INET6);
        break;
    case 't':
        set_timeout(options, state, arg);
        break;
    case KEY_WATCH:
        options->watch = true;
        break;
    case KEY_JSON:
        options->json = true;
        break;
    case KEY_NAMES:
        options->names = true;
        break;
    case 'd':
        options->debug = true;
        break;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->mdns;
        break;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s'; names are matched with --match", arg);
        break;
    case ARGP_KEY_END:
        check(options, state);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_child children[] = {
    { &mdns_options_argp, 0, NULL, 0 },
    { &usage_argp, 0, NULL, -1 },
    { 0 },
};

const struct argp discover_argp = {
    .options = option_table,
    .parser = parse_option,
    .children = children,
    .doc = "List the devices of the network that wait for updates.\v"
           "Exit status: 0 found, 1 local failure, 2 bad command line, 4 nothing found. "
           "See espota-c-discover(1).",
};

void discover_options_parse(struct discover_options *options, int argc, char **argv)
{
    argp_err_exit_status = EXIT_BAD_USAGE;
    *options = (struct discover_options){ .family = AF_UNSPEC };
    argp_parse(&discover_argp, argc, argv, ARGP_NO_HELP, NULL, options);
}
