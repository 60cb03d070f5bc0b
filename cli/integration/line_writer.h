/*
 * Lines on their way to a descriptor whose reader may be slow or dead. Nothing blocks: what the
 * reader does not take waits in memory, up to a limit.
 */
#ifndef CLI_LINE_WRITER_H
#define CLI_LINE_WRITER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

struct line_writer;

struct line_writer_options {
    int fd;       /* the caller's; its flags stay as they are, as others may share it */
    size_t limit; /* bytes that may wait */
    void (*drained)(void *ctx);           /* nothing waits any more */
    void (*failed)(void *ctx, int error); /* errno; once, and whatever comes later is dropped */
    void *ctx;
};

/* The base must take descriptors of any kind (EV_FEATURE_FDS). NULL when there is no memory. */
struct line_writer *line_writer_new(struct event_base *base,
                                    const struct line_writer_options *options);

/* Drop what waits. NULL does nothing. */
void line_writer_free(struct line_writer *writer);

/*
 * Write as soon as the reader takes it. Bytes beyond the limit fail with ENOBUFS: the reader does
 * not read. Both functions are called from the base's loop, never from here.
 */
void line_writer_put(struct line_writer *writer, const void *bytes, size_t len);

/* Bytes that wait. */
size_t line_writer_pending(const struct line_writer *writer);

#endif
