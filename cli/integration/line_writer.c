#include "cli/integration/line_writer.h"

#include <errno.h>
#include <event2/buffer.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

struct line_writer {
    struct line_writer_options options;
    struct evbuffer *pending;
    struct event *writable;
    int error; /* 0: none so far */
    bool told; /* of the error */
};

/*
 * A pipe that is ready takes PIPE_BUF bytes without blocking, though it is in blocking mode: making
 * it non-blocking would make it so for everybody who shares it.
 */
static void write_some(struct line_writer *writer)
{
    size_t len = evbuffer_get_length(writer->pending);

    if (len > PIPE_BUF)
        len = PIPE_BUF;
    const void *bytes = evbuffer_pullup(writer->pending, (ev_ssize_t)len);
    if (!bytes) {
        writer->error = ENOMEM;
        return;
    }
    ssize_t written = write(writer->options.fd, bytes, len);
    if (written >= 0)
        evbuffer_drain(writer->pending, (size_t)written);
    else if (errno != EAGAIN && errno != EINTR)
        writer->error = errno;
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct line_writer *writer = arg;

    (void)fd;
    (void)what;
    if (writer->told)
        return;
    if (writer->error == 0 && line_writer_pending(writer) > 0)
        write_some(writer);
    if (writer->error == 0 && line_writer_pending(writer) > 0 &&
        event_add(writer->writable, NULL) != 0)
        writer->error = ENOMEM;
    if (writer->error != 0) {
        writer->told = true;
        writer->options.failed(writer->options.ctx, writer->error);
    } else if (line_writer_pending(writer) == 0) {
        writer->options.drained(writer->options.ctx);
    }
}

struct line_writer *line_writer_new(struct event_base *base,
                                    const struct line_writer_options *options)
{
    struct line_writer *writer = calloc(1, sizeof *writer);

    if (!writer)
        return NULL;
    writer->options = *options;
    writer->pending = evbuffer_new();
    writer->writable = event_new(base, options->fd, EV_WRITE, on_writable, writer);
    if (!writer->pending || !writer->writable) {
        line_writer_free(writer);
        return NULL;
    }
    return writer;
}

void line_writer_free(struct line_writer *writer)
{
    if (!writer)
        return;
    if (writer->writable)
        event_free(writer->writable);
    if (writer->pending)
        evbuffer_free(writer->pending);
    free(writer);
}

void line_writer_put(struct line_writer *writer, const void *bytes, size_t len)
{
    if (writer->error != 0)
        return;
    if (len > writer->options.limit - line_writer_pending(writer))
        writer->error = ENOBUFS;
    else if (evbuffer_add(writer->pending, bytes, len) != 0 ||
             event_add(writer->writable, NULL) != 0)
        writer->error = ENOMEM;
    if (writer->error != 0)
        event_active(writer->writable, EV_WRITE, 0);
}

size_t line_writer_pending(const struct line_writer *writer)
{
    return evbuffer_get_length(writer->pending);
}
