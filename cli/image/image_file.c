#include "cli/image/image_file.h"

#include "cli/image/gunzip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 65536

/* What may follow the content of a signed gzip, at least: 128 bytes and their number. */
#define TRAILER_MIN (128 + 4)

/* Read from the descriptor that `ctx` points to. */
static bool read_fd(const void *ctx, uint64_t offset, void *out, size_t len)
{
    const int *fd = ctx;
    uint8_t *to = out;

    while (len > 0) {
        ssize_t n = pread(*fd, to, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = ENODATA; /* shorter than it was a moment ago */
        if (n <= 0)
            return false;
        to += n;
        offset += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

/* As much of a path's end as a message has room for. */
static const char *shown(const char *path)
{
    enum {
        SHOWN_MAX = 512,
    };
    size_t len = strlen(path);

    return len > SHOWN_MAX ? path + len - SHOWN_MAX : path;
}

/* Begin with the descriptor `fd`, or the file at `path` when that is -1. */
static bool open_file(struct image_file *file, int fd, const char *path, struct failure *failure)
{
    struct stat st;
    size_t len = strlen(path);

    if (len >= sizeof file->path)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s: %s", shown(path),
                           strerror(ENAMETOOLONG));
    memcpy(file->path, path, len + 1);
    /* A FIFO without a writer would block for ever; a regular file never does. */
    file->fd =
        fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file->fd < 0 || fstat(file->fd, &st) != 0 || !file_stamp_take(&file->stamp, file->fd))
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s: %s", shown(path), strerror(errno));
    if (!S_ISREG(st.st_mode))
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s: not a regular file", shown(path));
    file->size = (uint64_t)st.st_size;
    return true;
}

static bool digest_file(struct image_file *file)
{
    uint8_t piece[PIECE];
    struct digest digest;

    digest_init(&digest, DIGEST_MD5);
    for (uint64_t at = 0; at < file->size;) {
        size_t len = file->size - at < sizeof piece ? (size_t)(file->size - at) : sizeof piece;
        if (!read_fd(&file->fd, at, piece, len))
            return false;
        digest_update(&digest, piece, len);
        at += len;
    }
    digest_finish(&digest, file->md5);
    return true;
}

/* Inflate into `fd` and examine that. False, with errno, when reading or writing failed. */
static bool inflate_and_examine(struct image_file *file, const struct image_source *source, int fd)
{
    struct image_source content = { .ctx = &fd, .read = read_fd };
    struct gunzip_sizes sizes;

    switch (gunzip(&sizes, source, fd)) {
    case GUNZIP_OK:
        break;
    case GUNZIP_DAMAGED:
        file->inflate_failed = true;
        return true;
    case GUNZIP_TOO_LARGE:
        return true;
    case GUNZIP_ERROR:
        return false;
    }
    content.size = sizes.content;
    image_examine(&file->content, &content);
    file->content_size = sizes.content;
    file->inflates = true;
    if (file->size - sizes.packed < TRAILER_MIN)
        file->image.signature = IMAGE_SIGNATURE_NONE;
    return file->content.fault != IMAGE_UNREADABLE;
}

/*
 * Examine what is inside a gzip. It goes to a file in memory that nobody else sees, rather than
 * to our own memory: it may be large, and examining it takes a small window only.
 */
static bool examine_content(struct image_file *file, const struct image_source *source)
{
    int fd = memfd_create("espota-c gunzip", MFD_CLOEXEC);

    if (fd < 0)
        return false;
    bool ok = inflate_and_examine(file, source, fd);
    int error = errno;
    close(fd);
    errno = error;
    return ok;
}

static bool digest_and_examine(struct image_file *file)
{
    struct image_source source = { &file->fd, file->size, read_fd };

    errno = EIO;
    if (!digest_file(file))
        return false;
    image_examine(&file->image, &source);
    if (file->image.fault == IMAGE_UNREADABLE)
        return false;
    return file->image.kind != IMAGE_GZIP || examine_content(file, &source);
}

static bool open_and_examine(struct image_file *file, int fd, const char *path,
                             struct failure *failure)
{
    *file = (struct image_file){ .fd = -1 };
    bool ok = open_file(file, fd, path, failure);

    if (ok && !digest_and_examine(file))
        ok = failure_set(failure, EXIT_LOCAL_FAILURE, "%s: cannot be read: %s", shown(path),
                         strerror(errno));
    if (!ok)
        image_file_close(file);
    return ok;
}

bool image_file_open(struct image_file *file, const char *path, struct failure *failure)
{
    return open_and_examine(file, -1, path, failure);
}

bool image_file_open_fd(struct image_file *file, int fd, const char *path, struct failure *failure)
{
    return open_and_examine(file, fd, path, failure);
}

void image_file_close(struct image_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

/* What is to run or to be mounted: the file itself or what is inside; NULL if that is unknown. */
static const struct image *innermost(const struct image_file *file)
{
    if (file->image.kind != IMAGE_GZIP)
        return &file->image;
    return file->inflates ? &file->content : NULL;
}

enum image_kind image_file_kind(const struct image_file *file)
{
    const struct image *image = innermost(file);

    return image ? image->kind : IMAGE_UNKNOWN;
}

const char *image_file_problem(const struct image_file *file)
{
    const struct image *image = innermost(file);

    if (!image)
        return file->inflate_failed ? "it is compressed, and damaged or cut short"
                                    : "it is compressed, and larger inside than any device";
    if (image->fault != IMAGE_SOUND)
        return image_fault_text(image->fault);
    if (image->kind == IMAGE_UNKNOWN)
        return "it is not firmware for the ESP8266, ESP32 or RP2040";
    return NULL;
}

/* As image_file_unfit(), with what to do about it for who uploads it. */
static const char *unfit(const struct image_file *file, bool filesystem, const char **remedy)
{
    const struct image *image = innermost(file);
    const char *problem = image_file_problem(file);

    *remedy = "Build or copy it again";
    if (!image || image->fault == IMAGE_EMPTY)
        return problem;
    if (image->kind == IMAGE_UNKNOWN) {
        /* A file system that is not LittleFS has nothing to know it by. */
        *remedy = "Give the .bin file that the build wrote (a file system image with -s)";
        return filesystem ? NULL : problem;
    }
    if (image_is_filesystem(image->kind) == filesystem)
        return problem;
    *remedy = filesystem ? "Upload it without -s" : "Upload it with -s";
    return filesystem ? "it is a sketch, not a file system image"
                      : "it is a file system image, not a sketch";
}

const char *image_file_unfit(const struct image_file *file, bool filesystem)
{
    const char *remedy;

    return unfit(file, filesystem, &remedy);
}

bool image_file_judge(const struct image_file *file, bool filesystem, struct failure *failure)
{
    const char *remedy;
    const char *problem = unfit(file, filesystem, &remedy);

    return !problem || failure_set(failure, EXIT_IMAGE_REFUSED, "%s: %s. %s.", shown(file->path),
                                   problem, remedy);
}

bool image_file_signed_path(const char *path, char out[PATH_MAX])
{
    struct stat st;
    int len = snprintf(out, PATH_MAX, "%s.signed", path);

    return len > 0 && len < PATH_MAX && stat(out, &st) == 0;
}
