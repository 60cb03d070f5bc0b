#include "cli/push/password_pool.h"

#include "cli/push/password.h"
#include "common/secret.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct pool_entry {
    char *path;
    struct push_password password;
};

static int compare(const void *a, const void *b)
{
    const struct pool_entry *left = a;
    const struct pool_entry *right = b;

    return strcmp(left->path, right->path);
}

static void release(void *arg)
{
    struct pool_entry *entry = arg;

    free(entry->path);
    secret_wipe(entry, sizeof *entry);
    free(entry);
}

/* Read the file into an entry; NULL with the failure filled in. */
static struct pool_entry *make(const char *path, struct failure *failure)
{
    struct pool_entry *entry = calloc(1, sizeof *entry);
    struct password password = { .given = false };

    failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    if (entry)
        entry->path = strdup(path);
    if (entry && entry->path && password_from_file(&password, path, failure)) {
        password_digest_and_wipe(&password, &entry->password);
        return entry;
    }
    if (entry)
        release(entry);
    return NULL;
}

const struct push_password *password_pool_get(void **pool, const char *path,
                                              struct failure *failure)
{
    char *name = strdup(path);
    const struct pool_entry key = { .path = name };
    struct pool_entry *const *known = name ? tfind(&key, pool, compare) : NULL;

    free(name);
    if (known)
        return &(*known)->password;
    struct pool_entry *entry = make(path, failure);
    if (!entry || tsearch(entry, pool, compare))
        return entry ? &entry->password : NULL;
    failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    release(entry);
    return NULL;
}

void password_pool_free(void *pool)
{
    tdestroy(pool, release);
}
