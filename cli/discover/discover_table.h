/*
 * Devices as rows of a table for people. Everything in it is printable, and nothing is cut.
 */
#ifndef CLI_DISCOVER_TABLE_H
#define CLI_DISCOVER_TABLE_H

#include "cli/discover/device.h"

#include <net/if.h>
#include <stdio.h>

enum discover_column {
    DISCOVER_NAME,
    DISCOVER_ADDRESS,
    DISCOVER_PORT,
    DISCOVER_BOARD,
    DISCOVER_PASSWORD,
    DISCOVER_SEEN_ON,
    DISCOVER_COLUMNS,
};

/* Bytes, with NUL, of the longest list of interfaces, separated by commas. */
#define DISCOVER_SEEN_ON_MAX (DEVICE_INTERFACES_MAX * 4 * IF_NAMESIZE)

struct discover_row {
    char name[4 * DEVICE_NAME_MAX];
    char address[ADDRESS_TEXT_MAX]; /* without the port */
    char port[6];
    char board[4 * 256]; /* "-": it names none */
    char password[4];    /* "yes", "no", or "?" when the device does not say */
    char seen_on[DISCOVER_SEEN_ON_MAX];
};

/* How wide each column is, on a terminal; the last one aside. */
struct discover_widths {
    size_t columns[DISCOVER_COLUMNS];
};

/* The name of an interface, made printable, or its number when it is gone. Returns `out`. */
char *discover_interface_text(unsigned interface, char out[4 * IF_NAMESIZE]);

void discover_row_fill(struct discover_row *row, const struct device *device);

/* Widths for the heading and for usual devices: rows that come one by one stand below another. */
struct discover_widths discover_widths_usual(void);

/* Make room for a row. */
void discover_widths_add(struct discover_widths *widths, const struct discover_row *row);

/* Write the heading, or a row, with its newline. Returns the columns of the terminal it takes. */
size_t discover_heading_print(FILE *out, const struct discover_widths *widths);
size_t discover_row_print(FILE *out, const struct discover_row *row,
                          const struct discover_widths *widths);

#endif
