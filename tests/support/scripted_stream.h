/*
 * The scripted device's end of the TCP connection, on which the image arrives.
 *
 * Functions return false with errno when they could not do what was asked; ETIMEDOUT when it took
 * longer than the stream's patience, ENODATA when the uploader closed too early.
 */
#ifndef TESTS_SUPPORT_SCRIPTED_STREAM_H
#define TESTS_SUPPORT_SCRIPTED_STREAM_H

#include "common/digest.h"
#include "common/hex.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was seen of a connection. */
struct device_connection {
    uint64_t bytes;                      /* received */
    char md5[HEX_SIZE(DIGEST_MD5_SIZE)]; /* of them; "" before the first */
    bool ended_early;                    /* the uploader's FIN was there before the verdict */
    bool surplus;                        /* it sent more than it had announced */
};

struct scripted_stream {
    int fd; /* connected and non-blocking; -1 when there is none */
    int patience_ms;
    uint64_t announced;             /* bytes of the image */
    struct digest md5;              /* of what was received */
    bool verdict_said;              /* more than counts was written */
    struct device_connection *seen; /* where to record */
};

/* Begin on a fresh connection; `seen` is cleared. */
void scripted_stream_open(struct scripted_stream *stream, int fd, uint64_t announced,
                          int patience_ms, struct device_connection *seen);

/* Bytes of the image that are still missing. */
uint64_t scripted_stream_missing(const struct scripted_stream *stream);

/* Read `len` bytes; with `count`, answer each read by its count, as stock devices do. */
bool scripted_stream_read(struct scripted_stream *stream, uint64_t len, bool count);

/* Read until the uploader closes or resets. */
bool scripted_stream_read_to_end(struct scripted_stream *stream);

/* Write text in one piece, or byte by byte in segments of their own. */
bool scripted_stream_write(struct scripted_stream *stream, const char *text, size_t len,
                           bool split);

/* Close, with a TCP reset if asked for. Nothing happens when there is no connection. */
void scripted_stream_close(struct scripted_stream *stream, bool reset);

#endif
