/*
 * The verdict: what a device says on the TCP connection about the image it receives.
 *
 * It writes decimal byte counts without separators, glued and split at will, which show only that
 * it is alive; then "OK", or "ERROR[n]: text" and a line end; ESP32 cores before 3.0 write a bare
 * text such as "MD5 Check Failed" and close. The first character that is no digit decides.
 */
#ifndef COMMON_VERDICT_H
#define COMMON_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

enum verdict_state {
    VERDICT_PENDING, /* nothing but counts so far */
    VERDICT_HALF_OK, /* "O": the rest of "OK" is on its way */
    VERDICT_SUCCESS, /* "OK" */
    VERDICT_READING, /* an error text has begun and may go on */
    VERDICT_ERROR,   /* the error text is whole */
};

/* Characters, with NUL, that are kept of an error text. */
#define VERDICT_TEXT_MAX 192

struct verdict {
    enum verdict_state state;
    size_t len;
    char text[VERDICT_TEXT_MAX]; /* of an error: as received, NUL-terminated, cut if longer */
};

void verdict_init(struct verdict *verdict);

/* Take bytes from the stream in. SUCCESS and ERROR are final: later bytes are ignored. */
enum verdict_state verdict_feed(struct verdict *verdict, const void *bytes, size_t len);

/*
 * The stream has ended, `orderly` or not: an error text that was being read is whole now. A lone
 * "O" is taken for "OK" where the device closed in order, and else for nothing. PENDING: the device
 * gave no verdict.
 */
enum verdict_state verdict_close(struct verdict *verdict, bool orderly);

/* n of "ERROR[n]" at the start of an error text, or -1 when it has another form. */
int verdict_error_number(const char *text);

#endif
