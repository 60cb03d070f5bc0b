#include "tests/support/scripted_stream.h"

#include "tests/support/deadline.h"
#include "tests/support/loopback.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Bytes of one read: the payload of a TCP segment on an Ethernet, as stock devices read it. */
#define READ_SIZE 1460

void scripted_stream_open(struct scripted_stream *stream, int fd, uint64_t announced,
                          int patience_ms, struct device_connection *seen)
{
    *seen = (struct device_connection){ 0 };
    *stream = (struct scripted_stream){
        .fd = fd,
        .patience_ms = patience_ms,
        .announced = announced,
        .seen = seen,
    };
    digest_init(&stream->md5, DIGEST_MD5);
}

uint64_t scripted_stream_missing(const struct scripted_stream *stream)
{
    uint64_t bytes = stream->seen->bytes;

    return bytes < stream->announced ? stream->announced - bytes : 0;
}

/* One read of at most `max` bytes: their number, 0 at the end, -1 with errno when it failed. */
static ssize_t read_some(struct scripted_stream *stream, uint64_t max, int64_t deadline)
{
    char buffer[READ_SIZE];
    uint8_t md5[DIGEST_MD5_SIZE];

    if (loopback_wait(stream->fd, POLLIN, -1, deadline) == 0) {
        errno = ETIMEDOUT;
        return -1;
    }
    ssize_t n = recv(stream->fd, buffer, max < sizeof buffer ? max : sizeof buffer, 0);
    if (n <= 0)
        return n;
    stream->seen->bytes += (uint64_t)n;
    digest_update(&stream->md5, buffer, (size_t)n);
    struct digest so_far = stream->md5;
    digest_finish(&so_far, md5);
    hex_encode(stream->seen->md5, md5, sizeof md5);
    return n;
}

static bool write_all(struct scripted_stream *stream, const char *text, size_t len)
{
    int64_t deadline = deadline_after(stream->patience_ms);

    while (len > 0) {
        ssize_t n = send(stream->fd, text, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN && loopback_wait(stream->fd, POLLOUT, -1, deadline) != 0)
            continue;
        if (n < 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

bool scripted_stream_read(struct scripted_stream *stream, uint64_t len, bool count)
{
    int64_t deadline = deadline_after(stream->patience_ms);

    while (len > 0) {
        char text[24];
        ssize_t n = read_some(stream, len, deadline);
        if (n == 0)
            errno = ENODATA;
        if (n <= 0)
            return false;
        len -= (uint64_t)n;
        snprintf(text, sizeof text, "%zd", n);
        if (count && !write_all(stream, text, strlen(text)))
            return false;
    }
    return true;
}

bool scripted_stream_read_to_end(struct scripted_stream *stream)
{
    int64_t deadline = deadline_after(stream->patience_ms);
    ssize_t n;

    while ((n = read_some(stream, UINT64_MAX, deadline)) > 0)
        ;
    return n == 0 || errno == ECONNRESET;
}

/* Did the uploader close, or send too much, before the device has said its word? */
static void look_ahead(struct scripted_stream *stream)
{
    char byte;

    if (!stream->verdict_said &&
        (loopback_wait(stream->fd, POLLRDHUP, -1, deadline_after(0)) & POLLRDHUP))
        stream->seen->ended_early = true;
    if (scripted_stream_missing(stream) == 0 && recv(stream->fd, &byte, 1, MSG_PEEK) > 0)
        stream->seen->surplus = true;
}

bool scripted_stream_write(struct scripted_stream *stream, const char *text, size_t len, bool split)
{
    look_ahead(stream);
    if (strspn(text, "0123456789") < len)
        stream->verdict_said = true;
    if (!split)
        return write_all(stream, text, len);
    for (size_t i = 0; i < len; i++) {
        if (!write_all(stream, text + i, 1))
            return false;
        usleep(2000); /* so that they are read one by one, as a rule */
    }
    return true;
}

void scripted_stream_close(struct scripted_stream *stream, bool reset)
{
    struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

    if (stream->fd < 0)
        return;
    look_ahead(stream);
    if (reset)
        setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    loopback_close(&stream->fd);
}
