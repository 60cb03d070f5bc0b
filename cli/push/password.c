#include "cli/push/password.h"

#include "cli/secret_file.h"
#include "common/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool take(struct password *password, char *text)
{
    size_t len = strlen(text);
    bool fits = len <= sizeof password->bytes;

    if (len > 0 && fits) {
        memcpy(password->bytes, text, len);
        password->len = len;
        password->given = true;
    }
    secret_wipe(text, len);
    return fits;
}

bool password_from_argument(struct password *password, char *argument)
{
    return take(password, argument);
}

bool password_from_environment(struct password *password, struct failure *failure)
{
    char *value = getenv(PASSWORD_VARIABLE);
    bool fits = true;

    if (!value)
        return true;
    if (!password->given)
        fits = take(password, value);
    else
        secret_wipe(value, strlen(value));
    unsetenv(PASSWORD_VARIABLE);
    return fits || failure_set(failure, EXIT_LOCAL_FAILURE, "%s is longer than %d bytes",
                               PASSWORD_VARIABLE, PASSWORD_MAX);
}

bool password_from_file(struct password *password, const char *path, struct failure *failure)
{
    char bytes[PASSWORD_MAX + 2];
    ssize_t n = secret_file_read(path, bytes, sizeof bytes, true);
    bool ok = false;

    if (n < 0)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "cannot read the password from %s: %s",
                           path, strerror(errno));
    const char *end = memchr(bytes, '\n', (size_t)n);
    size_t len = end ? (size_t)(end - bytes) : (size_t)n;
    if (end && len > 0 && bytes[len - 1] == '\r')
        len--;
    if (len == 0) {
        failure_set(failure, EXIT_LOCAL_FAILURE,
                    "the first line of %s is empty; it should hold the password", path);
    } else if (len > sizeof password->bytes) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "the first line of %s is longer than %d bytes",
                    path, PASSWORD_MAX);
    } else {
        memcpy(password->bytes, bytes, len);
        password->len = len;
        password->given = true;
        ok = true;
    }
    secret_wipe(bytes, sizeof bytes);
    return ok;
}

void password_digest_and_wipe(struct password *password, struct push_password *out)
{
    password_digest_make(&out->sha256, DIGEST_SHA256, password->bytes, password->len);
    password_digest_make(&out->md5, DIGEST_MD5, password->bytes, password->len);
    secret_wipe(password, sizeof *password);
}
