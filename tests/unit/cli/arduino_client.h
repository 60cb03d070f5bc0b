/*
 * A client of the Arduino discovery protocol for tests: what it is told, to the byte.
 */
#ifndef TESTS_ARDUINO_CLIENT_H
#define TESTS_ARDUINO_CLIENT_H

#include "cli/integration/arduino_protocol.h"

#include <stddef.h>
#include <stdint.h>

#define HELLO     "HELLO 1 \"arduino-cli 1.0\"\n"
#define HELLO_OK  "{\"eventType\":\"hello\",\"protocolVersion\":1,\"message\":\"OK\"}\n"
#define OK(event) "{\"eventType\":\"" event "\",\"message\":\"OK\"}\n"
#define REFUSED(event, message) \
    "{\"eventType\":\"" event "\",\"error\":true,\"message\":\"" message "\"}\n"
#define PORT(address)   "{\"address\":\"" address "\"}"
#define ADD(address)    "{\"eventType\":\"add\",\"port\":" PORT(address) "}\n"
#define REMOVE(address) "{\"eventType\":\"remove\",\"port\":" PORT(address) "}\n"

#define GREET(word) REFUSED("command_error", "First command must be HELLO, but got '" word "'")
#define TOO_LONG    REFUSED("command_error", "the command is too long: more than 1024 bytes")
#define BAD_HELLO    \
    REFUSED("hello", \
            "HELLO needs a protocol version and a quoted name, as in: HELLO 1 \\\"name\\\"")

struct client {
    struct arduino_protocol protocol;
    const char *cannot_start; /* a reason, or NULL */
    const char *found_early;  /* a port that is there before start() has returned, or NULL */
    unsigned starts;
    unsigned stops;
    size_t said_len;
    char said[1 << 16]; /* since client_expect() was called last */
};

/* The one client of a test. */
extern struct client client;

/* To be a suite's .init and .fini; client_begin() also begins anew within a test. */
void client_begin(void);
void client_end(void);

/* Feed bytes in pieces of `step`, from memory of exactly their size. */
void client_feed(const char *bytes, size_t len, size_t step);

/* What was said since the last time is exactly this. */
void client_expect(const char *expected);

/* Feed commands, and expect these answers. */
void client_ask(const char *commands, const char *expected);

/* There is a port. */
void client_set(const char *name, const char *address);

#endif
