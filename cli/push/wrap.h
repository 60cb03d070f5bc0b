/*
 * Text broken between words, for a terminal.
 */
#ifndef CLI_WRAP_H
#define CLI_WRAP_H

#include <stddef.h>
#include <stdio.h>

/*
 * Write printable text in lines that begin with `indent` spaces and stay below `columns`; 0: in one
 * line. Where there is next to no room the terminal may break it. Words too long for a line are
 * broken anywhere. Writes nothing for an empty text.
 */
void wrap_print(FILE *out, const char *text, size_t indent, size_t columns);

/*
 * The same where the first line has been begun: the cursor stands in column `at`. The last line is
 * left without its end.
 */
void wrap_continue(FILE *out, const char *text, size_t at, size_t indent, size_t columns);

#endif
