#include "cli/discover/mdns_options.h"

enum option_key {
    KEY_MDNS = 0x400,
    KEY_INTERFACE,
};

/* Behind a command's own groups of options. */
#define GROUP 50

static const struct argp_option option_table[] = {
    { NULL, 0, NULL, 0, "Finding devices:", GROUP },
    { "mdns", KEY_MDNS, "MODE", 0,
      "How to ask by mDNS: auto, daemon, embedded or off (default auto: through avahi-daemon where "
      "it runs, else embedded)",
      GROUP },
    { "mdns-interface", KEY_INTERFACE, "INTERFACE", 0, "Ask on this network interface alone",
      GROUP },
    { 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct mdns_choice *choice = state->input;

    switch (key) {
    case KEY_MDNS:
        if (!mdns_mode_parse(&choice->mode, arg))
            argp_error(state, "--mdns takes auto, daemon, embedded or off, not '%s'", arg);
        break;
    case KEY_INTERFACE:
        if (arg[0] == '\0')
            argp_error(state, "--mdns-interface takes the name of a network interface");
        choice->interface = arg;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

const struct argp mdns_options_argp = { .options = option_table, .parser = parse_option };
