/*
 * The record: the marker in flash that says which images count. device/SPEC.md has its bytes.
 *
 * Two copies lie in sectors of their own. A write replaces the older copy and leaves the newer one
 * alone, so a power cut at any instant leaves the old record or the new one, never none.
 */
#ifndef OTA_RECORD_H
#define OTA_RECORD_H

#include "ota/error.h"
#include "ota/flash.h"
#include "ota/layout.h"

#include <stdint.h>

struct ota_record {
    uint32_t sequence;            /* of the copy that counts; wraps */
    struct ota_stored sketch;     /* the sketch that runs after the next start */
    struct ota_stored filesystem; /* the file system image that was last uploaded */
    unsigned spare;               /* the copy, 0 or 1, that the next write replaces */
};

enum ota_record_state {
    OTA_RECORD_FOUND,
    OTA_RECORD_EMPTY,      /* nothing was ever recorded: a copy is blank, and none is valid */
    OTA_RECORD_DAMAGED,    /* both copies are written, and neither is valid */
    OTA_RECORD_UNREADABLE, /* the flash failed to read */
};

/*
 * Read the record that counts. `out` is always filled in: without images unless FOUND, and in every
 * state fit to be changed and written. Two reads of flash.
 */
enum ota_record_state ota_record_read(const struct ota_flash *flash, struct ota_record *out);

/* The operations of a write, in their order. */
enum ota_record_step {
    OTA_RECORD_ERASE,
    OTA_RECORD_PROGRAM,
    OTA_RECORD_READ_BACK,
    OTA_RECORD_WRITTEN,
};

/*
 * Do the next operation of writing a record that came from ota_record_read(), with its images
 * changed: one operation of flash, then `*step`, first OTA_RECORD_ERASE, moves on. At
 * OTA_RECORD_WRITTEN the new record counts, and `record` may be changed and written again.
 * On OTA_ERROR_ERASE, _WRITE (also when something else was read back) or _READ the write is over;
 * the old record still counts, unless all of the new one is in flash already: then that one does.
 */
enum ota_error ota_record_write_step(const struct ota_flash *flash, struct ota_record *record,
                                     enum ota_record_step *step);

/* All operations of a write, one after the other; errors as above. */
enum ota_error ota_record_write(const struct ota_flash *flash, struct ota_record *record);

#endif
