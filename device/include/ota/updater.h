/*
 * The updater: writes one image to flash and makes it count. It is the `Update` class of the
 * Arduino cores as a C interface, with the same order of calls, error numbers and texts:
 *
 *     ota_updater_init(&updater, &config);
 *     ota_updater_begin(&updater, size, OTA_SKETCH);
 *     ota_updater_expect_md5(&updater, md5);
 *     ota_updater_write(&updater, bytes, len);       as often as it takes
 *     ota_updater_end(&updater, false);
 *
 * These block while flash works. Where the network must be served meanwhile there is a second form
 * with the same outcome: ota_updater_offer() takes what the buffer holds, ota_updater_poll() does
 * at most one operation of flash, ota_updater_finish() asks for the end and poll() carries it out.
 *
 * What is kept of an image is what flash reads back: every buffer is read back, compared, and
 * digested. Sketches and file systems alike are staged in the slot that is not active; the record
 * that makes them count is written last, after the digest is known to be right. What they are
 * for, the bootloader does at the next start (ota/boot.h): it tries the sketch, or moves the file
 * system to its area. Until then no other update is begun, nor while a sketch is on trial.
 *
 * Flash is not worked on without need: what it holds already is neither erased nor programmed, what
 * is blank is not erased, and what is erased is erased in blocks. That is believed of the slot's
 * clean bytes only (ota/record.h): elsewhere a power cut may have left bits that merely look right.
 */
#ifndef OTA_UPDATER_H
#define OTA_UPDATER_H

#include "common/digest.h"
#include "common/image.h"
#include "ota/clock.h"
#include "ota/error.h"
#include "ota/flash.h"
#include "ota/layout.h"
#include "ota/record.h"
#include "ota/record_write.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An image, and where it lies. */
struct ota_stored {
    uint32_t offset; /* bytes from the start of flash */
    uint32_t size;
    uint8_t md5[DIGEST_MD5_SIZE];
};

/* What an image is for; the numbers are those of the invitation, and stock U_FLASH and U_FS. */
enum ota_target {
    OTA_SKETCH = 0,
    OTA_FILESYSTEM = 100,
};

/* Called as an update goes on, from inside the updater's functions. Each may be NULL. */
struct ota_updater_events {
    void *ctx;                                                  /* handed on unchanged */
    void (*start)(void *ctx);                                   /* begin() was accepted */
    void (*progress)(void *ctx, uint32_t done, uint32_t total); /* bytes verified in flash */
    void (*end)(void *ctx);                                     /* the new image counts */
    void (*error)(void *ctx, enum ota_error error);             /* begin() or the update failed */
};

struct ota_updater_config {
    const struct ota_flash *flash;
    const struct ota_layout *layout; /* the one that the bootloader is built with */
    /*
     * Working memory, used while an update runs: usually one erase unit. With a size that is no
     * multiple of that, flash that holds the same already is written all the same.
     * A multiple of the flash's write_size, at least OTA_BUFFER_MIN bytes; needs no alignment.
     */
    uint8_t *buffer;
    uint32_t buffer_size;
    enum image_kind family; /* IMAGE_ESP8266 or IMAGE_ESP32: sketches for others are refused */
    uint16_t chip_id;       /* ESP32 family: the chip, as in the image's header */
    struct ota_updater_events events;
};

/* Bytes of the smallest buffer: an image's header must be seen before anything is erased. */
#define OTA_BUFFER_MIN IMAGE_HEADER_SIZE

/* Bytes that one operation reads back; they lie on the stack. */
#define OTA_READ_PIECE 256

/* What the updater is about to do. */
enum ota_updater_phase {
    OTA_UPDATER_IDLE,
    OTA_UPDATER_FILL,      /* waits for bytes; meanwhile it may erase ahead */
    OTA_UPDATER_EXAMINE,   /* the image seems to be the running sketch: is that whole? */
    OTA_UPDATER_TAKE,      /* it is: the buffer is only digested */
    OTA_UPDATER_COMPARE,   /* the buffer is full: does flash hold the same already? */
    OTA_UPDATER_MARK,      /* it does not: the slot is marked as being written */
    OTA_UPDATER_ERASE,     /* the buffer's place is not erased yet, or not known to be blank */
    OTA_UPDATER_PROGRAM,   /* its place is erased */
    OTA_UPDATER_READ_BACK, /* it is programmed, and being compared */
    OTA_UPDATER_SEGMENTS,  /* the digest is right: are the sketch's segments inside it? */
    OTA_UPDATER_RECORD,    /* the image is whole and right: the record is being written */
};

/* The updater. Lives in the caller's memory; the fields are its own. */
struct ota_updater {
    const struct ota_updater_config *config;
    enum ota_updater_phase phase;
    enum ota_target target;
    enum ota_error error;
    const char *error_text; /* where there is a better one than stock's, else NULL */

    struct ota_stored image; /* the one that is being written; its digest comes last */
    uint32_t written;        /* bytes of it that are in flash and verified */
    uint32_t erased;         /* bytes from its start that are ready for it, or hold it */
    uint32_t fill;           /* bytes in the buffer, all behind `written` */
    uint32_t checked;        /* bytes that were looked at: by phase, of the buffer, the next erase,
                                the running sketch or the image */

    bool header_checked;
    bool finishing;    /* the end was asked for */
    bool has_expected; /* expected_md5 is set */
    bool succeeded;    /* the last update's image counts */
    bool unchanged;    /* the image is the sketch that runs */
    bool differs;      /* flash did not hold all of the image */
    bool stained;      /* what is erased next is not blank */
    uint8_t segments;  /* of the sketch, that were not looked at */
    uint8_t mark_step; /* of setting a mark */

    /* What is known of the slot, for as long as the record is the same. */
    bool known;
    bool marked;       /* the slot is marked as being written, firmly */
    uint32_t sequence; /* of that record */
    uint32_t clean;    /* bytes from where an image begins, that can be believed */

    uint8_t expected_md5[DIGEST_MD5_SIZE];
    struct digest digest;     /* of what flash holds */
    struct ota_record record; /* as in flash when the update began; changed at its end */
    struct ota_record_writer writer;
};

/*
 * Make the updater ready; nothing is running then. `config` and what it points to stay the caller's
 * and must outlive the updater.
 */
void ota_updater_init(struct ota_updater *updater, const struct ota_updater_config *config);

/*
 * Begin an update of `size` bytes. Reads the record, changes nothing in flash. Returns OTA_OK, or
 * what is wrong, looked for in this order:
 *   OTA_ERROR_RUNNING          an update is running; it is not disturbed, and error() stays its own
 *   OTA_ERROR_UNKNOWN_COMMAND  `target` is none of the enum
 *   OTA_ERROR_SIZE             `size` is 0
 *   OTA_ERROR_FLASH_CONFIG     the layout is not sound, or does not fit the flash
 *   OTA_ERROR_OOM              the buffer is not as demanded
 *   OTA_ERROR_READ             the record could not be read
 *   OTA_ERROR_FLASH_CONFIG     both copies of the record are damaged
 *   OTA_ERROR_BOOTSTRAP        the bootloader has something to do: the device must restart first;
 *                              or the running sketch is on trial: it must be confirmed first
 *   OTA_ERROR_SPACE            larger than a sketch, or a file system, can be
 */
enum ota_error ota_updater_begin(struct ota_updater *updater, uint64_t size,
                                 enum ota_target target);

/*
 * Say which MD5 the image must have; without it any content is taken. Between begin() and the end;
 * ignored when none is running. Stock: setMD5(), which takes hexadecimal text (common/hex.h).
 * Said before the first buffer is full, it tells that the image is the sketch that runs already, if
 * that has this size and digest on record and in flash: then nothing is written at all, and only
 * this image is taken.
 */
void ota_updater_expect_md5(struct ota_updater *updater, const uint8_t md5[DIGEST_MD5_SIZE]);

/*
 * Take bytes into the buffer; returns how many, 0 to `len`: none while the buffer is being written
 * (poll() then), when the image has all its bytes, or when no update is running.
 * A sketch is examined as soon as its header is there, before anything is erased; the update ends
 *   OTA_ERROR_MAGIC_BYTE        it does not begin with 0xE9, is compressed, or is for another chip
 *   OTA_ERROR_NEW_FLASH_CONFIG  ESP8266: its header names a larger flash than there is
 */
size_t ota_updater_offer(struct ota_updater *updater, const void *bytes, size_t len);

/*
 * Do at most one operation of flash: erase one unit or block, program the buffer, read up to
 * OTA_READ_PIECE bytes, or a step of writing the record or its mark. True when there is more to do
 * at once, false when the updater waits for bytes or for finish(), or is idle. Once something of
 * the image had to be written, it also erases while it waits for bytes: inside the image, and
 * at most one block further than what was received. The update ends with
 *   OTA_ERROR_ERASE, _WRITE, _READ  the operation failed, or something else was read back (_WRITE)
 *   OTA_ERROR_MD5                   after finish(): the digest is not the one expected
 *   OTA_ERROR_MAGIC_BYTE            after finish(): a sketch is shorter than its segments
 */
bool ota_updater_poll(struct ota_updater *updater);

/*
 * Ask for the end: from here on poll() completes the writing, checks the digest, writes the record
 * and then is idle. Returns OTA_OK when that is under way, or over, else the reason why not:
 *   OTA_ERROR_NO_DATA  not one byte was given, or no update was begun
 *   OTA_ERROR_STREAM   bytes are missing, and `even_if_remaining` is false
 *   another            the update had failed already, with this error
 * With `even_if_remaining` the image ends with the bytes there are (stock: end(true), for when
 * the size was not known at the beginning).
 */
enum ota_error ota_updater_finish(struct ota_updater *updater, bool even_if_remaining);

/*
 * Write bytes; blocks while flash works. Returns `len`, or 0 when the update has failed or none is
 * running: error() tells. More bytes than the image has left are OTA_ERROR_SPACE, as in stock.
 */
size_t ota_updater_write(struct ota_updater *updater, const void *bytes, size_t len);

/* Where write_stream() gets its bytes. */
struct ota_stream {
    void *ctx; /* handed to the function unchanged */

    /*
     * Read up to `len` bytes without waiting for them. Returns how many, 0 when there are none
     * yet, negative when there never will be any.
     */
    int32_t (*read)(void *ctx, void *out, size_t len);
};

/* The time write_stream() waits when it is told 0, as stock. */
#define OTA_STREAM_TIMEOUT_MS 60000

/*
 * Write all that is left of the image from a stream; blocks. Returns the bytes that were read. When
 * no byte comes for `timeout_ms` (0: OTA_STREAM_TIMEOUT_MS), or never will, the update ends with
 * OTA_ERROR_STREAM; other errors as offer() and poll().
 */
uint32_t ota_updater_write_stream(struct ota_updater *updater, const struct ota_stream *stream,
                                  const struct ota_clock *clock, uint32_t timeout_ms);

/*
 * finish(), then poll() until the update is over. OTA_OK: the image counts; a sketch runs, on
 * trial, after the next start, and a file system is in its area then. Else the error, and what
 * counted before still does.
 */
enum ota_error ota_updater_end(struct ota_updater *updater, bool even_if_remaining);

/*
 * Give the update up; what counted before still does. `error` becomes its error; OTA_OK when it
 * was merely not wanted any more: "ERROR[0]: Aborted". Does nothing when none is running.
 */
void ota_updater_abort(struct ota_updater *updater, enum ota_error error);

/* True when poll() has something to do at once. */
bool ota_updater_is_busy(const struct ota_updater *updater);

/* True from an accepted begin() until the update has ended, well or not. */
bool ota_updater_is_running(const struct ota_updater *updater);

/* True while an update is running and every byte of it has been given. */
bool ota_updater_is_complete(const struct ota_updater *updater);

/* True while an update is running and every byte of it is verified in flash (stock isFinished). */
bool ota_updater_is_finished(const struct ota_updater *updater);

/* Bytes of the current or last update that are verified in flash. */
uint32_t ota_updater_progress(const struct ota_updater *updater);

/* Bytes of the current or last update. */
uint32_t ota_updater_size(const struct ota_updater *updater);

/* True when the last update has ended well: its image counts. */
bool ota_updater_has_succeeded(const struct ota_updater *updater);

/* True when the image is the sketch that runs already, as far as one can tell: see expect_md5(). */
bool ota_updater_is_unchanged(const struct ota_updater *updater);

/* The image that the last update staged, or found running; meaningless unless it has succeeded. */
const struct ota_stored *ota_updater_stored(const struct ota_updater *updater);

/* The error of the last update or begin(); OTA_OK while all is well. */
enum ota_error ota_updater_error(const struct ota_updater *updater);

/* Write "ERROR[n]: text" of error(), as stock printError(); length as from ota_error_line(). */
size_t ota_updater_error_line(const struct ota_updater *updater, char *out, size_t size);

#ifdef __cplusplus
}
#endif

#endif
