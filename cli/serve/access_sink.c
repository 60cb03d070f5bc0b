#include "cli/serve/access_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define OPEN_FLAGS (O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/*
 * Standard output is shared with other processes, and with it whether it waits: that must not be
 * changed. A pipe or a terminal can be opened once more for ourselves. Not a file: the two would
 * have positions of their own, and write over each other.
 */
static bool open_stdout(struct access_sink *sink)
{
    sink->fd = -1;
    if (!sink->is_file && !sink->is_socket)
        sink->fd = open("/proc/self/fd/1", OPEN_FLAGS);
    sink->is_waiting = sink->fd < 0;
    if (sink->fd < 0)
        sink->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    return sink->fd >= 0;
}

bool access_sink_open(struct access_sink *sink, const char *path)
{
    struct stat found;

    *sink = (struct access_sink){ .fd = -1 };
    if (path) {
        sink->fd = open(path, OPEN_FLAGS | O_CREAT, 0640);
        if (sink->fd < 0)
            return false;
    }
    if (fstat(path ? sink->fd : STDOUT_FILENO, &found) != 0) {
        access_sink_close(sink);
        return false;
    }
    sink->is_file = S_ISREG(found.st_mode);
    sink->is_socket = S_ISSOCK(found.st_mode);
    return path || open_stdout(sink);
}

/* Write where a reader may have gone away, without the signal that usually kills for it. */
static ssize_t write_unsignalled(int fd, const char *bytes, size_t len)
{
    sigset_t broken_pipe;
    sigset_t before;
    sigset_t pending;

    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, &before);
    ssize_t n = write(fd, bytes, len);
    int error = errno;
    /* Take back the one that was raised here; one that was there before is somebody else's. */
    if (n < 0 && error == EPIPE && !sigismember(&pending, SIGPIPE))
        sigtimedwait(&broken_pipe, NULL, &(struct timespec){ 0 });
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return n;
}

ssize_t access_sink_write(const struct access_sink *sink, const char *bytes, size_t len)
{
    ssize_t n;

    do {
        if (sink->is_socket) {
            n = send(sink->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
        } else if (sink->is_file) {
            n = write(sink->fd, bytes, len);
        } else {
            struct pollfd ready = { .fd = sink->fd, .events = POLLOUT };
            if (sink->is_waiting && poll(&ready, 1, 0) == 0) {
                errno = EAGAIN;
                return -1;
            }
            /* So much a pipe takes at once when it takes anything. */
            if (sink->is_waiting && len > PIPE_BUF)
                len = PIPE_BUF;
            n = write_unsignalled(sink->fd, bytes, len);
        }
    } while (n < 0 && errno == EINTR);
    return n;
}

void access_sink_close(struct access_sink *sink)
{
    if (sink->fd >= 0)
        close(sink->fd);
    sink->fd = -1;
}
