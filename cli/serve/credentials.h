/*
 * Basic authentication (RFC 7617): who may ask.
 */
#ifndef CLI_CREDENTIALS_H
#define CLI_CREDENTIALS_H

#include "cli/failure.h"

#include <stdbool.h>

struct credentials;

/*
 * Read a file with a line "user:password" for each; empty lines and those that begin with '#' are
 * ignored. A password that begins with '$' is a crypt(3) hash, such as `mkpasswd` or `openssl
 * passwd -6` makes. NULL, with `failure` filled in, which names file and line but no secret. Free
 * with credentials_free(), which wipes it.
 */
struct credentials *credentials_load(const char *path, struct failure *failure);

/* True when others than its owner may read the file; worth a warning. */
bool credentials_are_exposed(const char *path);

/*
 * Check an Authorization header (NULL: none). Takes the same time for a wrong name as for a wrong
 * password. A hash that was right once is remembered, so that devices that come again are
 * answered at once.
 */
bool credentials_accept(struct credentials *credentials, const char *authorization);

void credentials_free(struct credentials *credentials);

#endif
