/*
 * The Arduino pluggable discovery protocol, version 1, as a pure state machine: it never sees a
 * descriptor or a clock. Bytes of commands go in; out come lines of JSON and wishes to begin and to
 * end looking for ports.
 *
 *     GREETING -HELLO-> IDLE -START-> STARTED, IDLE -START_SYNC-> SYNCED, both -STOP-> IDLE
 *     any -QUIT-> OVER
 *
 * Ports are told to it as they come and go, each under a name. LIST answers with those there are;
 * in sync every change is told at once.
 */
#ifndef CLI_ARDUINO_PROTOCOL_H
#define CLI_ARDUINO_PROTOCOL_H

#include "cli/failure.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Bytes of the longest command, line end aside. A longer one is refused, and nothing of it kept. */
#define ARDUINO_COMMAND_MAX 1024

/* None of the functions may call arduino_protocol_feed() or arduino_protocol_free(). */
struct arduino_hooks {
    /* Begin to look. Ports may be added before it returns. False, with `failure` filled in, when
     * it cannot: the client is told the reason. */
    bool (*start)(void *ctx, struct failure *failure);
    void (*stop)(void *ctx); /* no more looking; the ports are forgotten without a word */
    /* One JSON object with its newline, for the client; lasts for the call. */
    void (*say)(void *ctx, const char *line, size_t len);
    void *ctx;
};

enum arduino_state {
    ARDUINO_GREETING, /* HELLO is due */
    ARDUINO_IDLE,
    ARDUINO_STARTED, /* the client asks with LIST */
    ARDUINO_SYNCED,  /* the client is told of changes */
    ARDUINO_OVER,    /* QUIT was answered: bytes are ignored from now on */
};

struct arduino_protocol {
    /* For everybody to read. */
    enum arduino_state state;
    bool no_memory; /* something that the client should have been told is lost: end */

    /* The protocol's own. */
    const struct arduino_hooks *hooks;
    json_t *ports; /* by name, made printable */
    size_t len;    /* bytes of `command` so far */
    bool too_long; /* they were refused: whatever comes before the next newline is dropped */
    char command[ARDUINO_COMMAND_MAX];
};

/* `hooks` is kept and must outlive the protocol. */
void arduino_protocol_init(struct arduino_protocol *protocol, const struct arduino_hooks *hooks);

/* Release the ports; no hook is called. */
void arduino_protocol_free(struct arduino_protocol *protocol);

/*
 * Take bytes from the client, at most until one command is whole, and carry it out. Returns how
 * many were taken, more than 0 when `len` is: call again with the rest, which may wait as long as
 * the client does not read its answers.
 */
size_t arduino_protocol_feed(struct arduino_protocol *protocol, const void *bytes, size_t len);

/*
 * There is a port, or it is another one now; `name` (at most 63 bytes of any kind) tells ports
 * apart. Takes over the reference to `port`; NULL counts as lack of memory. A port that is what it
 * was before is no news.
 */
void arduino_protocol_set_port(struct arduino_protocol *protocol, const char *name, json_t *port);

/* It is there no more: the client is told its port as it was set. Unknown names are ignored. */
void arduino_protocol_remove_port(struct arduino_protocol *protocol, const char *name);

/* None of the ports is there any more. */
void arduino_protocol_remove_all(struct arduino_protocol *protocol);

#endif
