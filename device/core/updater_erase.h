/*
 * Making room for an image, before its bytes are there or when they are: what is erased, in which
 * pieces, and when.
 */
#ifndef OTA_UPDATER_ERASE_H
#define OTA_UPDATER_ERASE_H

#include "ota/updater.h"

/* `size` bytes in whole erase units. */
uint32_t ota_updater_in_units(const struct ota_updater *u, uint32_t size);

/*
 * Do one operation to have more of the image's place ready: look at a piece of it, or erase. Only
 * while `erased` is less than the image. Errors end the update.
 */
void ota_updater_erase(struct ota_updater *u);

/* True when there is something to erase while the updater waits for bytes. */
bool ota_updater_may_erase_ahead(const struct ota_updater *u);

#endif
