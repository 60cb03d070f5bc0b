/*
 * A real terminal with a program in it: a window of a tmux server of the test's own, which ends
 * with the test.
 */
#ifndef TESTS_E2E_PANE_H
#define TESTS_E2E_PANE_H

#include "tests/support/temp.h"

#include <stdbool.h>
#include <stddef.h>

struct pane {
    struct temp_path socket;
    char *screen; /* what the latest look has shown; "" at first */
};

/*
 * Run a shell command in a terminal of that size; what it leaves standing can be looked at for half
 * a minute.
 */
void pane_open(struct pane *pane, unsigned columns, unsigned rows, const char *command);

/* End it, also after a failed test; harmless when there is none. */
void pane_close(struct pane *pane);

/* Look at what is on the screen, one line each, without spaces at their ends. */
void pane_look(struct pane *pane);

/* Look at what has scrolled away as well; lines that the terminal has wrapped are joined. */
void pane_look_back(struct pane *pane);

/* Look at the screen with its colours, as escape sequences. */
void pane_look_coloured(struct pane *pane);

/* Look until the screen shows a text. */
void pane_await(struct pane *pane, const char *text);

void pane_resize(struct pane *pane, unsigned columns, unsigned rows);

/* Type a key, as tmux names it. */
void pane_key(struct pane *pane, const char *key);

/* How often a text is in what was seen. */
int pane_count(const struct pane *pane, const char *text);

/* The line that a text is in; ends the test where there is none. */
struct pane_line {
    char text[1024];
};
struct pane_line pane_line_with(const struct pane *pane, const char *text);

#endif
