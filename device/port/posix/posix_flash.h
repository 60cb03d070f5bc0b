/*
 * Flash in a file, by the rules of nor_flash.h: what breaks one is refused and changes nothing.
 *
 * The file is mapped and shared: what an operation has done survives the end of the process,
 * however it comes. It is locked as long as it is open, so that two devices cannot share one flash.
 */
#ifndef POSIX_FLASH_H
#define POSIX_FLASH_H

#include "device/port/nor/nor_flash.h"
#include "ota/flash.h"

#ifdef __cplusplus
extern "C" {
#endif

struct posix_flash {
    struct ota_flash flash; /* the interface, ready to use between open and close */
    /*
     * The flash on the file's bytes. Set `nor.timing` after open, to nor_timing_typical for
     * instance, and operations take that long in real time; else they are as fast as the file.
     */
    struct nor_flash nor;
    int fd;
};

enum posix_flash_status {
    POSIX_FLASH_OK,
    POSIX_FLASH_SYSTEM,   /* a system call failed: errno tells */
    POSIX_FLASH_GEOMETRY, /* the geometry contradicts itself (ota/flash.h) */
    POSIX_FLASH_SIZE,     /* the file has another size, and it is not for want of 0xFF */
    POSIX_FLASH_IN_USE,   /* another process has it open */
};

/*
 * Open the file, or create it erased, readable and writable by its owner; a file that is short and
 * all 0xFF, as a creation that was cut short leaves it, is completed. Only the numbers of
 * `geometry` count. `flash` must not move while it is open. Unless POSIX_FLASH_OK is returned,
 * there is nothing to close.
 */
enum posix_flash_status posix_flash_open(struct posix_flash *flash, const char *path,
                                         const struct ota_flash *geometry);

/* Write everything to the disk and close. */
void posix_flash_close(struct posix_flash *flash);

/* A clause that explains a status; for POSIX_FLASH_SYSTEM the text of the current errno. */
const char *posix_flash_status_text(enum posix_flash_status status);

#ifdef __cplusplus
}
#endif

#endif
