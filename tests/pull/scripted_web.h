/*
 * A web server that says what the test's script says, in a thread of its own, and keeps what it was
 * asked. One connection at a time, one answer for each.
 */
#ifndef TESTS_PULL_SCRIPTED_WEB_H
#define TESTS_PULL_SCRIPTED_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What comes after an answer. */
enum web_then {
    WEB_CLOSE,
    WEB_RESET,
    WEB_HOLD,   /* nothing: the connection stays as it is until the peer closes it */
    WEB_REPEAT, /* the answer's tail over and over, until the peer closes */
};

struct web_answer {
    const char *text;
    const void *body; /* sent after the text, or NULL */
    size_t len;       /* of the body */
    enum web_then then;
    const char *tail; /* for WEB_REPEAT */
    bool at_once;     /* without waiting for the request */
};

struct scripted_web;

/* Requests that are kept, and characters of each, with NUL. */
#define WEB_REQUESTS     8
#define WEB_REQUEST_SIZE 2048

/*
 * Begin to listen at 127.0.0.1. Connection n gets answer n, the last one again and again; answers
 * stay the caller's. The test fails when this fails.
 */
struct scripted_web *scripted_web_start(const struct web_answer *answers, size_t count);

uint16_t scripted_web_port(const struct scripted_web *web);

/* Wait until so many connections have been answered; false when they have not in time. */
bool scripted_web_answered(const struct scripted_web *web, unsigned count, int timeout_ms);

/* End it, and write the requests that came to `requests`; returns how many connections there were.
 */
unsigned scripted_web_stop(struct scripted_web *web, char requests[WEB_REQUESTS][WEB_REQUEST_SIZE]);

#endif
