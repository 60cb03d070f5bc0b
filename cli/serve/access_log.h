/*
 * The access log: the combined format of web servers, with the decision as one more field.
 *
 *     192.168.1.40 - - [22/Nov/2026:19:26:36 +0000] "GET / HTTP/1.0" 304 0 "-"
 *     "ESP8266-http-Update" 18:FE:AA:AA:AA:AA same-version          (on one line)
 */
#ifndef CLI_ACCESS_LOG_H
#define CLI_ACCESS_LOG_H

#include "cli/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct access_log;

/*
 * What one line says. Texts are hostile, may be NULL ("-"), and are escaped here: what is not
 * printable ASCII, quotes, backslashes, and spaces outside quotes become \xNN. Each has its limit,
 * so that none can crowd another out. Without a method the request is "-".
 */
struct access_entry {
    const char *address;
    const char *user; /* whose password was right */
    int64_t when;     /* seconds since the epoch; written in UTC */
    const char *method;
    const char *target;
    const char *protocol;
    unsigned status;
    uint64_t bytes; /* of the body, as sent */
    const char *referer;
    const char *user_agent;
    const char *device;   /* MAC as text */
    const char *decision; /* a word */
};

/*
 * Write a line's text, with its newline and without NUL, to `out`; returns its length. Never more
 * than `size`.
 */
size_t access_entry_format(const struct access_entry *entry, char *out, size_t size);

/* Bytes that suffice for a line; longer texts are cut. */
#define ACCESS_LINE_SIZE 2048

/* Open for appending; "-" is standard output. NULL with `failure` filled in. */
struct access_log *access_log_open(const char *path, struct failure *failure);

/*
 * Append a line; it is written with others, at the latest by access_log_flush(). Nothing here waits
 * for whoever reads the log, nor raises SIGPIPE: lines that the disk or the reader does not take
 * wait in memory, 64 KiB of them; what comes then is lost, and counted.
 */
void access_log_write(struct access_log *log, const struct access_entry *entry);

/*
 * Write what is kept back. False, once per problem, with errno, when that failed; EAGAIN says that
 * the log's reader is too slow, and lines were lost.
 */
bool access_log_flush(struct access_log *log);

/* Lines that were lost since the log was opened. */
uint64_t access_log_lost(const struct access_log *log);

/* Open the file anew, as after log rotation. The old one stays when that fails. */
bool access_log_reopen(struct access_log *log, struct failure *failure);

/* Flush and close; NULL is allowed. */
void access_log_close(struct access_log *log);

#endif
