#include "cli/terminal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_ROWS    24
#define DEFAULT_COLUMNS 80

bool terminal_has_person(void)
{
    return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

bool terminal_is_dumb(void)
{
    const char *type = getenv("TERM");

    return type && strcmp(type, "dumb") == 0;
}

bool terminal_moves_cursor(int fd)
{
    const char *type = getenv("TERM");

    return type && type[0] != '\0' && !terminal_is_dumb() && isatty(fd) == 1;
}

bool terminal_is_ours(int fd)
{
    pid_t group = tcgetpgrp(fd);

    return group == -1 || group == getpgrp();
}

static volatile sig_atomic_t was_resumed; /* a handler has nothing else to write to */

static void note_resumption(int number)
{
    (void)number;
    was_resumed = 1;
}

void terminal_watch_resumption(void)
{
    const struct sigaction noting = { .sa_handler = note_resumption, .sa_flags = SA_RESTART };

    sigaction(SIGCONT, &noting, NULL);
}

bool terminal_was_resumed(void)
{
    bool was = was_resumed != 0;

    was_resumed = 0;
    return was;
}

bool terminal_has_colour(int fd)
{
    const char *refused = getenv("NO_COLOR");

    return terminal_moves_cursor(fd) && (!refused || refused[0] == '\0');
}

struct terminal_size terminal_size(int fd)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) != 0)
        size = (struct winsize){ 0 };
    return (struct terminal_size){
        .rows = size.ws_row > 0 ? size.ws_row : DEFAULT_ROWS,
        .columns = size.ws_col > 0 ? size.ws_col : DEFAULT_COLUMNS,
    };
}
