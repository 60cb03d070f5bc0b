/*
 * The command line of upload: every spelling of espota.py, and what goes beyond it.
 */
#ifndef CLI_UPLOAD_OPTIONS_H
#define CLI_UPLOAD_OPTIONS_H

#include "cli/address.h"
#include "cli/discover/mdns_options.h"
#include "cli/push/endpoint.h"
#include "cli/push/password.h"

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct upload_options {
    const char **devices; /* -i, as often as given; the array is allocated */
    size_t device_count;
    bool all;          /* --all; without it or -i devices are to be chosen */
    size_t before_all; /* how many -i stand before it */
    const char *board; /* --board; NULL: any */
    unsigned jobs;     /* --jobs; 0: not given */
    unsigned canaries; /* --canary; 0: none */
    bool fail_fast;
    const char *junit; /* a file to write, or NULL */
    struct mdns_choice mdns;
    struct address bind_to;   /* -I */
    uint16_t port;            /* -p; 0: not given */
    struct port_range ports;  /* -P */
    struct password password; /* -a */
    const char *auth_file;
    const char *image;
    bool filesystem;
    bool md5_target;
    bool debug;
    bool progress;
    bool json;
    bool quiet;
    bool force;
    unsigned retries;
    uint32_t wait_ms;   /* for a device that is not there yet; 0: not waited for */
    uint32_t online_ms; /* for it to be back after the update; 0: likewise */
    uint32_t timeout_ms;
    uint32_t stall_ms;
    uint32_t verdict_ms;
};

/* The options as data: --help, the manual's test and completions read them. Ends with a zero. */
extern const struct argp_option upload_option_table[];

/* The same with those that it shares with other commands, as its children. */
extern const struct argp upload_argp;

/*
 * Read the command line. Bad usage ends the program with EXIT_BAD_USAGE and a message, --help with
 * 0. Strings stay where they are in argv, except the password, which is wiped there.
 */
void upload_options_parse(struct upload_options *options, int argc, char **argv);

/* Release what was allocated. */
void upload_options_free(struct upload_options *options);

#endif
