/*
 * The application's side of starting: how the running sketch stands, and what shall become of it.
 * Not to be called while an update is running. The bootloader's side is in ota/boot.h.
 */
#ifndef OTA_BOOT_STATE_H
#define OTA_BOOT_STATE_H

#include "common/digest.h"
#include "ota/error.h"
#include "ota/flash.h"
#include "ota/layout.h"
#include "ota/record.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum ota_boot_status {
    OTA_BOOT_CONFIRMED, /* the running sketch stays */
    OTA_BOOT_ON_TRIAL,  /* ota_boot_confirm() is expected */
    OTA_BOOT_STAGED,    /* a restart carries out an update or a rollback */
    OTA_BOOT_UNKNOWN,   /* nothing on record, or the record is damaged or unreadable */
};

struct ota_boot_info {
    enum ota_boot_status status;
    unsigned slot;          /* of the running sketch */
    uint32_t offset;        /* where it begins */
    struct ota_image image; /* the running sketch; size 0: not on record */
    bool has_previous;      /* there is a sketch to go back to */
};

/* Tell what runs and how it stands; reads flash only. */
void ota_boot_state(const struct ota_flash *flash, const struct ota_layout *layout,
                    struct ota_boot_info *out);

/*
 * The running sketch works: keep it. OTA_OK also when it is confirmed already; nothing is written
 * then. Else writes the record; on an error the trial goes on, unless all of the new record has got
 * to flash in spite of it.
 *   OTA_ERROR_FLASH_CONFIG  the layout does not fit, or there is no valid record
 *   OTA_ERROR_BOOTSTRAP     a rollback was asked for, or an update waits for the restart
 *   OTA_ERROR_READ, OTA_ERROR_ERASE, OTA_ERROR_WRITE
 */
enum ota_error ota_boot_confirm(const struct ota_flash *flash, const struct ota_layout *layout);

/*
 * Go back to the sketch before, at the next restart: give up a trial, or undo a confirmed update.
 * To ask again for a trial's end makes it certain, should a power cut have come in between.
 *   OTA_ERROR_NO_DATA       there is none: it was overwritten, or never was
 * and the errors of ota_boot_confirm().
 */
enum ota_error ota_boot_rollback(const struct ota_flash *flash, const struct ota_layout *layout);

/*
 * The sketch that did not get to stay: given up by the bootloader, since its trial ended without
 * ota_boot_confirm(), or dropped before, since it was not whole. True with its MD5 in `md5`: who
 * asks a server for images would get it again, and again (`given_up_md5` in ota/puller.h). Known
 * from the start that gave it up until another image is on record. False, with `md5` untouched,
 * when there is none, or nothing is known. Reads flash only.
 */
bool ota_boot_given_up(const struct ota_flash *flash, const struct ota_layout *layout,
                       uint8_t md5[DIGEST_MD5_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
