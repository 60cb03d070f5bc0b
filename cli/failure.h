/*
 * An error on its way up to the one place that prints it.
 */
#ifndef CLI_FAILURE_H
#define CLI_FAILURE_H

#include "cli/exit_code.h"

#include <stdbool.h>

struct failure {
    enum exit_code code;
    char text[1024]; /* a sentence that names the object and, where there is one, the next step */
};

/*
 * Fill `failure` in; the text is made as by printf and cut if it is too long. Returns false, so
 * that a function can say `return failure_set(...)`.
 */
bool failure_set(struct failure *failure, enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As much of a path's end as `text` has room for, beside a sentence. */
const char *failure_path(const char *path);

/* Print "espota-c: TEXT" on stderr, control characters escaped, and return the code. */
int failure_print(const struct failure *failure);

#endif
