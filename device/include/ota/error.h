/*
 * Error numbers and texts, as the `Update` class of the ESP8266 Arduino core numbers and words
 * them. Uploaders, IDEs and people's searches know both, so neither may change.
 */
#ifndef OTA_ERROR_H
#define OTA_ERROR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum ota_error {
    OTA_OK = 0,
    OTA_ERROR_WRITE = 1,            /* a program failed, or flash reads back something else */
    OTA_ERROR_ERASE = 2,            /* an erase failed */
    OTA_ERROR_READ = 3,             /* a read failed */
    OTA_ERROR_SPACE = 4,            /* the image does not fit, or more was written than announced */
    OTA_ERROR_SIZE = 5,             /* an image of no bytes was announced */
    OTA_ERROR_STREAM = 6,           /* the source stopped before the image was whole */
    OTA_ERROR_MD5 = 7,              /* what flash holds has another MD5 than announced */
    OTA_ERROR_FLASH_CONFIG = 8,     /* the layout does not fit the flash, or its records are bad */
    OTA_ERROR_NEW_FLASH_CONFIG = 9, /* the image is configured for a larger flash */
    OTA_ERROR_MAGIC_BYTE = 10,      /* not a sketch, or not one that runs on this chip */
    OTA_ERROR_BOOTSTRAP = 11,       /* an update waits for the restart that puts it to use */
    OTA_ERROR_SIGNATURE = 12,       /* reserved: nothing reports it yet */
    OTA_ERROR_NO_DATA = 13,         /* the end was asked for before the first byte */
    OTA_ERROR_OOM = 14,             /* no buffer, or one of an unusable size */
    OTA_ERROR_RUNNING = 15,         /* an update is already running */
    OTA_ERROR_UNKNOWN_COMMAND = 16, /* the target is neither sketch nor file system */
};

/* Characters, with NUL, of the longest error line: number 7 with its two digests and "\r\n". */
#define OTA_ERROR_LINE_MAX 128

/*
 * The stock text of an error, without figures: "Not Enough Space". "No Error" for OTA_OK and
 * "UNKNOWN" for a number outside the list, as stock. The string is constant.
 */
const char *ota_error_text(enum ota_error error);

/*
 * Write the form that travels, "ERROR[n]: text", without a line end; returns its length without
 * NUL. `text` may be NULL for the stock text. What exceeds `size` (NUL included) is cut.
 */
size_t ota_error_line(enum ota_error error, const char *text, char *out, size_t size);

#ifdef __cplusplus
}
#endif

#endif
