#include "device_password.h"

#include "common/hex.h"
#include "common/secret.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set(struct device_password *out, char *password, size_t len)
{
    *out = (struct device_password){ .is_set = len > 0 };
    password_digest_make(&out->md5, DIGEST_MD5, password, len);
    password_digest_make(&out->sha256, DIGEST_SHA256, password, len);
    secret_wipe(password, len);
}

void device_password_set(struct device_password *out, char *text)
{
    set(out, text, strlen(text));
}

/* A line ends with LF or CR LF; any other CR belongs to the password. */
static size_t without_line_end(const char *line, size_t len)
{
    if (len == 0 || line[len - 1] != '\n')
        return len;
    len--;
    return len > 0 && line[len - 1] == '\r' ? len - 1 : len;
}

bool device_password_read(struct device_password *out, const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    ssize_t len;

    if (!file)
        return false;
    len = getline(&line, &size, file);
    if (len < 0 && ferror(file)) {
        free(line);
        fclose(file);
        return false;
    }
    set(out, line, len < 0 ? 0 : without_line_end(line, (size_t)len));
    free(line);
    fclose(file);
    return true;
}

bool device_password_set_hash(struct device_password *out, const char *text)
{
    size_t len = strlen(text);

    if ((len != auth_digits(AUTH_MD5) && len != auth_digits(AUTH_PBKDF2)) ||
        !hex_is_text(text, len))
        return false;
    *out = (struct device_password){ .is_set = true, .is_hash = true };
    /* The dialects hash the digest's text, and its digits are lower-case there. */
    for (size_t i = 0; i < len; i++)
        out->digest.text[i] = (char)tolower((unsigned char)text[i]);
    return true;
}

bool device_password_select(const struct device_password *password, enum auth_dialect dialect,
                            struct password_digest *out)
{
    if (!password->is_hash) {
        *out = dialect == AUTH_MD5 ? password->md5 : password->sha256;
        return true;
    }
    *out = password->digest;
    return dialect == AUTH_PBKDF2 || strlen(password->digest.text) == auth_digits(AUTH_MD5);
}
