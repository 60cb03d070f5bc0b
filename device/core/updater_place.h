/*
 * Where an image goes, and whether one may be written at all: what flash says when an update
 * begins.
 */
#ifndef OTA_UPDATER_PLACE_H
#define OTA_UPDATER_PLACE_H

#include "ota/updater.h"

/*
 * Look for a place for `size` bytes, not 0, for the updater's target: read the record, and learn
 * what there is to know of the slot. OTA_OK, or what is wrong, in begin()'s order, and in `text` a
 * more exact text than stock's where there is one (else unchanged).
 */
enum ota_error ota_updater_find_place(struct ota_updater *u, uint64_t size, const char **text);

/* The updater has succeeded: change the record that it read to say so. */
void ota_updater_amend_record(struct ota_updater *u);

#endif
