/*
 * The command line of `espota-c serve`.
 */
#ifndef CLI_SERVE_OPTIONS_H
#define CLI_SERVE_OPTIONS_H

#include "cli/address.h"

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#define SERVE_LISTEN_MAX 8

/* Ports that are listened at when none is said. */
#define SERVE_PORT        8080
#define SERVE_STATUS_PORT 8081

struct serve_options {
    const char *image;   /* or NULL */
    const char *catalog; /* or NULL; exactly one of them, unless `report` */
    struct address listen[SERVE_LISTEN_MAX];
    unsigned listen_count; /* 0: all addresses, both versions of IP, at SERVE_PORT */
    struct address status; /* length 0: no status page */
    const char *state;     /* the record's file, ":memory:"; NULL: in the state directory */
    uint32_t attempts;     /* after which a device is held back; 0: never */
    const char *tls_cert;  /* or NULL; both or none */
    const char *tls_key;
    const char *auth_file; /* or NULL */
    const char *log;       /* the access log's file; "-": standard output */
    uint32_t timeout_ms;   /* without a byte either way */
    uint32_t drain_ms;     /* for answers under way when the server is told to end */
    bool report;
    bool json;
    bool debug;
};

/* The options as data. */
extern const struct argp serve_argp;

/* Read the command line. Ends the program with EXIT_BAD_USAGE when it is bad. */
void serve_options_parse(struct serve_options *options, int argc, char **argv);

/*
 * "ADDRESS:PORT", "[IPV6]:PORT", "ADDRESS", ":PORT" or "PORT"; addresses are numeric. What is not
 * said comes from `fallback`. False when it is none of these.
 */
bool serve_listen_parse(struct address *out, const char *text, const struct address *fallback);

#endif
