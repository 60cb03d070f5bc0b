#include "cli/push/ask_password.h"

#include "common/secret.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/*
 * Read a line byte by byte: what follows it is not ours. A signal ends it, whose handler would
 * restart a plain read(). False when there is no line.
 */
static bool read_line(char *out, size_t size, size_t *len)
{
    *len = 0;
    for (;;) {
        struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
        char byte;
        if (poll(&input, 1, -1) < 0)
            return false;
        ssize_t n = read(STDIN_FILENO, &byte, 1);
        if (n <= 0)
            return false;
        if (byte == '\n' || byte == '\r')
            return true;
        if (*len == size)
            return false;
        out[(*len)++] = byte;
    }
}

bool ask_password(struct password *password, const char *whose)
{
    struct termios before;
    struct termios silent;

    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return false;
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    silent.c_lflag |= ECHONL;
    fprintf(stderr, "Password for %s: ", whose);
    fflush(stderr);
    /* What was typed before it could be hidden is dropped. */
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    bool complete = read_line(password->bytes, sizeof password->bytes, &password->len);
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    if (!complete)
        fputc('\n', stderr);
    password->given = complete && password->len > 0;
    if (!password->given)
        secret_wipe(password, sizeof *password);
    return password->given;
}
