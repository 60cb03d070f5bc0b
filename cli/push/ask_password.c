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

enum ask_outcome ask_password(struct password *password, const char *whose)
{
    struct termios before;
    struct termios silent;
    sigset_t ending;
    sigset_t usual;

    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return ASK_NOTHING;
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    silent.c_lflag |= ECHONL;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    /* One that came between here and the wait for an answer would be waited out. */
    sigprocmask(SIG_BLOCK, &ending, &usual);
    /* What was typed before it could be hidden, and before the question, is dropped. */
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) != 0) {
        sigprocmask(SIG_SETMASK, &usual, NULL);
        return ASK_NOTHING;
    }
    fprintf(stderr, "Password for %s: ", whose);
    fflush(stderr);
    enum ask_outcome outcome =
        read_line(password->bytes, sizeof password->bytes, &password->len, &usual);
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    sigprocmask(SIG_SETMASK, &usual, NULL);
    if (outcome != ASK_ENTERED)
        fputc('\n', stderr);
    else if (password->len == 0)
        outcome = ASK_NOTHING;
    password->given = outcome == ASK_ENTERED;
    if (!password->given)
        secret_wipe(password, sizeof *password);
    return outcome;
}
