/*
 * The Authorization header of Basic authentication (RFC 7617), taken apart.
 */
#ifndef CLI_BASIC_AUTH_H
#define CLI_BASIC_AUTH_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of "user:password", with the final NUL; longer ones are refused. */
#define BASIC_AUTH_SIZE 512

/* The caller wipes it. */
struct basic_auth {
    char user[BASIC_AUTH_SIZE]; /* no colon in it */
    char password[BASIC_AUTH_SIZE];
};

/*
 * Read a header's value: "Basic ", in any case, and base64 with its padding. False, with `out`
 * wiped, when it is anything else, or has a NUL or no colon in it.
 */
bool basic_auth_parse(struct basic_auth *out, const char *value);

#endif
