#include "posix_flash.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Bytes of the file that are written or looked at together. */
#define PIECE 4096

/* A device does nothing else while its flash is busy. */
static void busy_for(uint64_t us)
{
    struct timespec left = { .tv_sec = (time_t)(us / 1000000),
                             .tv_nsec = (long)(us % 1000000) * 1000 };

    while (us > 0 && nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

static bool flash_read(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    struct posix_flash *flash = ctx;

    return flash->nor.flash.read(&flash->nor, offset, out, len);
}

static bool flash_write(void *ctx, uint32_t offset, const void *bytes, uint32_t len)
{
    struct posix_flash *flash = ctx;
    uint64_t busy_us = flash->nor.busy_us;
    bool done = flash->nor.flash.write(&flash->nor, offset, bytes, len);

    busy_for(flash->nor.busy_us - busy_us);
    return done;
}

static bool flash_erase(void *ctx, uint32_t offset, uint32_t len)
{
    struct posix_flash *flash = ctx;
    uint64_t busy_us = flash->nor.busy_us;
    bool done = flash->nor.flash.erase(&flash->nor, offset, len);

    busy_for(flash->nor.busy_us - busy_us);
    return done;
}

/* Written, not mapped, so that a full disk is an error here and no signal later. */
static bool fill_erased(int fd, uint32_t begin, uint32_t end)
{
    uint8_t blank[PIECE];

    memset(blank, 0xFF, sizeof blank);
    while (begin < end) {
        uint32_t left = end - begin;
        ssize_t n = pwrite(fd, blank, left < sizeof blank ? left : sizeof blank, begin);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            begin += (uint32_t)n;
    }
    return true;
}

static bool is_blank(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0xFF)
            return false;
    }
    return true;
}

/* True when the file's first `size` bytes are erased; false also when they cannot be read. */
static bool is_erased(int fd, uint32_t size)
{
    uint8_t bytes[PIECE];

    for (uint32_t at = 0; at < size;) {
        uint32_t left = size - at;
        ssize_t n = pread(fd, bytes, left < sizeof bytes ? left : sizeof bytes, at);
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        if (n > 0 && !is_blank(bytes, (size_t)n))
            return false;
        if (n > 0)
            at += (uint32_t)n;
    }
    return true;
}

/*
 * Make a new file a flash. One that is short and erased as far as it goes is as good as new: its
 * creation was cut short, by the end of the process or by a full disk.
 */
static enum posix_flash_status prepare(int fd, uint32_t size)
{
    struct stat st;

    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? POSIX_FLASH_IN_USE : POSIX_FLASH_SYSTEM;
    if (fstat(fd, &st) != 0)
        return POSIX_FLASH_SYSTEM;
    if (st.st_size == (off_t)size)
        return POSIX_FLASH_OK;
    if (st.st_size > (off_t)size || !is_erased(fd, (uint32_t)st.st_size))
        return POSIX_FLASH_SIZE;
    return fill_erased(fd, (uint32_t)st.st_size, size) ? POSIX_FLASH_OK : POSIX_FLASH_SYSTEM;
}

enum posix_flash_status posix_flash_open(struct posix_flash *flash, const char *path,
                                         const struct ota_flash *geometry)
{
    enum posix_flash_status status;
    void *cells = MAP_FAILED;
    int fd;

    if (!ota_flash_is_sound(geometry))
        return POSIX_FLASH_GEOMETRY;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return POSIX_FLASH_SYSTEM;
    status = prepare(fd, geometry->size);
    if (status == POSIX_FLASH_OK) {
        cells = mmap(NULL, geometry->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (cells == MAP_FAILED)
            status = POSIX_FLASH_SYSTEM;
    }
    if (status != POSIX_FLASH_OK) {
        int saved = errno;
        close(fd);
        errno = saved;
        return status;
    }
    *flash = (struct posix_flash){ .flash = *geometry, .fd = fd };
    nor_flash_init(&flash->nor, geometry, cells, NULL, NULL);
    flash->flash.ctx = flash;
    flash->flash.read = flash_read;
    flash->flash.write = flash_write;
    flash->flash.erase = flash_erase;
    return POSIX_FLASH_OK;
}

void posix_flash_close(struct posix_flash *flash)
{
    msync(flash->nor.cells, flash->flash.size, MS_SYNC);
    munmap(flash->nor.cells, flash->flash.size);
    close(flash->fd);
}

const char *posix_flash_status_text(enum posix_flash_status status)
{
    switch (status) {
    case POSIX_FLASH_OK:
        return "no error";
    case POSIX_FLASH_SYSTEM:
        return strerror(errno);
    case POSIX_FLASH_GEOMETRY:
        return "its geometry contradicts itself";
    case POSIX_FLASH_SIZE:
        return "the file has another size than the flash";
    case POSIX_FLASH_IN_USE:
        return "another process is using it";
    }
    return "unknown error";
}
