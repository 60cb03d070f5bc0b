#include "tests/support/temp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "espota-test-"

static const char *base_folder(void)
{
    const char *base = getenv("TMPDIR");

    return base && base[0] == '/' && strlen(base) < 200 ? base : "/tmp";
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    remove(path);
    return 0; /* go on: what can be removed goes */
}

static void remove_tree(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Open the folder and lock it; -1 when somebody else has the lock or the folder is gone. */
static int lock_folder(const char *path, int how)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;

    if (fd < 0)
        return -1;
    if (flock(fd, how) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0)
        return fd;
    close(fd);
    return -1;
}

/* Folders that nobody holds a lock on were left by tests that crashed. */
static void sweep(const char *base)
{
    DIR *dir = opendir(base);
    char path[TEMP_PATH_MAX];

    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", base, entry->d_name);
        int fd = lock_folder(path, LOCK_EX | LOCK_NB);
        if (fd >= 0) {
            remove_tree(path);
            close(fd);
        }
    }
    closedir(dir);
}

bool temp_create(struct temp *temp)
{
    const char *base = base_folder();

    sweep(base);
    /* A test that starts at the same time may sweep between the next two calls: then once more. */
    for (int attempt = 0; attempt < 10; attempt++) {
        snprintf(temp->path, sizeof temp->path, "%s/" PREFIX "XXXXXX", base);
        if (!mkdtemp(temp->path))
            break;
        temp->lock = lock_folder(temp->path, LOCK_EX);
        if (temp->lock >= 0)
            return true;
    }
    temp->path[0] = '\0';
    return false;
}

void temp_remove(struct temp *temp)
{
    if (temp->path[0] == '\0')
        return;
    remove_tree(temp->path);
    close(temp->lock);
    temp->path[0] = '\0';
}

struct temp_path temp_path(const struct temp *temp, const char *name)
{
    struct temp_path path;

    snprintf(path.text, sizeof path.text, "%s/%s", temp->path, name);
    return path;
}

bool file_write(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wbe");

    if (!file)
        return false;
    bool ok = fwrite(bytes, 1, len, file) == len;
    return fclose(file) == 0 && ok;
}

char *file_read(const char *path, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    char *bytes = NULL;
    size_t used = 0;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0)
        bytes = malloc((size_t)st.st_size + 1);
    while (bytes && used < (size_t)st.st_size) {
        ssize_t n = read(fd, bytes + used, (size_t)st.st_size - used);
        if (n <= 0)
            break;
        used += (size_t)n;
    }
    if (bytes)
        bytes[used] = '\0';
    if (len)
        *len = used;
    close(fd);
    return bytes;
}
