/*
 * The lines about several devices as they stand on a terminal, drawn over in place; what else is
 * said goes above them.
 */
#ifndef CLI_FLEET_VIEW_H
#define CLI_FLEET_VIEW_H

#include "cli/push/fleet_screen.h"
#include "cli/terminal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* All zero at first. */
struct fleet_view {
    struct fleet_row **rows; /* each stays where it is until it is removed, or fleet_view_close() */
    size_t count;
    size_t room;
    bool has_colour;
    uint64_t size;     /* of the image */
    uint64_t since_ms; /* when the first bytes were sent */
    size_t searches;   /* that go on, for any number of devices */
    size_t settled;    /* rows at the beginning that are known not to be `is_sought` */

    FILE *above; /* what is to go above the lines at the next drawing */
    char *above_text;
    size_t above_len;

    struct fleet_line *lines; /* as they stand there, `line_count` of them */
    size_t line_count;
    struct terminal_size terminal; /* its size then */
};

/* A row for a device, its name raw. NULL without memory: the device then has no line. */
struct fleet_row *fleet_view_add(struct fleet_view *view, const char *name);

/* The first row of that name (raw) that is `is_sought`, which it no longer is then; or NULL. */
struct fleet_row *fleet_view_take_sought(struct fleet_view *view, const char *name);

/* The first row of that name (raw) that is FLEET_WAITING, or NULL. */
struct fleet_row *fleet_view_find_waiting(struct fleet_view *view, const char *name);

/* The row is invalid then, and no longer shown. */
void fleet_view_remove(struct fleet_view *view, struct fleet_row *row);

/* What a row says from now on, raw; of FLEET_WAITING "" stands for "waiting". */
void fleet_view_set(struct fleet_row *row, enum fleet_state state, const char *text);

/* It is over. */
void fleet_view_end(struct fleet_row *row, enum exit_code code, const char *text);

/* A line for above, printable, without its end; it appears at the next drawing. */
void fleet_view_say(struct fleet_view *view, const char *text);

/* Draw what has changed on standard error, a terminal. */
void fleet_view_draw(struct fleet_view *view, uint64_t now_ms);

/*
 * Make way for what somebody else prints: what is to go above is printed, and the lines of devices
 * that are over, uncut and for good; the others disappear until the next drawing.
 */
void fleet_view_clear(struct fleet_view *view);

/* Release what was allocated; rows are invalid then. */
void fleet_view_close(struct fleet_view *view);

#endif
