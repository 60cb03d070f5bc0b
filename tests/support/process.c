#include "tests/support/process.h"

#include "tests/support/deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* Bytes that a pipe holds: what a child may leave behind. */
#define PIPE_SIZE 65536

/* The two ends of a channel between parent and child. */
struct channel {
    int ours;
    int theirs;
};

enum {
    IN,
    OUT,
    ERR,
    FAILURE, /* tells the parent why the program could not be started */
    CHANNELS,
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static bool open_pipe(struct channel *channel, bool child_reads)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0)
        return false;
    channel->ours = fds[child_reads ? 1 : 0];
    channel->theirs = fds[child_reads ? 0 : 1];
    return true;
}

static bool open_terminal(struct channel *channel, const struct process_options *options,
                          bool echoes)
{
    struct winsize size = {
        .ws_col = options->columns > 0 ? options->columns : 80,
        .ws_row = options->rows > 0 ? options->rows : 24,
    };
    struct termios raw;

    if (openpty(&channel->ours, &channel->theirs, NULL, NULL, &size) != 0)
        return false;
    fcntl(channel->ours, F_SETFD, FD_CLOEXEC);
    fcntl(channel->theirs, F_SETFD, FD_CLOEXEC);
    if (echoes)
        return true;
    if (tcgetattr(channel->theirs, &raw) != 0)
        return false;
    cfmakeraw(&raw); /* the bytes arrive as they were written */
    return tcsetattr(channel->theirs, TCSANOW, &raw) == 0;
}

/* The other direction of a terminal. */
static bool share(struct channel *channel, const struct channel *terminal)
{
    channel->ours = fcntl(terminal->ours, F_DUPFD_CLOEXEC, 0);
    channel->theirs = fcntl(terminal->theirs, F_DUPFD_CLOEXEC, 0);
    return channel->ours >= 0 && channel->theirs >= 0;
}

static bool open_output(struct channel *channel, const struct process_options *options,
                        bool is_terminal)
{
    return is_terminal ? open_terminal(channel, options, false) : open_pipe(channel, false);
}

static bool open_channels(struct channel channels[CHANNELS], const struct process_options *options)
{
    if (options->terminal) {
        if (!open_terminal(&channels[ERR], options, true) || !share(&channels[IN], &channels[ERR]))
            return false;
    } else if (!open_output(&channels[ERR], options, options->stderr_terminal) ||
               !open_pipe(&channels[IN], true)) {
        return false;
    }
    return open_output(&channels[OUT], options, options->stdout_terminal) &&
           open_pipe(&channels[FAILURE], false);
}

static bool same_name(const char *a, const char *b)
{
    size_t len = strcspn(a, "=");

    return strncmp(a, b, len) == 0 && b[len] == '=';
}

/* The caller's environment with additions; strings are not copied. NULL without memory. */
static const char **make_environment(const char *const *additions)
{
    size_t count = 0;
    size_t used = 0;

    for (char **entry = environ; *entry; entry++)
        count++;
    for (const char *const *entry = additions; entry && *entry; entry++)
        count++;
    const char **result = calloc(count + 1, sizeof *result);
    if (!result)
        return NULL;
    for (char **entry = environ; *entry; entry++)
        result[used++] = *entry;
    for (const char *const *entry = additions; entry && *entry; entry++) {
        size_t at = 0;
        while (at < used && !same_name(*entry, result[at]))
            at++;
        result[at] = *entry;
        if (at == used)
            used++;
    }
    return result;
}

/* In the child: nothing here but calls that are safe after fork() in a program with threads. */
static void become(const struct process_options *options, const char **environment,
                   const struct channel channels[CHANNELS], pid_t parent)
{
    sigset_t none;

    setpgid(0, 0); /* so that its own children can be killed with it */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127); /* it ended before the line above */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    if ((!options->folder || chdir(options->folder) == 0) &&
        dup2(channels[IN].theirs, STDIN_FILENO) >= 0 &&
        dup2(channels[OUT].theirs, STDOUT_FILENO) >= 0 &&
        dup2(channels[ERR].theirs, STDERR_FILENO) >= 0) {
        /* execvpe() takes pointers to non-const for historical reasons, and changes nothing. */
        union {
            const char *const *in;
            char *const *out;
        } argv = { .in = options->argv }, envp = { .in = environment };
        execvpe(options->argv[0], argv.out, envp.out);
    }
    ssize_t n = write(channels[FAILURE].theirs, &errno, sizeof errno);
    _exit(n > 0 ? 127 : 126);
}

static void stream_open(struct process_stream *stream, struct channel *channel)
{
    *stream = (struct process_stream){ .fd = channel->ours, .text = calloc(1, 1) };
    channel->ours = -1;
    fcntl(stream->fd, F_SETFL, O_NONBLOCK);
}

bool process_start(struct process *process, const struct process_options *options)
{
    struct channel channels[CHANNELS] = { { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 } };
    const char **environment = make_environment(options->environment);
    pid_t parent = getpid();
    int failure = 0;

    *process = (struct process){ .pidfd = -1, .in = -1, .terminal = -1, .exit_code = -1 };
    /* A child that does not read its stdin is no reason for the test to die. */
    signal(SIGPIPE, SIG_IGN);
    pid_t pid = environment && open_channels(channels, options) ? fork() : -1;
    if (pid == 0)
        become(options, environment, channels, parent);
    if (pid < 0)
        failure = errno;
    free(environment);
    if (options->terminal && failure == 0)
        process->terminal = fcntl(channels[ERR].ours, F_DUPFD_CLOEXEC, 0);
    for (int i = 0; i < CHANNELS; i++)
        close_fd(&channels[i].theirs);
    if (pid > 0 && read(channels[FAILURE].ours, &failure, sizeof failure) > 0)
        waitpid(pid, NULL, 0);
    close_fd(&channels[FAILURE].ours);
    if (failure != 0) {
        for (int i = 0; i < CHANNELS; i++)
            close_fd(&channels[i].ours);
        close_fd(&process->terminal);
        errno = failure;
        return false;
    }
    process->pid = pid;
    process->pidfd = pidfd_open(pid, 0);
    process->in = channels[IN].ours;
    fcntl(process->in, F_SETFL, O_NONBLOCK);
    stream_open(&process->out, &channels[OUT]);
    stream_open(&process->err, &channels[ERR]);
    return true;
}

/*
 * Take in what can be read now: up to what a pipe holds, because a child may write faster than it
 * is read. A terminal whose last writer is gone ends with EIO.
 */
static void drain(struct process_stream *stream)
{
    char buffer[4096];

    for (size_t taken = 0; stream->fd >= 0 && taken < PIPE_SIZE;) {
        ssize_t n = read(stream->fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        char *grown = n > 0 ? realloc(stream->text, stream->len + (size_t)n + 1) : NULL;
        if (!grown) {
            close_fd(&stream->fd);
            return;
        }
        memcpy(grown + stream->len, buffer, (size_t)n);
        stream->text = grown;
        stream->len += (size_t)n;
        taken += (size_t)n;
        grown[stream->len] = '\0';
    }
}

static void reap(struct process *process)
{
    int status = 0;

    while (wait4(process->pid, &status, 0, &process->usage) < 0 && errno == EINTR)
        ;
    process->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    process->pid = 0;
    drain(&process->out);
    drain(&process->err);
    close_fd(&process->out.fd);
    close_fd(&process->err.fd);
    close_fd(&process->in);
    close_fd(&process->pidfd);
}

/*
 * Wait for anything to happen and take it in. False when the deadline has passed, however much the
 * child has to say, and when it had ended before.
 */
static bool pump(struct process *process, int64_t deadline, bool writing)
{
    struct pollfd fds[] = {
        { .fd = process->out.fd, .events = POLLIN },
        { .fd = process->err.fd, .events = POLLIN },
        { .fd = process->pidfd, .events = POLLIN },
        { .fd = writing ? process->in : -1, .events = POLLOUT },
    };

    int left = deadline_left(deadline);

    if (process->pid == 0)
        return false;
    int n = poll(fds, sizeof fds / sizeof fds[0], left);
    if (n <= 0)
        return n < 0 && errno == EINTR;
    drain(&process->out);
    drain(&process->err);
    if (fds[2].revents != 0)
        reap(process);
    return left > 0 || process->pid == 0;
}

bool process_write(struct process *process, const void *bytes, size_t len, int timeout_ms)
{
    int64_t deadline = deadline_after(timeout_ms);
    const char *at = bytes;

    while (len > 0) {
        ssize_t n = process->in >= 0 ? write(process->in, at, len) : -1;
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        } else if (process->in < 0 || errno != EAGAIN || !pump(process, deadline, true)) {
            return false;
        }
    }
    return true;
}

void process_close_input(struct process *process)
{
    close_fd(&process->in);
}

bool process_read_line(struct process *process, struct process_stream *stream, char *line,
                       size_t size, int timeout_ms)
{
    int64_t deadline = deadline_after(timeout_ms);
    char *end;

    while (!(end = memchr(stream->text + stream->taken, '\n', stream->len - stream->taken))) {
        if (pump(process, deadline, false))
            continue;
        if (stream->fd >= 0 || stream->taken == stream->len)
            return false;
        end = stream->text + stream->len;
        break;
    }
    size_t len = (size_t)(end - (stream->text + stream->taken));
    size_t kept = len < size ? len : size - 1;
    memcpy(line, stream->text + stream->taken, kept);
    line[kept] = '\0';
    stream->taken += len < stream->len - stream->taken ? len + 1 : len;
    return true;
}

bool process_expect(struct process *process, const struct process_stream *stream, const char *text,
                    int timeout_ms)
{
    int64_t deadline = deadline_after(timeout_ms);

    while (!memmem(stream->text, stream->len, text, strlen(text))) {
        if (!pump(process, deadline, false))
            return false;
    }
    return true;
}

bool process_ended(struct process *process, int timeout_ms)
{
    int64_t deadline = deadline_after(timeout_ms);

    while (process->pid > 0 && pump(process, deadline, false))
        ;
    return process->pid == 0;
}

void process_signal(struct process *process, int signal)
{
    if (process->pid > 0)
        kill(process->pid, signal);
}

bool process_wait(struct process *process, int timeout_ms)
{
    if (process_ended(process, timeout_ms))
        return true;
    kill(-process->pid, SIGKILL);
    reap(process);
    return false;
}

void process_free(struct process *process)
{
    process_wait(process, 0);
    close_fd(&process->terminal);
    free(process->out.text);
    free(process->err.text);
    process->out.text = NULL;
    process->err.text = NULL;
}
