/*
 * A line of the Arduino tools' platform.txt: KEY=VALUE. Keys may end in the name of a system, on
 * which alone they count.
 */
#ifndef CLI_PROPERTY_LINE_H
#define CLI_PROPERTY_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct property_line {
    const char *key; /* within the line that was read */
    size_t key_len;  /* bytes of it, without ".linux" */
    bool linux_only; /* it ended so */
    const char *value;
    size_t value_len;
};

/*
 * Read a line of `len` bytes without its line end. Blanks around key and value do not count. False
 * when it is no property: empty, a comment, or without "=".
 */
bool property_line_parse(struct property_line *out, const char *line, size_t len);

/* Both set the same thing on this system. */
bool property_line_same_key(const struct property_line *a, const struct property_line *b);

#endif
