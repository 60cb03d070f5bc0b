#include "cli/push/upload_options.h"

#include "cli/exit_code.h"
#include "cli/parse.h"
#include "cli/push/upload_values.h"
#include "cli/usage.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_TIMEOUT_MS 20000
#define DEFAULT_STALL_MS   60000
#define DEFAULT_VERDICT_MS 60000
#define DEFAULT_ONLINE_MS  60000
#define DEFAULT_RETRIES    2
#define RETRIES_MAX        100
#define JOBS_MAX           10000
#define CANARIES_MAX       100000

enum option_key {
    KEY_AUTH_FILE = 0x100,
    KEY_JSON,
    KEY_RETRIES,
    KEY_FORCE,
    KEY_STALL_TIMEOUT,
    KEY_VERDICT_TIMEOUT,
    KEY_WAIT,
    KEY_WAIT_ONLINE,
    KEY_ALL,
    KEY_BOARD,
    KEY_JOBS,
    KEY_FAIL_FAST,
    KEY_CANARY,
    KEY_JUNIT,
};

enum option_group {
    GROUP_DESTINATION = 1,
    GROUP_SEVERAL,
    GROUP_IMAGE,
    GROUP_PASSWORD,
    GROUP_NETWORK,
    GROUP_MDNS,
    GROUP_OUTPUT,
};

/* Parsers of options that commands share. */
enum {
    CHILD_USAGE,
    CHILD_MDNS,
};

const struct argp_option upload_option_table[] = {
    { NULL, 0, NULL, 0, "Destination:", GROUP_DESTINATION },
    { "ip", 'i', "HOST", 0,
      "The device: its address or name, or a pattern such as 'kitchen-*', or @FILE for a list of "
      "them; may be given several times (default: chosen on the terminal)",
      GROUP_DESTINATION },
    { "all", KEY_ALL, NULL, 0, "Every device found by mDNS that the image is for",
      GROUP_DESTINATION },
    { "board", KEY_BOARD, "GLOB", 0,
      "Of --all and of patterns, only devices whose board matches, such as 'nodemcu*'",
      GROUP_DESTINATION },
    { "port", 'p', "PORT", 0,
      "UDP port of the device (default: as it announces, else by the image: 8266 for the ESP8266, "
      "3232 for the ESP32 family, 2040 for the RP2040; else 8266)",
      GROUP_DESTINATION },
    { "wait", KEY_WAIT, "SECONDS", 0, "Wait for a device that sleeps or reboots",
      GROUP_DESTINATION },
    { "wait-online", KEY_WAIT_ONLINE, "SECONDS", OPTION_ARG_OPTIONAL,
      "After the update, wait until the device is back (default 60)", GROUP_DESTINATION },
    { NULL, 0, NULL, 0, "Several devices:", GROUP_SEVERAL },
    { "jobs", KEY_JOBS, "N", 0,
      "Update at most N at the same time (default 64, those that keep silent aside)",
      GROUP_SEVERAL },
    { "fail-fast", KEY_FAIL_FAST, NULL, 0, "After the first failure begin no other device",
      GROUP_SEVERAL },
    { "canary", KEY_CANARY, "N", 0,
      "Update the first N devices first, and the others only if all of them succeed",
      GROUP_SEVERAL },
    { NULL, 0, NULL, 0, "Image:", GROUP_IMAGE },
    { "file", 'f', "IMAGE", 0, "The image to send", GROUP_IMAGE },
    { "spiffs", 's', NULL, 0, "It is a file system image, not a sketch", GROUP_IMAGE },
    { "filesystem", 0, NULL, OPTION_ALIAS, NULL, 0 },
    { "force", KEY_FORCE, NULL, 0, "Send it even if it cannot work", GROUP_IMAGE },
    { NULL, 0, NULL, 0, "Password:", GROUP_PASSWORD },
    { "auth", 'a', "PASSWORD", 0, "The device's password (better: --auth-file, or ESPOTA_AUTH)",
      GROUP_PASSWORD },
    { "auth-file", KEY_AUTH_FILE, "FILE", 0, "Read the password from the first line of FILE",
      GROUP_PASSWORD },
    { "md5-target", 'm', NULL, 0,
      "The device stores an MD5 of its password: do not try SHA-256 first", GROUP_PASSWORD },
    { NULL, 0, NULL, 0, "Network:", GROUP_NETWORK },
    { "host_ip", 'I', "ADDRESS", 0, "Local address to invite from and to listen at",
      GROUP_NETWORK },
    { "host_port", 'P', "PORT[-PORT]", 0,
      "TCP port, or range of ports, to listen at (default: chosen by the system)", GROUP_NETWORK },
    { "timeout", 't', "SECONDS", 0,
      "How long to wait for an answer, and then for the device to connect (default 20)",
      GROUP_NETWORK },
    { "stall-timeout", KEY_STALL_TIMEOUT, "SECONDS", 0,
      "How long a transfer may stand still (default 60)", GROUP_NETWORK },
    { "verdict-timeout", KEY_VERDICT_TIMEOUT, "SECONDS", 0,
      "How long to wait for the device's verdict once all is sent (default 60)", GROUP_NETWORK },
    { "retries", KEY_RETRIES, "N", 0, "New tries after a broken transfer (default 2)",
      GROUP_NETWORK },
    { NULL, 0, NULL, 0, "Output:", GROUP_OUTPUT },
    { "progress", 'r', NULL, 0, "Show a progress bar, also where there is no terminal",
      GROUP_OUTPUT },
    { "quiet", 'q', NULL, 0, "Print errors alone", GROUP_OUTPUT },
    { "debug", 'd', NULL, 0, "Print every step", GROUP_OUTPUT },
    { "json", KEY_JSON, NULL, 0, "Print one JSON object per event on standard output",
      GROUP_OUTPUT },
    { "junit", KEY_JUNIT, "FILE", 0, "Write the results to FILE as JUnit XML", GROUP_OUTPUT },
    { 0 },
};

static void add_device(struct upload_options *options, const char *name,
                       const struct argp_state *state)
{
    size_t size = (options->device_count + 1) * sizeof *options->devices;

    if (name[0] == '\0')
        argp_error(state, "-i needs the address or the name of a device");
    if (strcmp(name, "@") == 0)
        argp_error(state, "-i @ needs the name of a file behind the @");
    const char **devices = realloc(options->devices, size);
    if (!devices) {
        argp_failure(state, EXIT_LOCAL_FAILURE, 0, "out of memory");
        return;
    }
    devices[options->device_count++] = name;
    options->devices = devices;
}

static void set_retries(struct upload_options *options, const struct argp_state *state,
                        const char *text)
{
    if (!parse_unsigned(&options->retries, text, RETRIES_MAX))
        argp_error(state, "--retries takes a number from 0 to %d, not '%s'", RETRIES_MAX, text);
}

static void set_all(struct upload_options *options)
{
    if (!options->all)
        options->before_all = options->device_count;
    options->all = true;
}

/* What --all and --board need. */
static void check_search(const struct upload_options *options, const struct argp_state *state)
{
    if ((options->all || options->board) && options->mdns.mode == MDNS_OFF)
        argp_error(state, "%s looks for devices by mDNS, and --mdns=off forbids that",
                   options->all ? "--all" : "--board");
    if (options->board && !options->all && options->device_count == 0)
        argp_error(state, "--board goes with --all, or a pattern such as 'kitchen-*'");
}

static void check(const struct upload_options *options, const struct argp_state *state)
{
    check_search(options, state);
    if (options->device_count == 0 && !options->all && options->mdns.mode == MDNS_OFF)
        argp_error(state, "no device given: name it with -i");
    if (!options->image || options->image[0] == '\0')
        argp_error(state, "no image given: name it with -f");
}

/* The switch that an option without an argument turns on; NULL for other options. */
static bool *flag_of(struct upload_options *options, int key)
{
    switch (key) {
    case 's':
        return &options->filesystem;
    case 'm':
        return &options->md5_target;
    case 'd':
        return &options->debug;
    case 'r':
        return &options->progress;
    case 'q':
        return &options->quiet;
    case KEY_JSON:
        return &options->json;
    case KEY_FORCE:
        return &options->force;
    case KEY_FAIL_FAST:
        return &options->fail_fast;
    default:
        return NULL;
    }
}

/* The time that an option sets, and the option's name; NULL for other options. */
static uint32_t *time_of(struct upload_options *options, int key, const char **name)
{
    switch (key) {
    case 't':
        *name = "-t";
        return &options->timeout_ms;
    case KEY_STALL_TIMEOUT:
        *name = "--stall-timeout";
        return &options->stall_ms;
    case KEY_VERDICT_TIMEOUT:
        *name = "--verdict-timeout";
        return &options->verdict_ms;
    case KEY_WAIT:
        *name = "--wait";
        return &options->wait_ms;
    case KEY_WAIT_ONLINE:
        *name = "--wait-online";
        return &options->online_ms;
    default:
        return NULL;
    }
}

/* Switches and times. False when it is another option. */
static bool parse_simple_option(struct upload_options *options, int key, const char *arg,
                                const struct argp_state *state)
{
    const char *name = NULL;
    bool *flag = flag_of(options, key);
    uint32_t *time = time_of(options, key, &name);

    if (flag)
        *flag = true;
    else if (time) /* --wait-online alone can go without */
        *time = arg ? upload_value_seconds(state, name, arg) : DEFAULT_ONLINE_MS;
    return flag || time;
}

/* What is about several devices. False when it is another option. */
static bool parse_fleet_option(struct upload_options *options, int key, const char *arg,
                               const struct argp_state *state)
{
    switch (key) {
    case KEY_ALL:
        set_all(options);
        return true;
    case KEY_BOARD:
        upload_value_text(&options->board, state, "--board", arg);
        return true;
    case KEY_JOBS:
        upload_value_count(&options->jobs, state, "--jobs", arg, JOBS_MAX);
        return true;
    case KEY_CANARY:
        upload_value_count(&options->canaries, state, "--canary", arg, CANARIES_MAX);
        return true;
    case KEY_JUNIT:
        upload_value_text(&options->junit, state, "--junit", arg);
        return true;
    default:
        return false;
    }
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct upload_options *options = state->input;

    if (parse_simple_option(options, key, arg, state) ||
        parse_fleet_option(options, key, arg, state))
        return 0;
    switch (key) {
    case 'i':
        add_device(options, arg, state);
        break;
    case 'p':
        upload_value_port(&options->port, state, arg);
        break;
    case 'I':
        upload_value_local(&options->bind_to, state, arg);
        break;
    case 'P':
        upload_value_ports(&options->ports, state, arg);
        break;
    case 'a':
        if (!password_from_argument(&options->password, arg))
            argp_error(state, "the password is longer than %d bytes", PASSWORD_MAX);
        break;
    case 'f':
        options->image = arg;
        break;
    case KEY_AUTH_FILE:
        options->auth_file = arg[0] != '\0' ? arg : NULL;
        break;
    case KEY_RETRIES:
        set_retries(options, state, arg);
        break;
    case ARGP_KEY_INIT:
        state->child_inputs[CHILD_MDNS] = &options->mdns;
        break;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s'", arg);
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
    [CHILD_USAGE] = { &usage_argp, 0, NULL, -1 },
    [CHILD_MDNS] = { &mdns_options_argp, 0, "Finding devices:", GROUP_MDNS },
    { 0 },
};

const struct argp upload_argp = {
    .options = upload_option_table,
    .parser = parse_option,
    .children = children,
    .args_doc = "[-i HOST...|--all] -f IMAGE",
    .doc = "Send an image to devices on the network, and say how it went.\v"
           "Exit status: 0 updated, 1 local failure, 2 bad command line, 3 image refused, "
           "4 device not found, 5 no answer, 6 password rejected, 7 never called back, "
           "8 device error, 9 transfer broken, 10 no verdict, 11 not back online; of single "
           "devices 12 not tried. See espota-c-upload(1).",
};

void upload_options_parse(struct upload_options *options, int argc, char **argv)
{
    argp_err_exit_status = EXIT_BAD_USAGE;
    *options = (struct upload_options){
        .retries = DEFAULT_RETRIES,
        .timeout_ms = DEFAULT_TIMEOUT_MS,
        .stall_ms = DEFAULT_STALL_MS,
        .verdict_ms = DEFAULT_VERDICT_MS,
    };
    argp_parse(&upload_argp, argc, argv, ARGP_NO_HELP, NULL, options);
}

void upload_options_free(struct upload_options *options)
{
    free(options->devices);
    options->devices = NULL;
    options->device_count = 0;
}
