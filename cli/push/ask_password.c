#include "cli/push/ask_password.h"

#include "cli/printable.h"
#include "common/secret.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static void append(struct asked_names *names, const char *text)
{
    int len = snprintf(names->text + names->len, sizeof names->text - names->len, "%s%s",
                       names->len > 0 ? ", " : "", text);

    if (len > 0)
        names->len += (size_t)len;
}

void asked_names_add(struct asked_names *names, const char *name)
{
    char safe[4 * 256];

    if (names->count++ < ASKED_NAMES_MAX)
        append(names, printable(safe, sizeof safe, name));
}

const char *asked_names_text(struct asked_names *names)
{
    char more[32];

    if (names->count > ASKED_NAMES_MAX) {
        snprintf(more, sizeof more, "and %zu more", names->count - ASKED_NAMES_MAX);
        append(names, more);
    }
    return names->text;
}

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

/* Signals that end the program or stop it: a terminal must not be left without echo. */
static const int signals[] = { SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP };

#define SIGNAL_COUNT (sizeof signals / sizeof *signals)

static volatile sig_atomic_t caught; /* one of them; a handler has nothing else to write to */

static void note(int number)
{
    caught = number;
}

struct held {
    sigset_t usual;
    sigset_t waiting; /* for an answer: without SIGCONT, whose handler would end that */
    struct sigaction action[SIGNAL_COUNT];
};

/*
 * They are let in while an answer is waited for, and not before: one that came between would be
 * waited out. Those that somebody handles go to him, the others are noted.
 */
static void hold_signals(struct held *held)
{
    const struct sigaction noting = { .sa_handler = note };
    sigset_t blocked;

    caught = 0;
    sigemptyset(&blocked);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaddset(&blocked, signals[i]);
    sigaddset(&blocked, SIGCONT);
    sigprocmask(SIG_BLOCK, &blocked, &held->usual);
    held->waiting = held->usual;
    sigaddset(&held->waiting, SIGCONT);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        sigaction(signals[i], NULL, &held->action[i]);
        if (held->action[i].sa_handler == SIG_DFL)
            sigaction(signals[i], &noting, NULL);
    }
}

/* What was noted has its usual effect now. True when the program has survived that. */
static bool release_signals(const struct held *held)
{
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaction(signals[i], &held->action[i], NULL);
    sigprocmask(SIG_SETMASK, &held->usual, NULL);
    if (!caught)
        return false;
    raise(caught);
    return true;
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
    struct held held;

    hold_signals(&held);
    enum ask_outcome outcome = read_hidden(password, whose, &held.waiting);
    if (release_signals(&held) && outcome == ASK_INTERRUPTED)
        outcome = ASK_STOPPED;
    if (outcome != ASK_ENTERED)
        fputc('\n', stderr);
    else if (password->len == 0)
        outcome = ASK_NOTHING;
    password->given = outcome == ASK_ENTERED;
    if (!password->given)
        secret_wipe(password, sizeof *password);
    return outcome;
}
