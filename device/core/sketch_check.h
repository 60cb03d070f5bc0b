/*
 * The checks of a sketch: of its first bytes, before anything is erased for it, and of its
 * segments, before it counts.
 */
#ifndef OTA_SKETCH_CHECK_H
#define OTA_SKETCH_CHECK_H

#include "ota/error.h"
#include "ota/updater.h"

/*
 * Judge a sketch by its first bytes, of which IMAGE_HEADER_SIZE suffice. OTA_OK, or the error, and
 * in `text` a more exact text than stock's where there is one (else unchanged).
 */
enum ota_error ota_sketch_check(const struct ota_updater_config *config, const uint8_t *header,
                                size_t len, const char **text);

/*
 * Judge a sketch in flash by its segments, which must not reach beyond its end: one read per call,
 * the first one with `checked` 0. `*done` when all is well. Errors as above, or OTA_ERROR_READ.
 */
enum ota_error ota_sketch_check_segments(struct ota_updater *u, bool *done, const char **text);

#endif
