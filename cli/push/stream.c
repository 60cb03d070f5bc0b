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

/* Bytes handed over in one turn, so that one fast device does not keep others waiting. */
#define TURN_MAX (256 * 1024)

void stream_prepare(int fd)
{
    const int on = 1;
    const int unsent = UNSENT_MAX;

    /* Neither is needed for a correct upload, so failures do not matter. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

enum stream_status stream_send_file(int fd, int image_fd, uint64_t offset, uint64_t end,
                                    size_t *sent)
{
    off_t at = (off_t)offset;
    uint64_t left = end - offset < TURN_MAX ? end - offset : TURN_MAX;

    *sent = 0;
    while (left > 0) {
        ssize_t n = sendfile(fd, image_fd, &at, (size_t)left);
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
