/*
 * What standard error is to whoever reads it: a terminal with somebody before it, and what that can
 * do.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* True when standard input and standard error are terminals: questions go out and answers come. */
bool terminal_has_person(void);

/* True when $TERM says that a terminal, if there is one, can do nothing but lines. */
bool terminal_is_dumb(void);

/* True when a terminal behind this descriptor is one whose cursor can be moved, says $TERM. */
bool terminal_moves_cursor(int fd);

/* False while the program runs in the background of the terminal behind this descriptor. */
bool terminal_is_ours(int fd);

/*
 * From the first one on, whether the program has been stopped and resumed (SIGCONT) is noted; the
 * second one tells it once.
 */
void terminal_watch_resumption(void);
bool terminal_was_resumed(void);

/* True when text on this descriptor may be coloured: such a terminal, and $NO_COLOR is empty. */
bool terminal_has_colour(int fd);

struct terminal_size {
    size_t rows;
    size_t columns;
};

/* The size of the terminal behind this descriptor; 24 by 80 where it is none, or does not say. */
struct terminal_size terminal_size(int fd);

#endif
