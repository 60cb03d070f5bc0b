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

/* Copy as much of such a text as fits `columns`, and `size` bytes, as below, but without "...". */
size_t display_fit(char *out, size_t size, const char *text, size_t columns);

/*
 * Copy as much of such a text as fits `columns`, and `size` bytes (> 0, NUL included), whole
 * characters alone. One that is cut ends in "..." where there are at least eight columns. Returns
 * the columns that it takes.
 */
size_t display_cut(char *out, size_t size, const char *text, size_t columns);

#endif
