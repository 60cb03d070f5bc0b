/*
 * Basic authentication (RFC 7617): who may ask.
 *
 * Passwords are not kept: only keyed digests of them, under a key that is made anew at every start.
 */
#ifndef CLI_CREDENTIALS_H
#define CLI_CREDENTIALS_H

#include "cli/failure.h"

#include <stdbool.h>
#include <stddef.h>

struct credentials;

/* Bounds of a file. */
#define CREDENTIALS_FILE_MAX (1024 * 1024)
#define CREDENTIALS_MAX      1000 /* users */

enum credentials_verdict {
    CREDENTIALS_REFUSED,
    CREDENTIALS_ACCEPTED,
    CREDENTIALS_PUT_OFF, /* to be asked again, in CREDENTIALS_WAIT_SECONDS */
};

/* After so long there is time for hashes again. */
#define CREDENTIALS_WAIT_SECONDS 4

/* Bytes of a user's name, or a password or hash, with the final NUL. */
#define CREDENTIALS_TEXT_SIZE 256

/*
 * Read a file with a line "user:password" for each; empty lines and those that begin with '#' are
 * ignored. A password that begins with '$' is a crypt(3) hash, such as `mkpasswd` or `openssl
 * passwd -6` makes. NULL, with `failure` filled in, which names file and line but no secret. Free
 * with credentials_free(), which wipes it.
 */
struct credentials *credentials_load(const char *path, struct failure *failure);

/* The same for a text of `len` bytes; `name` is for `failure`. */
struct credentials *credentials_parse(const char *text, size_t len, const char *name,
                                      struct failure *failure);

/* True when others than its owner may read the file; worth a warning. */
bool credentials_are_exposed(const char *path);

/*
 * Check an Authorization header (NULL: none). Takes the same time for a wrong name as for a wrong
 * password, as long as all hashes are of one kind and cost. A hash that was right once is
 * remembered, so that devices that come again are answered at once.
 *
 * Hashes are made to take time, which other devices would have to wait: one second in four at most
 * is spent on them. What comes then with a password that was never right before is put off without
 * a look at it: it may be right.
 */
enum credentials_verdict credentials_check(struct credentials *credentials,
                                           const char *authorization);

/* NULL is allowed. */
void credentials_free(struct credentials *credentials);

#endif
