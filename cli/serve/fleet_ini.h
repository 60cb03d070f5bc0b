/*
 * The form of a catalogue: sections, keys and comments. inih takes the lines apart; what it would
 * cut without a word (long lines, long names of sections, a ']' inside one) is seen to before.
 */
#ifndef CLI_FLEET_INI_H
#define CLI_FLEET_INI_H

#include "cli/serve/fleet_complaint.h"

#include <stddef.h>

/* Characters of the longest line. */
#define FLEET_LINE_MAX 1000

/* Who is told. False, with the failure filled in, ends the reading. Texts are valid for the call.
 */
struct fleet_ini_handler {
    void *ctx;
    bool (*section)(void *ctx, unsigned line, const char *title);
    bool (*key)(void *ctx, unsigned line, const char *key, const char *value);
};

/*
 * Read `len` bytes of text: a UTF-8 mark at its start is skipped; lines end with LF or CRLF; empty
 * ones, and those that begin with '#' or ';', are comments, as is what follows a space and one of
 * these on any other. False, with the failure filled in, when a line is neither a section nor a
 * key with its value, is too long, has control characters, or the handler said so; also without
 * memory.
 */
bool fleet_ini_read(const struct fleet_source *source, const char *text, size_t len,
                    const struct fleet_ini_handler *handler);

#endif
