/*
 * Making foreign text safe to show: on a terminal, in a log, in JSON.
 */
#ifndef CLI_PRINTABLE_H
#define CLI_PRINTABLE_H

#include <stddef.h>

/*
 * Copy `len` bytes to `out` (capacity `size` > 0, NUL included): printable ASCII and well-formed
 * UTF-8 stay, but for controls and characters that are not seen (marks of direction, joiners, soft
 * hyphens and the like): every byte of these and of all else becomes "\xNN", a backslash "\\".
 * What does not fit is cut at a character's border. Four times `len` always suffices.
 * Returns `out`.
 */
char *printable_bytes(char *out, size_t size, const void *bytes, size_t len);

/* The same for a NUL-terminated string, except that backslashes stay as they are. */
char *printable(char *out, size_t size, const char *string);

#endif
