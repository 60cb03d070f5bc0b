#include "cli/serve/store_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASIDE_MAX  100000
#define LOCK_TRIES 100

/* Names with their endings; cut ones are refused by the system. */
#define NAME_SIZE (PATH_MAX + 32)

/*
 * SQLite would take a log that stays behind for the new file's, so it goes with the old one; that
 * it is not there is usual.
 */
static bool move_beside(const char *path, const char *to, const char *ending)
{
    char from_name[NAME_SIZE];
    char to_name[NAME_SIZE];

    snprintf(from_name, sizeof from_name, "%s%s", path, ending);
    snprintf(to_name, sizeof to_name, "%s%s", to, ending);
    return rename(from_name, to_name) == 0 || errno == ENOENT;
}

/* As rename(), but never in place of what is there; EEXIST then. */
static bool move_to_new(const char *path, const char *to)
{
    if (link(path, to) == 0)
        return unlink(path) == 0;
    if (errno == EEXIST || errno == ENOENT)
        return false;
    /* A file system without links. */
    if (access(to, F_OK) == 0) {
        errno = EEXIST;
        return false;
    }
    return rename(path, to) == 0;
}

bool store_path_put_aside(const char *path, char moved_to[static PATH_MAX])
{
    for (unsigned i = 1; i <= ASIDE_MAX; i++) {
        int len = snprintf(moved_to, PATH_MAX, "%s.damaged-%u", path, i);
        if (len < 0 || len >= PATH_MAX) {
            errno = ENAMETOOLONG;
            return false;
        }
        if (move_to_new(path, moved_to))
            return move_beside(path, moved_to, "-wal") && move_beside(path, moved_to, "-shm");
        if (errno != EEXIST)
            return false;
    }
    return false;
}

void store_path_drop_log(const char *path)
{
    static const char *const endings[] = { "-wal", "-shm" };
    char name[NAME_SIZE];

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
}

bool store_path_check(const char *path, struct failure *failure)
{
    struct stat found;

    if (path[0] == '\0')
        return failure_set(failure, EXIT_LOCAL_FAILURE, "the record's file has no name");
    /* That there is none yet is usual, and what else may be wrong, opening it will tell. */
    if (stat(path, &found) == 0 && !S_ISREG(found.st_mode))
        return failure_set(failure, EXIT_LOCAL_FAILURE, "cannot open %s: it is not a regular file",
                           path);
    return true;
}

static void lock_name(const char *path, char name[static NAME_SIZE])
{
    snprintf(name, NAME_SIZE, "%s.lock", path);
}

/* Lock the file once; -1 with `failure` filled in. */
static int lock_file(const char *path, struct failure *failure)
{
    char name[NAME_SIZE];

    lock_name(path, name);
    int lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW, 0600);
    if (lock < 0) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "cannot open %s: %s", name, strerror(errno));
        return -1;
    }
    if (flock(lock, LOCK_EX | LOCK_NB) == 0)
        return lock;
    if (errno == EWOULDBLOCK)
        failure_set(failure, EXIT_LOCAL_FAILURE,
                    "%s is in use by another server; give this one a file of its own with --state",
                    path);
    else
        failure_set(failure, EXIT_LOCAL_FAILURE, "cannot lock %s: %s", name, strerror(errno));
    close(lock);
    return -1;
}

int store_path_lock(const char *path, struct failure *failure)
{
    for (unsigned i = 0; i < LOCK_TRIES; i++) {
        int lock = lock_file(path, failure);
        /* Between opening and locking, who had it before may have removed it. */
        if (lock < 0 || store_path_is_locked(path, lock))
            return lock;
        close(lock);
    }
    failure_set(failure, EXIT_LOCAL_FAILURE, "cannot lock %s.lock: it keeps vanishing", path);
    return -1;
}

bool store_path_is_locked(const char *path, int lock)
{
    char name[NAME_SIZE];
    struct stat ours;
    struct stat found;

    lock_name(path, name);
    return fstat(lock, &ours) == 0 && lstat(name, &found) == 0 && ours.st_dev == found.st_dev &&
           ours.st_ino == found.st_ino;
}

void store_path_unlock(const char *path, int lock, bool remove)
{
    char name[NAME_SIZE];

    lock_name(path, name);
    if (remove && store_path_is_locked(path, lock))
        unlink(name);
    close(lock);
}
