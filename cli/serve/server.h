/*
 * The running server: its listeners, what they answer from, and what has to happen from time to
 * time.
 */
#ifndef CLI_SERVER_H
#define CLI_SERVER_H

#include "cli/failure.h"
#include "cli/serve/http_server.h"
#include "cli/serve/serve_options.h"
#include "cli/serve/status_site.h"
#include "cli/serve/updates.h"

#include <stdbool.h>

struct server {
    const struct serve_options *options;
    struct event_base *base;
    struct offering offering;
    struct store store; /* without close(): not open */
    struct updates updates;
    struct status_site site;
    struct ssl_ctx_st *tls;
    struct http_server *devices;
    struct http_server *people;             /* or NULL */
    struct address bound[SERVE_LISTEN_MAX]; /* where devices are answered */
    unsigned bound_count;
    struct address page;      /* where people are; len 0: nowhere */
    char record_problem[256]; /* that was told last */
};

/*
 * Open everything and listen, and say where. False, with `failure` filled in; server_close() is
 * due in any case.
 */
bool server_open(struct server *server, struct event_base *base,
                 const struct serve_options *options, struct failure *failure);

/* Once a second: begin to look at the files. */
void server_look(struct server *server);

/*
 * Once a second: write what is kept back of the record, for a few milliseconds at most. True when
 * there is more to write, once devices were answered.
 */
bool server_write_record(struct server *server);

/* Often: write what is kept back of the access log. */
void server_write_log(struct server *server);

/* Take everything that the command line names anew: catalogue, passwords, certificate, log. */
void server_reload(struct server *server);

/* Accept nothing more; what is under way goes on. */
void server_drain(struct server *server);

/* Answers under way. */
size_t server_answers(const struct server *server);

/* Close everything at once; what is kept back is written. */
void server_close(struct server *server);

#endif
