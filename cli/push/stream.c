#include "cli/push/stream.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

/* Bytes not yet on the wire that the kernel may hold: some windows of a small device. */
#define UNSENT_MAX (16 * 1024)

/*
 * Bytes of acknowledgements that are worth waking up for: a device sends some for each of its
 * reads, and all that they show is that it lives.
 */
#define COUNTS_MIN 64

/* Bytes that are offered at once: the kernel fetches them all from the file, taken or not. */
#define PIECE ((size_t)UNSENT_MAX)

void stream_prepare(int fd)
{
    const int on = 1;
    const int unsent = UNSENT_MAX;
    const int counts = COUNTS_MIN;

    /* None is needed for a correct upload, so failures do not matter. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &counts, sizeof counts);
}

void stream_hear_all(int fd)
{
    const int one = 1;

    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &one, sizeof one);
}

enum stream_status stream_send_file(int fd, int image_fd, uint64_t offset, uint64_t end,
                                    size_t *sent)
{
    off_t at = (off_t)offset;
    uint64_t left = end - offset < STREAM_TURN_MAX ? end - offset : STREAM_TURN_MAX;

    *sent = 0;
    while (left > 0) {
        size_t piece = left < PIECE ? (size_t)left : PIECE;
        ssize_t n = sendfile(fd, image_fd, &at, piece);
        if (n == 0)
            return STREAM_SHORT;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return STREAM_AGAIN;
        if (n < 0)
            return errno == EIO || errno == EINVAL ? STREAM_FILE : STREAM_BROKEN;
        *sent += (size_t)n;
        left -= (uint64_t)n;
        /* It is full; to be told so costs as much as to send. */
        if ((size_t)n < piece)
            return STREAM_AGAIN;
    }
    return STREAM_OK;
}

void stream_abandon(int fd)
{
    const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

enum stream_status stream_receive(int fd, void *out, size_t size, size_t *len)
{
    ssize_t n = recv(fd, out, size, 0);

    *len = n > 0 ? (size_t)n : 0;
    if (n > 0)
        return STREAM_OK;
    if (n == 0)
        return STREAM_CLOSED;
    return errno == EAGAIN || errno == EINTR ? STREAM_AGAIN : STREAM_BROKEN;
}

uint64_t stream_acknowledged(int fd, uint64_t sent)
{
    int queued = 0;

    if (ioctl(fd, SIOCOUTQ, &queued) != 0 || queued < 0 || (uint64_t)queued > sent)
        return 0;
    return sent - (uint64_t)queued;
}
