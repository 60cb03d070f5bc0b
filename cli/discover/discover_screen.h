/*
 * The list of devices on a terminal: a line as soon as each is found, and the sorted table in their
 * place at the end.
 */
#ifndef CLI_DISCOVER_SCREEN_H
#define CLI_DISCOVER_SCREEN_H

#include "cli/discover/device.h"
#include "cli/discover/discover_names.h"
#include "cli/discover/discover_table.h"

#include <stdbool.h>
#include <stdio.h>

struct discover_screen {
    FILE *out;
    bool redraw; /* the cursor can be moved up */
    struct discover_widths widths;
    struct discover_names printed;
    size_t rows; /* of the terminal when the list began */
    FILE *copy;  /* of what has been printed, as long as it fits; then NULL, as `text` */
    char *text;
    size_t len;
    size_t lines;
    size_t widest; /* of the lines, in columns */
};

/*
 * Begin a list on `out`, a terminal of so many lines; `redraw` says that lines may be drawn over:
 * the terminal can, and nothing else is printed there. False without memory; what there is is for
 * discover_screen_close() all the same.
 */
bool discover_screen_open(struct discover_screen *screen, FILE *out, bool redraw, size_t rows);

/*
 * Print a device that has just been found. One that has been printed before is not, however often
 * it goes and comes: the table at the end shows it as it is then.
 */
void discover_screen_add(struct discover_screen *screen, const struct device *device);

/*
 * Print the devices, in the order in which they are given, unless that is what stands there
 * already: over the lines that have been printed if they fit a terminal of that size, else below.
 * False without memory: nothing is printed then.
 */
bool discover_screen_finish(struct discover_screen *screen, const struct device *const *devices,
                            size_t count, size_t terminal_rows, size_t terminal_columns);

/* Release what was allocated. */
void discover_screen_close(struct discover_screen *screen);

/* Write the whole table. Returns the columns of its widest line. */
size_t discover_screen_table(FILE *out, const struct device *const *devices, size_t count);

#endif
