#include "cli/image/gunzip.h"

#include <errno.h>
#include <unistd.h>
#include <zlib.h>

#define PIECE 16384

struct inflation {
    const struct image_source *file;
    uint64_t file_at; /* offset of the next piece of input */
    int to;
    uint64_t written;
    z_stream stream;
    uint8_t input[PIECE];
    uint8_t output[PIECE];
};

static uint64_t consumed(const struct inflation *inflation)
{
    return inflation->file_at - inflation->stream.avail_in;
}

/* Have input in the buffer. A file that ends here is damaged. */
static enum gunzip_status refill(struct inflation *inflation)
{
    const struct image_source *file = inflation->file;
    uint64_t left = file->size - inflation->file_at;
    size_t len = left < sizeof inflation->input ? (size_t)left : sizeof inflation->input;

    if (inflation->stream.avail_in > 0)
        return GUNZIP_OK;
    if (len == 0)
        return GUNZIP_DAMAGED;
    if (!file->read(file->ctx, inflation->file_at, inflation->input, len))
        return GUNZIP_ERROR;
    inflation->file_at += len;
    inflation->stream.next_in = inflation->input;
    inflation->stream.avail_in = (uInt)len;
    return GUNZIP_OK;
}

static enum gunzip_status write_output(struct inflation *inflation)
{
    const uint8_t *at = inflation->output;
    size_t len = sizeof inflation->output - inflation->stream.avail_out;

    if (len > GUNZIP_CONTENT_MAX - inflation->written)
        return GUNZIP_TOO_LARGE;
    while (len > 0) {
        ssize_t n = write(inflation->to, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return GUNZIP_ERROR;
        at += n;
        len -= (size_t)n;
        inflation->written += (uint64_t)n;
    }
    return GUNZIP_OK;
}

/* Inflate up to the end of a member, whose CRC and length are right then. */
static enum gunzip_status inflate_member(struct inflation *inflation)
{
    z_stream *stream = &inflation->stream;
    int result = Z_OK;

    while (result != Z_STREAM_END) {
        enum gunzip_status status = refill(inflation);
        if (status != GUNZIP_OK)
            return status;
        stream->next_out = inflation->output;
        stream->avail_out = sizeof inflation->output;
        result = inflate(stream, Z_NO_FLUSH);
        if (result == Z_MEM_ERROR) {
            errno = ENOMEM;
            return GUNZIP_ERROR;
        }
        if (result != Z_OK && result != Z_STREAM_END)
            return GUNZIP_DAMAGED;
        status = write_output(inflation);
        if (status != GUNZIP_OK)
            return status;
    }
    return GUNZIP_OK;
}

/* Begin another member, if there are bytes like one where the last has ended. */
static bool begin_member(struct inflation *inflation)
{
    const struct image_source *file = inflation->file;
    uint8_t magic[2];
    uint64_t at = consumed(inflation);

    return file->size - at >= sizeof magic && file->read(file->ctx, at, magic, sizeof magic) &&
           magic[0] == 0x1F && magic[1] == 0x8B && inflateReset(&inflation->stream) == Z_OK;
}

enum gunzip_status gunzip(struct gunzip_sizes *sizes, const struct image_source *file, int to)
{
    struct inflation inflation = { .file = file, .to = to };
    enum gunzip_status status;
    bool further = false;

    if (inflateInit2(&inflation.stream, 16 + MAX_WBITS) != Z_OK) {
        errno = ENOMEM;
        return GUNZIP_ERROR;
    }
    do {
        status = inflate_member(&inflation);
        if (status != GUNZIP_OK)
            break;
        *sizes = (struct gunzip_sizes){ inflation.written, consumed(&inflation) };
        further = true;
    } while (begin_member(&inflation));
    inflateEnd(&inflation.stream);
    return further && status == GUNZIP_DAMAGED ? GUNZIP_OK : status;
}
