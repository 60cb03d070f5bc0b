/*
 * Asking a person for the password.
 */
#ifndef CLI_ASK_PASSWORD_H
#define CLI_ASK_PASSWORD_H

#include "cli/push/password.h"

#include <stdbool.h>

/*
 * Ask on the terminal, without echo, for the password of `whose` (printable); see terminal.h. False
 * when none was entered: an empty line, end of file, or a signal; the terminal is as it was in any
 * case.
 */
bool ask_password(struct password *password, const char *whose);

#endif
