/*
 * What a terminal shows of several devices: a line for each, and one for all of them. Text alone,
 * no terminal.
 */
#ifndef CLI_FLEET_SCREEN_H
#define CLI_FLEET_SCREEN_H

#include "cli/exit_code.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum fleet_state {
    FLEET_WAITING,   /* for its turn, or for what `text` says */
    FLEET_UNDER_WAY, /* `text` says how far */
    FLEET_SENDING,   /* `done` bytes are there */
    FLEET_OVER,      /* `code` and `text` say how */
};

/* One device. The texts are printable. */
struct fleet_row {
    char *name;
    size_t name_width; /* columns */
    enum fleet_state state;
    char *text;
    enum exit_code code;
    uint64_t done;     /* bytes of the image that it has acknowledged */
    uint64_t since_ms; /* FLEET_SENDING: its connection's beginning, on the screen's clock */
    bool is_sought;    /* it stands for a device that is not found yet */
    bool is_gone;      /* its last line stands above, and nothing more is shown of it */
};

struct fleet_screen {
    size_t rows; /* of the terminal */
    size_t columns;
    bool has_colour;
    uint64_t size;     /* of the image, in bytes */
    uint64_t now_ms;   /* on any clock that does not jump */
    uint64_t since_ms; /* when the first bytes were sent; 0: none were */
    size_t searches;   /* that go on, and may find more devices */
};

/* Bytes, with NUL, of the longest line. */
#define FLEET_LINE_MAX 1024

struct fleet_line {
    char text[FLEET_LINE_MAX]; /* without line end */
    size_t width;              /* columns */
};

/*
 * How many of the rows that are not gone have no room: as many of them as are over can go up, as
 * ordinary lines, to make some.
 */
size_t fleet_screen_surplus(const struct fleet_screen *screen, struct fleet_row *const *rows,
                            size_t count);

/* The most lines that fleet_screen_draw() makes on a terminal of that size. */
size_t fleet_screen_lines_max(const struct fleet_screen *screen);

/*
 * Make the lines: the rows that are not gone, in their order, and the total, which counts all.
 * Where there is no room for each row, those under way have it, then those that are over, then
 * those that wait. No line reaches the terminal's last two columns, and there are fewer than it has
 * rows. `lines` has room for fleet_screen_lines_max(). Returns how many there are.
 */
size_t fleet_screen_draw(const struct fleet_screen *screen, struct fleet_row *const *rows,
                         size_t count, struct fleet_line *lines);

/* Write what is left of a row that is over, uncut, with its end; names are `name_width` wide. */
void fleet_screen_last_line(FILE *out, const struct fleet_screen *screen,
                            const struct fleet_row *row, size_t name_width);

/* The width of the names' column in the lines of fleet_screen_draw(). */
size_t fleet_screen_name_width(const struct fleet_screen *screen, struct fleet_row *const *rows,
                               size_t count);

#endif
