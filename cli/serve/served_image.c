#include "cli/serve/served_image.h"

#include <errno.h>
#include <event2/buffer.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A piece of the copy; the kernel moves less at a time if it likes. */
#define PIECE ((size_t)1 << 20)

static bool failed(struct failure *failure, const char *path, const char *what)
{
    return failure_set(failure, EXIT_LOCAL_FAILURE, "%s: %s%s", failure_path(path), what,
                       strerror(errno));
}

/* Open a regular file of a sensible size; -1 with `failure` filled in. */
static int open_regular(const char *path, struct failure *failure)
{
    struct stat st;
    /* A FIFO without a writer would block for ever; a regular file never does. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &st) != 0)
        failed(failure, path, "");
    else if (!S_ISREG(st.st_mode))
        failure_set(failure, EXIT_LOCAL_FAILURE, "%s: not a regular file", failure_path(path));
    else if ((uint64_t)st.st_size > SERVED_IMAGE_MAX)
        failure_set(failure, EXIT_IMAGE_REFUSED, "%s: larger than any device's flash",
                    failure_path(path));
    else
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Copy all that there is; false with errno. */
static bool copy_all(int to, int from, off_t size)
{
    off_t done = 0;

    while (done < size) {
        size_t left = (size_t)(size - done);
        ssize_t n = sendfile(to, from, NULL, left < PIECE ? left : PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = ENODATA; /* shorter than it was a moment ago */
        if (n <= 0)
            return false;
        done += n;
    }
    return true;
}

/* Copy into a new file in memory that nobody can write to any more; -1 with errno. */
static int copy_sealed(int from, off_t size)
{
    int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    int to = memfd_create("espota-c image", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (to >= 0 && copy_all(to, from, size) && fcntl(to, F_ADD_SEALS, seals) == 0)
        return to;
    int error = errno;
    if (to >= 0)
        close(to);
    errno = error;
    return -1;
}

/*
 * Make image->fd. A file that changed meanwhile may be half of one build and half of another: its
 * stamp tells, for the kernel changes it with every write.
 */
static bool copy_file(struct served_image *image, struct failure *failure)
{
    int from = open_regular(image->path, failure);

    if (from < 0)
        return false;
    if (file_stamp_take_settled(&image->stamp, from))
        image->fd = copy_sealed(from, image->stamp.size);
    bool ok = image->fd >= 0;
    if (!ok)
        failed(failure, image->path, "cannot be copied: ");
    else if (!file_stamp_holds(&image->stamp, from))
        ok = failure_set(failure, EXIT_LOCAL_FAILURE, "%s: it changed while it was read",
                         failure_path(image->path));
    close(from);
    return ok;
}

/* Judge the copy, under the name of the original, and take its facts. */
static bool examine(struct served_image *image, bool filesystem, struct failure *failure)
{
    struct image_file file;
    bool ok = image_file_open_fd(&file, image->fd, image->path, failure);
    const char *problem = ok ? image_file_unfit(&file, filesystem) : NULL;

    if (problem)
        ok = failure_set(failure, EXIT_IMAGE_REFUSED, "%s: %s", failure_path(image->path), problem);
    ok = ok && image_facts_take(&image->facts, &file, failure);
    image_file_close(&file);
    return ok;
}

static void describe(struct served_image *image)
{
    struct tm tm;

    hex_encode(image->md5_text, image->facts.md5, DIGEST_MD5_SIZE);
    snprintf(image->etag, sizeof image->etag, "\"%s\"", image->md5_text);
    /* The C locale: names of days and months are English. */
    if (!gmtime_r(&image->stamp.modified.tv_sec, &tm) ||
        strftime(image->modified, sizeof image->modified, "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
        image->modified[0] = '\0';
}

struct served_image *served_image_load(const char *path, bool filesystem, struct failure *failure)
{
    struct served_image *image = calloc(1, sizeof *image);
    size_t len = strlen(path);

    if (!image || len >= sizeof image->path) {
        errno = image ? ENAMETOOLONG : ENOMEM;
        failed(failure, path, "");
        free(image);
        return NULL;
    }
    memcpy(image->path, path, len + 1);
    atomic_init(&image->references, 1);
    image->fd = -1;
    if (!copy_file(image, failure) || !examine(image, filesystem, failure)) {
        served_image_release(image);
        return NULL;
    }
    /* It stays alive as long as bytes of it are in an evbuffer, and closes the descriptor then. */
    image->segment = evbuffer_file_segment_new(image->fd, 0, (ev_off_t)image->facts.size,
                                               EVBUF_FS_CLOSE_ON_FREE);
    if (!image->segment) {
        errno = ENOMEM;
        failed(failure, path, "");
        served_image_release(image);
        return NULL;
    }
    describe(image);
    return image;
}

struct served_image *served_image_hold(struct served_image *image)
{
    atomic_fetch_add_explicit(&image->references, 1, memory_order_relaxed);
    return image;
}

void served_image_release(struct served_image *image)
{
    /* Whoever comes last sees what all others did with it before. */
    if (!image || atomic_fetch_sub_explicit(&image->references, 1, memory_order_acq_rel) > 1)
        return;
    if (image->segment)
        evbuffer_file_segment_free(image->segment);
    else if (image->fd >= 0)
        close(image->fd);
    free(image);
}

bool served_image_is_outdated(const struct served_image *image)
{
    struct failure failure;
    int fd = open_regular(image->path, &failure);

    if (fd < 0)
        return true;
    bool holds = file_stamp_holds(&image->stamp, fd);
    close(fd);
    return !holds;
}

bool served_image_append(struct served_image *image, struct evbuffer *out, uint64_t offset,
                         uint64_t length)
{
    return evbuffer_add_file_segment(out, image->segment, (ev_off_t)offset, (ev_off_t)length) == 0;
}
