/*
 * A child process for tests and measurements: its three streams apart, every wait bounded, and
 * no way for it to outlive the test.
 *
 *     struct process p;
 *     const char *argv[] = { program, "-i", "127.0.0.1", NULL };
 *     if (!process_start(&p, &(struct process_options){ .argv = argv }))
 *         ... errno ...
 *     bool in_time = process_wait(&p, 10000);
 *     ... p.exit_code, p.out.text, p.err.text ...
 *     process_free(&p);
 *
 * When the thread that started it ends, however it ends, the kernel kills the child.
 */
#ifndef TESTS_SUPPORT_PROCESS_H
#define TESTS_SUPPORT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

struct process_options {
    const char *const *argv;        /* ends with NULL; argv[0] is looked up in PATH */
    const char *const *environment; /* "NAME=VALUE" to add or replace, ends with NULL; or NULL */
    const char *folder;             /* working directory; NULL: the caller's */
    bool stdout_terminal;           /* stdout is a pseudo-terminal in raw mode, not a pipe */
    bool stderr_terminal;           /* stderr is one, likewise */
    bool terminal;                  /* stdin and stderr are one pseudo-terminal, which echoes */
    unsigned short columns, rows;   /* of the terminals; 0: 80 and 24 */
};

/* What the child wrote to one stream. */
struct process_stream {
    int fd;       /* -1 once it is closed */
    char *text;   /* everything so far, NUL-terminated; never NULL */
    size_t len;   /* bytes of it; there may be NULs inside */
    size_t taken; /* bytes that process_read_line() has handed out */
};

struct process {
    pid_t pid; /* 0 once it has ended */
    int pidfd;
    int in;       /* -1 once it is closed */
    int terminal; /* its terminal's settings, by tcgetattr(), until it is freed; or -1 */
    struct process_stream out;
    struct process_stream err;
    int exit_code;       /* after its end: the status, or 128 + the signal; -1 before */
    struct rusage usage; /* after its end */
};

/* Start. False with errno when it could not be started; there is nothing to free then. */
bool process_start(struct process *process, const struct process_options *options);

/* Write to its stdin. False when it does not take all of it in time, or has closed it. */
bool process_write(struct process *process, const void *bytes, size_t len, int timeout_ms);

/* End of file on its stdin; on a terminal that is told by writing the character 4. */
void process_close_input(struct process *process);

/*
 * The next line of a stream, without its line end, in `line`, cut to `size` (NUL included). False
 * when none comes in time, or the stream has ended; a last line without line end counts as one.
 */
bool process_read_line(struct process *process, struct process_stream *stream, char *line,
                       size_t size, int timeout_ms);

/* Wait until a stream holds a text anywhere. False when it does not in time. */
bool process_expect(struct process *process, const struct process_stream *stream, const char *text,
                    int timeout_ms);

/* Let it run for a while, and take in what it writes. True once it has ended. */
bool process_ended(struct process *process, int timeout_ms);

/* Send a signal; nothing happens when it has ended already. */
void process_signal(struct process *process, int signal);

/* Wait for its end. False when it did not end in time: then it was killed. */
bool process_wait(struct process *process, int timeout_ms);

/* Kill it if it still runs, and release everything. */
void process_free(struct process *process);

#endif
