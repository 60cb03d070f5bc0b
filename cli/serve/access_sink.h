/*
 * Where an access log goes: a file, a pipe, a terminal, a socket; written without ever waiting.
 */
#ifndef CLI_ACCESS_SINK_H
#define CLI_ACCESS_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The caller's; fields are its own. */
struct access_sink {
    int fd;
    bool is_socket;
    bool is_file;    /* regular: it neither waits nor has a reader that can go away */
    bool is_waiting; /* a write to it can wait, and must not be tried before it cannot */
};

/* Open a file for appending, or standard output with NULL. False with errno. */
bool access_sink_open(struct access_sink *sink, const char *path);

/*
 * Write some of the bytes, at least one; returns how many. -1 with errno when that failed: EAGAIN
 * when it would have to wait, EPIPE when nobody reads any more. No signal is raised.
 */
ssize_t access_sink_write(const struct access_sink *sink, const char *bytes, size_t len);

void access_sink_close(struct access_sink *sink);

#endif
