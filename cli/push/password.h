/*
 * Where the user's password comes from, and how it is forgotten.
 */
#ifndef CLI_PASSWORD_H
#define CLI_PASSWORD_H

#include "cli/failure.h"
#include "cli/push/login.h"

#include <stdbool.h>

/* The environment variable that holds a password. */
#define PASSWORD_VARIABLE "ESPOTA_AUTH"

/* Bytes of the longest password. */
#define PASSWORD_MAX 4096

/* A password as it was given; wiped by password_digest_and_wipe(). */
struct password {
    bool given;
    size_t len;
    char bytes[PASSWORD_MAX];
};

/*
 * Take a command line argument: copy it and overwrite it where it stands, so that it is not seen
 * in the list of processes any longer. An empty one counts as not given: IDEs pass `--auth=`.
 * False when it is too long.
 */
bool password_from_argument(struct password *password, char *argument);

/*
 * Read the first line of a file, without its line end (LF or CR LF); any other bytes belong to
 * the password. False, with `failure` filled in (EXIT_LOCAL_FAILURE), when the file cannot be read,
 * or its first line is empty or too long.
 */
bool password_from_file(struct password *password, const char *path, struct failure *failure);

/*
 * Take ESPOTA_AUTH, if it is set and not empty and there is no password yet, and remove it from the
 * environment in any case. False, with `failure` filled in (EXIT_LOCAL_FAILURE), when it is too
 * long.
 */
bool password_from_environment(struct password *password, struct failure *failure);

/* Make the digests that devices know, and wipe the password itself. */
void password_digest_and_wipe(struct password *password, struct push_password *out);

#endif
