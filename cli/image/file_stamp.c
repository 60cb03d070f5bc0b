#include "cli/image/file_stamp.h"

#include <sys/stat.h>

bool file_stamp_take(struct file_stamp *stamp, int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return false;
    *stamp = (struct file_stamp){ st.st_size, st.st_mtim, st.st_ctim };
    return true;
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool file_stamp_holds(const struct file_stamp *stamp, int fd)
{
    struct file_stamp now;

    return file_stamp_take(&now, fd) && now.size == stamp->size &&
           is_same_time(&now.modified, &stamp->modified) &&
           is_same_time(&now.changed, &stamp->changed);
}
