#include "cli/serve/serve_options.h"

#include "cli/exit_code.h"
#include "cli/parse.h"
#include "cli/usage.h"

#include <arpa/inet.h>
#include <string.h>

#define DEFAULT_ATTEMPTS   3
#define DEFAULT_TIMEOUT_MS 30000
#define DEFAULT_DRAIN_MS   30000

enum option_key {
    KEY_IMAGE = 0x100,
    KEY_CATALOG,
    KEY_LISTEN,
    KEY_STATUS,
    KEY_STATE,
    KEY_ATTEMPTS,
    KEY_TLS_CERT,
    KEY_TLS_KEY,
    KEY_AUTH_FILE,
    KEY_LOG,
    KEY_TIMEOUT,
    KEY_DRAIN,
    KEY_REPORT,
    KEY_JSON,
};

enum option_group {
    GROUP_WHAT = 1,
    GROUP_NETWORK,
    GROUP_RECORD,
    GROUP_OUTPUT,
};

static const struct argp_option option_table[] = {
    { NULL, 0, NULL, 0, "What to serve:", GROUP_WHAT },
    { "image", KEY_IMAGE, "FILE", 0, "This image, to whoever asks", GROUP_WHAT },
    { "catalog", KEY_CATALOG, "FILE", 0,
      "What this catalogue says: which device is to have which release", GROUP_WHAT },
    { "attempts", KEY_ATTEMPTS, "NUMBER", 0,
      "Hold a device back that asks for a release more often than this without ever reporting it "
      "(default 3; 0: never)",
      GROUP_WHAT },
    { NULL, 0, NULL, 0, "Network:", GROUP_NETWORK },
    { "listen", KEY_LISTEN, "[ADDRESS][:PORT]", 0,
      "Listen there (default: port 8080 of all addresses); may be repeated", GROUP_NETWORK },
    { "tls-cert", KEY_TLS_CERT, "FILE", 0, "Speak TLS, with this certificate and its chain (PEM)",
      GROUP_NETWORK },
    { "tls-key", KEY_TLS_KEY, "FILE", 0, "The certificate's private key (PEM)", GROUP_NETWORK },
    { "auth-file", KEY_AUTH_FILE, "FILE", 0,
      "Answer only who knows one of the names and passwords in it", GROUP_NETWORK },
    { "timeout", KEY_TIMEOUT, "SECONDS", 0,
      "Close a connection on which nothing has moved for so long (default 30)", GROUP_NETWORK },
    { "drain", KEY_DRAIN, "SECONDS", 0,
      "Wait so long for transfers under way when told to end (default 30)", GROUP_NETWORK },
    { NULL, 0, NULL, 0, "Record of devices:", GROUP_RECORD },
    { "state", KEY_STATE, "FILE", 0,
      "Keep it in this SQLite file, or :memory: (default: in the state directory; with --image "
      ":memory:)",
      GROUP_RECORD },
    { "report", KEY_REPORT, NULL, 0, "Print it and exit, also while a server runs", GROUP_RECORD },
    { "json", KEY_JSON, NULL, 0, "With --report: one JSON object per device", GROUP_RECORD },
    { NULL, 0, NULL, 0, "Output:", GROUP_OUTPUT },
    { "status", KEY_STATUS, "[ADDRESS][:PORT]", 0,
      "Serve a page there that shows devices and releases (without an address: 127.0.0.1; without "
      "a port: 8081)",
      GROUP_OUTPUT },
    { "log", KEY_LOG, "FILE", 0, "Append the access log to it (default: -, standard output)",
      GROUP_OUTPUT },
    { "debug", 'd', NULL, 0, "Print every step", GROUP_OUTPUT },
    { 0 },
};

static bool take_port(struct address *address, const char *text)
{
    uint16_t port;

    if (!parse_port(&port, text))
        return false;
    address_set_port(address, port);
    return true;
}

bool serve_listen_parse(struct address *out, const char *text, const struct address *fallback)
{
    const char *colon = strrchr(text, ':');
    char host[ADDRESS_TEXT_MAX];
    size_t len;

    *out = *fallback;
    if (*text == '\0')
        return false;
    if (strspn(text, "0123456789") == strlen(text))
        return take_port(out, text);
    if (*text == ':' && text[1] != ':')
        return take_port(out, text + 1);
    /* A colon is a port's when it is the only one, or stands behind the brackets. */
    if (colon && (strchr(text, ':') == colon || (*text == '[' && colon[-1] == ']')))
        len = (size_t)(colon - text);
    else {
        len = strlen(text);
        colon = NULL;
    }
    if (len >= sizeof host)
        return false;
    memcpy(host, text, len);
    host[len] = '\0';
    if (!address_parse(out, host))
        return false;
    address_set_port(out, address_port(fallback));
    return !colon || take_port(out, colon + 1);
}

static void add_listen(struct serve_options *options, const struct argp_state *state,
                       const char *text)
{
    struct address all;

    (void)address_parse(&all, "::");
    address_set_port(&all, SERVE_PORT);
    if (options->listen_count == SERVE_LISTEN_MAX)
        argp_error(state, "--listen can be given %d times", SERVE_LISTEN_MAX);
    if (!serve_listen_parse(&options->listen[options->listen_count++], text, &all))
        argp_error(state, "--listen takes an IP address and a port, as in 0.0.0.0:8080, not '%s'",
                   text);
}

static void set_status(struct serve_options *options, const struct argp_state *state,
                       const char *text)
{
    struct address loopback;

    (void)address_parse(&loopback, "127.0.0.1");
    address_set_port(&loopback, SERVE_STATUS_PORT);
    if (!serve_listen_parse(&options->status, text, &loopback))
        argp_error(state, "--status takes an IP address and a port, as in 127.0.0.1:8081, not '%s'",
                   text);
}

static void set_attempts(struct serve_options *options, const struct argp_state *state,
                         const char *text)
{
    unsigned number;

    if (!parse_unsigned(&number, text, 1000000))
        argp_error(state, "--attempts takes a number, not '%s'", text);
    options->attempts = number;
}

static void set_seconds(uint32_t *out, const struct argp_state *state, const char *option,
                        const char *text)
{
    if (!parse_seconds(out, text))
        argp_error(state, "%s takes a number of seconds, more than 0, not '%s'", option, text);
}

static void check(const struct serve_options *options, const struct argp_state *state)
{
    if (options->image && options->catalog)
        argp_error(state, "--image and --catalog exclude each other");
    if (!options->image && !options->catalog && !options->report)
        argp_error(state, "name an image with --image, or a catalogue with --catalog");
    if (!options->tls_cert != !options->tls_key)
        argp_error(state, "--tls-cert and --tls-key go together");
    if (options->json && !options->report)
        argp_error(state, "--json goes with --report");
    if (options->report && options->state && strcmp(options->state, ":memory:") == 0)
        argp_error(state, "a record in memory is its server's alone: see --status");
}

static error_t parse_network_option(struct serve_options *options, int key, char *arg,
                                    const struct argp_state *state)
{
    switch (key) {
    case KEY_LISTEN:
        add_listen(options, state, arg);
        break;
    case KEY_STATUS:
        set_status(options, state, arg);
        break;
    case KEY_TLS_CERT:
        options->tls_cert = arg;
        break;
    case KEY_TLS_KEY:
        options->tls_key = arg;
        break;
    case KEY_AUTH_FILE:
        options->auth_file = arg;
        break;
    case KEY_TIMEOUT:
        set_seconds(&options->timeout_ms, state, "--timeout", arg);
        break;
    case KEY_DRAIN:
        set_seconds(&options->drain_ms, state, "--drain", arg);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct serve_options *options = state->input;

    switch (key) {
    case KEY_IMAGE:
        options->image = arg;
        break;
    case KEY_CATALOG:
        options->catalog = arg;
        break;
    case KEY_STATE:
        options->state = arg;
        break;
    case KEY_ATTEMPTS:
        set_attempts(options, state, arg);
        break;
    case KEY_LOG:
        options->log = arg;
        break;
    case KEY_REPORT:
        options->report = true;
        break;
    case KEY_JSON:
        options->json = true;
        break;
    case 'd':
        options->debug = true;
        break;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s'; an image is named with --image", arg);
        break;
    case ARGP_KEY_END:
        check(options, state);
        break;
    default:
        return parse_network_option(options, key, arg, state);
    }
    return 0;
}

const struct argp serve_argp = {
    .options = option_table,
    .parser = parse_option,
    .children = usage_children,
    .doc = "Answer devices that ask for updates by HTTP.\v"
           "Exit status: 0 told to end, 1 local failure, 2 bad command line, 3 image refused. "
           "See espota-c-serve(1).",
};

void serve_options_parse(struct serve_options *options, int argc, char **argv)
{
    argp_err_exit_status = EXIT_BAD_USAGE;
    *options = (struct serve_options){
        .attempts = DEFAULT_ATTEMPTS,
        .timeout_ms = DEFAULT_TIMEOUT_MS,
        .drain_ms = DEFAULT_DRAIN_MS,
        .log = "-",
    };
    argp_parse(&serve_argp, argc, argv, ARGP_NO_HELP, NULL, options);
}
