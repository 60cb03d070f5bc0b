/*
 * The command line of `espota-c serve`.
 */
#ifndef CLI_SERVE_OPTIONS_H
#define CLI_SERVE_OPTIONS_H

#include <argp.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define SERVE_LISTEN_MAX 8

struct serve_listen {
    struct sockaddr_storage address;
    socklen_t length;
};

struct serve_options {
    const char *image;                            /* or NULL */
    const char *catalog;                          /* or NULL; exactly one of them unless `report` */
    struct serve_listen listen[SERVE_LISTEN_MAX]; /* default: [::]:8080, both versions of IP */
    unsigned listen_count;
    bool has_status;
    struct serve_listen status; /* loopback when no address was given */
    char state[PATH_MAX];       /* the record's file, or ":memory:" */
    uint32_t attempts;          /* 0: never hold back */
    const char *tls_cert;
    const char *tls_key;
    const char *auth_file;
    const char *log; /* "-": standard output; NULL: none */
    unsigned idle_seconds;
    uint32_t drain_ms; /* for transfers under way at SIGTERM */
    bool report;
    bool json;
    bool debug;
};

/* The options, for help and tests. */
extern const struct argp_option serve_option_table[];

/* Read the command line. Ends the program with EXIT_BAD_USAGE when it is bad. */
void serve_options_parse(struct serve_options *options, int argc, char **argv);

/*
 * "ADDR:PORT", "[V6]:PORT", "ADDR", ":PORT" or "PORT". Without an address `fallback` is taken.
 * Addresses are numeric. False when it is none.
 */
bool serve_listen_parse(struct serve_listen *out, const char *text, const char *fallback,
                        uint16_t fallback_port);

#endif
