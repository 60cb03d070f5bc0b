/*
 * The three ways in which espota-device is told its password.
 */
#ifndef DEVICE_PASSWORD_H
#define DEVICE_PASSWORD_H

#include "common/auth.h"

#include <stdbool.h>

/* A password in the form in which it is kept. */
struct device_password {
    bool is_set;
    bool is_hash; /* given as a digest: `digest` alone counts */
    struct password_digest digest;
    struct password_digest md5;
    struct password_digest sha256;
};

/* Digest the password and wipe its text. The empty password is none: `is_set` stays false. */
void device_password_set(struct device_password *out, char *text);

/*
 * The same with the first line of a file, without its line end, LF or CR LF. False with errno when
 * it cannot be read.
 */
bool device_password_read(struct device_password *out, const char *path);

/* Take a digest, 32 or 64 hexadecimal digits; false when it is not. */
bool device_password_set_hash(struct device_password *out, const char *text);

/* The digest to use in a dialect; false when the one that was given does not serve it. */
bool device_password_select(const struct device_password *password, enum auth_dialect dialect,
                            struct password_digest *out);

#endif
