#include "cli/serve/notice.h"

#include "cli/printable.h"

#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void notice(const char *format, ...)
{
    struct pollfd standard_error = { .fd = STDERR_FILENO, .events = POLLOUT };
    char text[PIPE_BUF / 4 - 16];
    char shown[4 * sizeof text];
    char line[PIPE_BUF];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    int len = snprintf(line, sizeof line, "espota-c: %s\n", printable(shown, sizeof shown, text));

    /* A pipe that has room at all has room for PIPE_BUF bytes. It is not made non-blocking: it may
       be shared with the shell that started us. */
    if (len > 0 && poll(&standard_error, 1, 0) == 1 && (standard_error.revents & POLLOUT)) {
        ssize_t written = write(STDERR_FILENO, line, (size_t)len);
        (void)written;
    }
}
