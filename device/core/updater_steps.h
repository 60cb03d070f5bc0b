/*
 * What the updater does to flash, step by step, and the order of the steps.
 */
#ifndef OTA_UPDATER_STEPS_H
#define OTA_UPDATER_STEPS_H

#include "ota/updater.h"

/* Tell the application of an error. */
void ota_updater_tell_error(const struct ota_updater *u, enum ota_error error);

/*
 * End the update with an error, which is returned, and its text where there is a better one than
 * stock's; with OTA_ERROR_FLASH_CONFIG, a clause to follow stock's. What counted before it still
 * does: the record is written last.
 */
enum ota_error ota_updater_fail(struct ota_updater *u, enum ota_error error, const char *text);

/* The buffer holds a part of the image that goes to flash next. */
void ota_updater_flush(struct ota_updater *u);

/* Every byte is verified and the end was asked for: the digest decides, then the record is next. */
void ota_updater_conclude(struct ota_updater *u);

/*
 * Do the next operation of flash, if there is one to do. This is the order in which an image
 * becomes the one that counts: the slot is marked as being written; each buffer is erased for,
 * programmed, and read back, unless flash holds the same; after the last one ota_updater_conclude()
 * judges the digest of what flash holds; the record comes last.
 */
void ota_updater_step(struct ota_updater *u);

#endif
