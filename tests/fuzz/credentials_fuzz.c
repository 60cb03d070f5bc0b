/*
 * Users and passwords: a file of them, and an Authorization header. The input is a header up to the
 * first newline, then a file. What is accepted is a pair that stands in the file, and the other way
 * round.
 */
#include "cli/serve/basic_auth.h"
#include "cli/serve/credentials.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

/* Whether the file has this very pair on a line of its own. */
static bool stands_there(const char *file, size_t len, const struct basic_auth *auth)
{
    char pair[2 * BASIC_AUTH_SIZE + 1];
    const char *end;
    size_t pair_len = (size_t)snprintf(pair, sizeof pair, "%s:%s", auth->user, auth->password);

    for (const char *at = file; at < file + len; at = end + 1) {
        end = memchr(at, '\n', (size_t)(file + len - at));
        if (!end)
            end = file + len;
        size_t line_len = (size_t)(end - at);
        if (line_len > 0 && at[line_len - 1] == '\r')
            line_len--;
        if (line_len == pair_len && at[0] != '#' && memcmp(at, pair, pair_len) == 0)
            return true;
    }
    return false;
}

static void check(struct credentials *credentials, const char *header, const char *file, size_t len)
{
    struct basic_auth auth;
    bool is_pair = basic_auth_parse(&auth, header);

    if (is_pair) {
        require(strlen(auth.user) + strlen(auth.password) + 1 < BASIC_AUTH_SIZE);
        require(strchr(auth.user, ':') == NULL);
    }
    /* Hashes take as long as who wrote the file says, and cannot be told by looking at them. */
    if (!credentials || memmem(file, len, ":$", 2))
        return;
    bool expected = is_pair && stands_there(file, len, &auth);
    require(credentials_check(credentials, header) ==
            (expected ? CREDENTIALS_ACCEPTED : CREDENTIALS_REFUSED));
    require(credentials_check(credentials, header) ==
            (expected ? CREDENTIALS_ACCEPTED : CREDENTIALS_REFUSED));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct failure failure;
    const char *text = (const char *)data;
    const char *end = size > 0 ? memchr(text, '\n', size) : NULL;
    size_t header_len = end ? (size_t)(end - text) : size;
    size_t file_len = end ? size - header_len - 1 : 0;
    char *header = malloc(header_len + 1);
    /* Of its very size, so that nothing behind it can be read unseen. */
    char *file = malloc(file_len > 0 ? file_len : 1);

    if (header && file) {
        memcpy(header, text, header_len);
        header[header_len] = '\0';
        memcpy(file, end ? end + 1 : text, file_len);
        struct credentials *credentials = credentials_parse(file, file_len, "users", &failure);
        check(credentials, header, file, file_len);
        credentials_free(credentials);
    }
    free(header);
    free(file);
    return 0;
}
