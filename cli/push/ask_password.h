/*
 * Asking a person for the password.
 */
#ifndef CLI_ASK_PASSWORD_H
#define CLI_ASK_PASSWORD_H

#include "cli/push/password.h"

enum ask_outcome {
    ASK_ENTERED,
    ASK_NOTHING,     /* an empty line, or end of file */
    ASK_INTERRUPTED, /* by a signal whose handler has run */
    ASK_STOPPED,     /* the program was stopped, and goes on: it may ask again */
};

/*
 * Ask on the terminal, without echo, for the password of `whose` (printable); see terminal.h.
 * `password` is given when one was entered. The terminal is as it was in any case.
 */
enum ask_outcome ask_password(struct password *password, const char *whose);

#endif
