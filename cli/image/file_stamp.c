#include "cli/image/file_stamp.h"

#include <stdint.h>
#include <sys/stat.h>

/* Longer than a tick of the clock that files' times are from: 1/100 s where it is slowest. */
#define MOMENT_NS 20000000

static struct file_stamp stamp_of(const struct stat *st)
{
    return (struct file_stamp){ st->st_size, st->st_mtim, st->st_ctim };
}

/* True when the stamp was so fresh that another one has to be taken; a moment has passed then. */
static bool waited_for(const struct file_stamp *stamp)
{
    struct timespec now;
    struct timespec moment = { .tv_nsec = MOMENT_NS };

    if (clock_gettime(CLOCK_REALTIME_COARSE, &now) != 0)
        return false;
    int64_t age = (int64_t)(now.tv_sec - stamp->changed.tv_sec) * 1000000000 +
                  (now.tv_nsec - stamp->changed.tv_nsec);
    if (age >= MOMENT_NS)
        return false;
    nanosleep(&moment, NULL);
    return true;
}

bool file_stamp_take(struct file_stamp *stamp, int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return false;
    *stamp = stamp_of(&st);
    return true;
}

bool file_stamp_take_settled(struct file_stamp *stamp, int fd)
{
    if (!file_stamp_take(stamp, fd))
        return false;
    return !waited_for(stamp) || file_stamp_take(stamp, fd);
}

struct file_stamp file_stamp_at(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? stamp_of(&st) : (struct file_stamp){ 0 };
}

struct file_stamp file_stamp_at_settled(const char *path)
{
    struct file_stamp stamp = file_stamp_at(path);

    return waited_for(&stamp) ? file_stamp_at(path) : stamp;
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->size == b->size && is_same_time(&a->modified, &b->modified) &&
           is_same_time(&a->changed, &b->changed);
}

bool file_stamp_holds(const struct file_stamp *stamp, int fd)
{
    struct file_stamp now;

    return file_stamp_take(&now, fd) && file_stamp_equal(stamp, &now);
}
