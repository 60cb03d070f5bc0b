/*
 * The boot record: what flash says about itself. It names the images in the slots, which of them
 * runs, and what the bootloader has to do; device/SPEC.md has its bytes.
 *
 * Two copies with the same content lie in sectors of their own, so that either may be lost. Each is
 * a body, which is written once, and marks behind it: write units that are programmed to zeros,
 * one by one, as things come to pass. A copy counts once its first mark, the commit mark, has been
 * begun: its body is complete by then.
 *
 * A power cut may leave what was being programmed so that it reads differently each time. So what
 * was read after a start is made firm before anything is done that relies on it:
 * - of the copies, one is not erased before the other's commit mark has been programmed again;
 * - a mark is programmed again before what it permits is done.
 * Zeros over zeros change nothing, and zeros over a half-programmed unit leave no cell in between.
 */
#ifndef OTA_RECORD_H
#define OTA_RECORD_H

#include "common/digest.h"
#include "ota/error.h"
#include "ota/flash.h"
#include "ota/layout.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An image in a slot or area that is known from elsewhere. */
struct ota_image {
    uint32_t size;                /* bytes; 0: there is none, */
    uint8_t md5[DIGEST_MD5_SIZE]; /* and this is that of what was there, or zeros */
};

/* What the bootloader has to do. */
enum ota_pending {
    OTA_PENDING_NONE,       /* nothing: the active slot's sketch is confirmed */
    OTA_PENDING_SKETCH,     /* hand over to the other slot's sketch, and try it out */
    OTA_PENDING_FILESYSTEM, /* move the other slot's file system image to its area */
    OTA_PENDING_ROLLBACK,   /* go back to the other slot's sketch, which has run before */
};

struct ota_record {
    uint32_t sequence; /* of the copies that count; wraps */
    uint8_t active;    /* the slot, 0 or 1, of the confirmed sketch; OTA_EXCHANGE: always 0 */
    uint8_t pending;   /* enum ota_pending */
    /*
     * slot[active] is the confirmed sketch, once it is on record. The other one is, by `pending`:
     * the sketch that ran before it (NONE, ROLLBACK), the staged sketch, or the staged file system.
     */
    struct ota_image slot[2];
    struct ota_image filesystem; /* the one in its area: uploaded last; its content may change */
    /*
     * Bytes from the slot's start of which no erase or program was ever cut short. Sectors behind
     * them are erased before use even if they look blank.
     */
    uint32_t clean[2];

    /* Not stored; set by reading and writing. */
    uint8_t copies; /* bit 0 and 1 for the copies that hold this record */
    uint8_t first;  /* the copy, 0 or 1, that the next write or repair replaces first */
    const struct ota_flash *flash;   /* where it was read from, */
    const struct ota_layout *layout; /* and where to write it: the caller's, outlives the record */
};

enum ota_record_state {
    OTA_RECORD_FOUND,
    OTA_RECORD_EMPTY,      /* nothing was ever recorded: a copy is blank, and none counts */
    OTA_RECORD_DAMAGED,    /* both copies are written, and neither counts; or it contradicts the
                              layout */
    OTA_RECORD_UNREADABLE, /* flash failed to read a copy, and the other one does not count */
};

/* The other slot than the active one. */
unsigned ota_record_other(const struct ota_record *record);

/*
 * Read the record that counts. `out` is always filled in: without images unless FOUND, and in every
 * state but UNREADABLE fit to be changed and written. Four reads of flash, and some more of a
 * commit mark that looks blank.
 */
enum ota_record_state ota_record_read(const struct ota_flash *flash,
                                      const struct ota_layout *layout, struct ota_record *out);

/* Boots that a trial may have, at most: so many marks are reserved for counting them. */
#define OTA_TRIAL_BOOTS_MAX 6

/* Marks, by their place behind the body. All of them are blank in a new record. */
enum ota_mark {
    OTA_MARK_COMMIT,  /* the body is complete; set by writing the record; a bit of it suffices */
    OTA_MARK_WRITING, /* the other slot is being written: what the record says of it is void */
    OTA_MARK_DONE = OTA_MARK_WRITING, /* pending: it is done; the record could not be written */
    OTA_MARK_GIVEN_UP,                /* PENDING_SKETCH: not wanted any more, go back */
    OTA_MARK_BOOT,                    /* the first of OTA_TRIAL_BOOTS_MAX: boots of the trial */
    OTA_MARK_ENDING = OTA_MARK_BOOT + OTA_TRIAL_BOOTS_MAX, /* DONE is being set, and may be torn; */
    OTA_MARK_VOID, /* it was found so, and does not count any more */
    OTA_MARK_STEP, /* steps of the exchange, to the end */
};

/*
 * Look whether a mark is set, in either copy that holds the record: at least half of its first 32
 * bits are 0. False, with `*set` false, when flash failed to read.
 */
bool ota_record_get_mark(const struct ota_record *record, uint32_t mark, bool *set);

/* Set `*count` to the number of marks from `first` on, at most `max`, that are set in a row. */
bool ota_record_count_marks(const struct ota_record *record, uint32_t first, uint32_t max,
                            uint32_t *count);

/*
 * Set a mark, or make one firm that is set, in every copy that holds the record. OTA_OK when it
 * reads as set in at least one of them.
 */
enum ota_error ota_record_set_mark(const struct ota_record *record, uint32_t mark);

/*
 * The same, an operation at a time: `*step` is 0 at first and OTA_MARK_IS_SET at the end. Bits of
 * `*step` are the function's own.
 */
#define OTA_MARK_IS_SET 0xFFu
enum ota_error ota_record_set_mark_step(const struct ota_record *record, uint32_t mark,
                                        uint8_t *step);

#ifdef __cplusplus
}
#endif

#endif
