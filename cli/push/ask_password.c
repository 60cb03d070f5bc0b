#include "cli/push/ask_password.h"

#include "common/secret.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/*
 * Read a line, which may be empty, byte by byte: what follows it is not ours. Signals are let in
 * while it is waited for, and end it.
 */
static enum ask_outcome read_line(char *out, size_t size, size_t *len, const sigset_t *let_in)
{
    *len = 0;
    for (;;) {
        struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
        char byte;
        if (ppoll(&input, 1, NULL, let_in) < 0)
            return errno == EINTR ? ASK_INTERRUPTED : ASK_NOTHING;
        if (read(STDIN_FILENO, &byte, 1) <= 0)
            return ASK_NOTHING;
        if (byte == '\n' || byte == '\r')
            return ASK_ENTERED;
        if (*len == size)
            return ASK_NOTHING;
        out[(*len)++] = byte;
    }
}

/* Signals that would end the program, or stop it, and leave the terminal without echo. */
static const int fatal[] = { SIGQUIT, SIGHUP, SIGTSTP };

#define FATAL_COUNT (sizeof fatal / sizeof *fatal)

static volatile sig_atomic_t caught; /* one of them; a handler has nothing else to write to */

static void note(int number)
{
    caught = number;
}

struct signals {
    sigset_t usual;
    struct sigaction action[FATAL_COUNT];
};

/*
 * Those that end it are let in while an answer is waited for, and not before: one that came between
 * would be waited out. SIGINT and SIGTERM have handlers already.
 */
static void hold_signals(struct signals *signals)
{
    const struct sigaction noting = { .sa_handler = note };
    sigset_t held;

    caught = 0;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    for (size_t i = 0; i < FATAL_COUNT; i++)
        sigaddset(&held, fatal[i]);
    sigprocmask(SIG_BLOCK, &held, &signals->usual);
    for (size_t i = 0; i < FATAL_COUNT; i++)
        sigaction(fatal[i], &noting, &signals->action[i]);
}

/* What was caught has its usual effect now. */
static void release_signals(const struct signals *signals)
{
    for (size_t i = 0; i < FATAL_COUNT; i++)
        sigaction(fatal[i], &signals->action[i], NULL);
    sigprocmask(SIG_SETMASK, &signals->usual, NULL);
    if (caught)
        raise(caught);
}

/*
 * What was typed before it could be hidden, and before the question, is dropped; so is, when no
 * line came of it, what was typed since: a shell would take it for a command.
 */
static enum ask_outcome read_hidden(struct password *password, const char *whose,
                                    const sigset_t *let_in)
{
    struct termios before;
    struct termios silent;

    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return ASK_NOTHING;
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    silent.c_lflag |= ECHONL;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) != 0)
        return ASK_NOTHING;
    fprintf(stderr, "Password for %s: ", whose);
    fflush(stderr);
    enum ask_outcome outcome =
        read_line(password->bytes, sizeof password->bytes, &password->len, let_in);
    tcsetattr(STDIN_FILENO, outcome == ASK_ENTERED ? TCSANOW : TCSAFLUSH, &before);
    return outcome;
}

enum ask_outcome ask_password(struct password *password, const char *whose)
{
    struct signals signals;

    hold_signals(&signals);
    enum ask_outcome outcome = read_hidden(password, whose, &signals.usual);
    release_signals(&signals);
    if (outcome != ASK_ENTERED)
        fputc('\n', stderr);
    else if (password->len == 0)
        outcome = ASK_NOTHING;
    password->given = outcome == ASK_ENTERED;
    if (!password->given)
        secret_wipe(password, sizeof *password);
    return outcome;
}
