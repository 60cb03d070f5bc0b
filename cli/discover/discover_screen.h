/*
 * The list of devices on a terminal: a line as soon as each is found, and the sorted table in their
 * place at the end.
 */
#ifndef CLI_DISCOVER_SCREEN_H
#define CLI_DISCOVER_SCREEN_H

#include "cli/discover/device.h"
#include "cli/discover/discover_table.h"

#include <stdbool.h>
#include <stdio.h>

struct discover_screen {
    FILE *out;
    bool redraw; /* the cursor can be moved up */
    struct discover_widths widths;
    FILE *copy; /* of what has been printed */
    char *text;
    size_t len;
    size_t lines;
    size_t widest; /* of the lines, in characters */
};

/*
 * Begin a list on `out`; `redraw` says that lines may be drawn over: it is a terminal which can,
 * and nothing else is printed there. False without memory.
 */
bool discover_screen_open(struct discover_screen *screen, FILE *out, bool redraw);

/* Print a device that has just been found. */
void discover_screen_add(struct discover_screen *screen, const struct device *device);

/*
 * Print the devices, in the order in which they are given, unless that is what stands there
 * already: over the lines that have been printed if they fit a terminal of that size, else below.
 */
void discover_screen_finish(struct discover_screen *screen, const struct device *const *devices,
                            size_t count, size_t terminal_rows, size_t terminal_columns);

/* Release what was allocated. */
void discover_screen_close(struct discover_screen *screen);

/* Write the whole table. Returns the characters of its widest line. */
size_t discover_screen_table(FILE *out, const struct device *const *devices, size_t count);

#endif
