/*
 * How much room text takes on a terminal.
 */
#ifndef CLI_DISPLAY_WIDTH_H
#define CLI_DISPLAY_WIDTH_H

#include <stddef.h>

/*
 * Columns of a text as cli/printable.h makes it: two for the wide characters of East Asia and for
 * emoji, none for combining marks, one for all others, and for a byte that is no UTF-8.
 */
size_t display_width(const char *text);

#endif
