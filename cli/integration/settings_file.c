#include "cli/integration/settings_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Backups of one file. */
#define BACKUPS_MAX 1000

static bool fail(struct failure *failure, const char *path, const char *why)
{
    return failure_set(failure, EXIT_LOCAL_FAILURE, "%s: %s", failure_path(path), why);
}

/* --- Reading ---------------------------------------------------------------------------------- */

/* Read an open file to its end. */
static bool read_all(struct settings_file *file, int fd, struct failure *failure)
{
    file->bytes = malloc(SETTINGS_FILE_MAX + 1);
    if (!file->bytes)
        return fail(failure, file->path, strerror(ENOMEM));
    for (;;) {
        ssize_t n = read(fd, file->bytes + file->len, SETTINGS_FILE_MAX + 1 - file->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(failure, file->path, strerror(errno));
        file->len += (size_t)n;
        if (file->len > SETTINGS_FILE_MAX)
            return fail(failure, file->path, "it is larger than such a file can be (1 MiB)");
        if (n == 0)
            return true;
    }
}

/* Its kind and its permissions are such that it can be changed. */
static bool check(const struct settings_file *file, struct failure *failure)
{
    if (!S_ISREG(file->stat.st_mode))
        return fail(failure, file->path, "it is no regular file");
    /* It could be replaced all the same, but somebody meant it to stay as it is. */
    if ((file->stat.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0)
        return fail(failure, file->path, "it is read-only; chmod u+w lets it be changed");
    return true;
}

/* Read what is at its path. That nothing is there is no failure. */
static bool read_path(struct settings_file *file, struct failure *failure)
{
    /* A FIFO must not make it wait. */
    int fd = open(file->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return true;
    if (fd < 0 && errno == ELOOP)
        return fail(failure, file->path,
                    "it is a symbolic link, which would be replaced; make it a file first");
    if (fd < 0)
        return fail(failure, file->path, strerror(errno));
    bool good = fstat(fd, &file->stat) == 0 || fail(failure, file->path, strerror(errno));
    good = good && check(file, failure) && read_all(file, fd, failure);
    close(fd);
    return good;
}

bool settings_file_read(struct settings_file *file, const char *folder, const char *name,
                        struct failure *failure)
{
    *file = (struct settings_file){ .bytes = NULL };
    int len = snprintf(file->path, sizeof file->path, "%s/%s", folder, name);
    if (len < 0 || (size_t)len >= sizeof file->path)
        return fail(failure, folder, strerror(ENAMETOOLONG));
    return read_path(file, failure) &&
           (file->bytes || access(folder, W_OK) == 0 || fail(failure, folder, strerror(errno)));
}

void settings_file_free(struct settings_file *file)
{
    free(file->bytes);
    file->bytes = NULL;
}

static bool is_same(const struct settings_file *file, const struct settings_file *other)
{
    if (!file->bytes || !other->bytes)
        return file->bytes == other->bytes;
    return file->len == other->len && memcmp(file->bytes, other->bytes, file->len) == 0;
}

/* Somebody may have edited it since it was read. */
static bool check_unchanged(const struct settings_file *file, struct failure *failure)
{
    struct settings_file now = { .bytes = NULL };

    snprintf(now.path, sizeof now.path, "%s", file->path);
    bool good = read_path(&now, failure) &&
                (is_same(file, &now) ||
                 fail(failure, file->path, "it has been changed meanwhile; run the command again"));
    settings_file_free(&now);
    return good;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno != EINTR)
            return false;
        bytes += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* Owner and permissions as those of the file that it takes the place of. */
static bool adopt(int fd, const struct settings_file *file)
{
    if (!file->bytes)
        return true;
    /* Only root can give a file away. For others it stays their own. */
    bool given = fchown(fd, file->stat.st_uid, file->stat.st_gid) == 0;
    return (given || errno == EPERM) && fchmod(fd, file->stat.st_mode & 0777) == 0;
}

/* Write an open file that is empty, on the disk. False with errno. */
static bool fill(int fd, const struct settings_file *like, const char *bytes, size_t len)
{
    return adopt(fd, like) && write_all(fd, bytes, len) && fsync(fd) == 0;
}

/* Write a file that is not there yet. False with errno, and without the file. */
static bool create(const char *path, const struct settings_file *like, const char *bytes,
                   size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    if (fd < 0)
        return false;
    bool good = fill(fd, like, bytes, len);
    int error = errno;
    close(fd);
    if (!good) {
        unlink(path);
        errno = error;
    }
    return good;
}

/* Is it there, as a regular file of these bytes? */
static bool is_copy(const char *path, const struct settings_file *file)
{
    struct settings_file other = { .bytes = NULL };
    struct failure ignored;

    snprintf(other.path, sizeof other.path, "%s", path);
    bool same = read_path(&other, &ignored) && is_same(file, &other);
    settings_file_free(&other);
    return same;
}

static bool make_backup(const struct settings_file *file, char backup[PATH_MAX],
                        struct failure *failure)
{
    if (!file->bytes)
        return true;
    for (unsigned i = 1; i <= BACKUPS_MAX; i++) {
        char number[16] = "";
        if (i > 1)
            snprintf(number, sizeof number, ".%u", i);
        int len = snprintf(backup, PATH_MAX, "%s.bak%s", file->path, number);
        if (len < 0 || len >= PATH_MAX)
            return fail(failure, file->path, strerror(ENAMETOOLONG));
        if (create(backup, file, file->bytes, file->len))
            return true;
        if (errno != EEXIST)
            break;
        if (is_copy(backup, file))
            return true;
    }
    return fail(failure, backup, strerror(errno));
}

/* The folder's entries, too, are on the disk. */
static void sync_folder(const char *path)
{
    char folder[PATH_MAX];

    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

/*
 * Open the file that is to take the other's place, empty and locked: one that a run left when it
 * was killed is used again. -1 with `failure`.
 */
static int open_next(const struct settings_file *file, char path[PATH_MAX], struct failure *failure)
{
    struct stat opened;
    struct stat named;
    int len = snprintf(path, PATH_MAX, "%s.espota-c", file->path);

    if (len < 0 || len >= PATH_MAX) {
        fail(failure, file->path, strerror(ENAMETOOLONG));
        return -1;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
    if (fd < 0) {
        fail(failure, path, strerror(errno));
        return -1;
    }
    /* Another run may have moved it to where it belongs, before this one had the lock. */
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &opened) != 0 || lstat(path, &named) != 0 ||
        opened.st_ino != named.st_ino || opened.st_dev != named.st_dev) {
        fail(failure, file->path, "another espota-c is at work there");
    } else if (ftruncate(fd, 0) != 0) {
        fail(failure, path, strerror(errno));
    } else {
        return fd;
    }
    close(fd);
    return -1;
}

bool settings_file_replace(const struct settings_file *file, const char *bytes, size_t len,
                           char backup[PATH_MAX], struct failure *failure)
{
    char next[PATH_MAX];

    backup[0] = '\0';
    int fd = open_next(file, next, failure);
    if (fd < 0)
        return false;
    bool good = check_unchanged(file, failure) && make_backup(file, backup, failure) &&
                (fill(fd, file, bytes, len) || fail(failure, next, strerror(errno))) &&
                (rename(next, file->path) == 0 || fail(failure, file->path, strerror(errno)));
    if (good)
        sync_folder(file->path);
    else
        unlink(next);
    close(fd);
    return good;
}

bool settings_file_remove(const struct settings_file *file, bool keep, char backup[PATH_MAX],
                          struct failure *failure)
{
    backup[0] = '\0';
    if (!check_unchanged(file, failure) || (keep && !make_backup(file, backup, failure)))
        return false;
    if (unlink(file->path) != 0)
        return fail(failure, file->path, strerror(errno));
    sync_folder(file->path);
    return true;
}
