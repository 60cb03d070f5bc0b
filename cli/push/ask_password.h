/*
 * Asking a person for the password.
 */
#ifndef CLI_ASK_PASSWORD_H
#define CLI_ASK_PASSWORD_H

#include "cli/push/password.h"

#include <stddef.h>

enum ask_outcome {
    ASK_ENTERED,
    ASK_NOTHING,     /* an empty line, or end of file */
    ASK_INTERRUPTED, /* by a signal whose handler has run */
    ASK_STOPPED,     /* the program was stopped, and goes on: it may ask again */
};

/* Names that are told of those whose password is asked for. */
#define ASKED_NAMES_MAX 3

/* Whose password is asked for. All zero at first. */
struct asked_names {
    char text[ASKED_NAMES_MAX * 4 * 256 + 64]; /* printable */
    size_t len;
    size_t count;
};

/* Add one, raw. */
void asked_names_add(struct asked_names *names, const char *name);

/* All of them, of more than three the first three and how many more. */
const char *asked_names_text(struct asked_names *names);

/*
 * Ask on the terminal, without echo, for the password of `whose` (printable); see terminal.h.
 * `password` is given when one was entered. The terminal is as it was in any case.
 */
enum ask_outcome ask_password(struct password *password, const char *whose);

#endif
