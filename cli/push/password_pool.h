/*
 * Passwords by the files they are in: each file is read once.
 */
#ifndef CLI_PASSWORD_POOL_H
#define CLI_PASSWORD_POOL_H

#include "cli/failure.h"
#include "cli/push/login.h"

/*
 * The password of a file, as password_from_file() reads it. `*pool` is NULL at first. The result
 * lives as long as the pool; NULL with `failure` filled in.
 */
const struct push_password *password_pool_get(void **pool, const char *path,
                                              struct failure *failure);

/* Wipe and release all. */
void password_pool_free(void *pool);

#endif
