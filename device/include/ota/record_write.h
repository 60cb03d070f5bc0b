/*
 * Writing the boot record (ota/record.h): both copies, one after the other, so that at any instant
 * one of them counts.
 */
#ifndef OTA_RECORD_WRITE_H
#define OTA_RECORD_WRITE_H

#include "ota/record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The progress of a write; the fields are its own. */
struct ota_record_writer {
    uint8_t step;
    uint8_t copy;   /* that is being written */
    bool second;    /* the record counts already, in the other copy */
    bool repairing; /* the same, and it has not changed */
    uint32_t at;    /* bytes erased, or marks copied */
};

/* Begin to write `record`, whose fields have been changed, as the new record. */
void ota_record_write_begin(struct ota_record_writer *writer, const struct ota_record *record);

/*
 * Do the next operation of a write; OTA_OK with `*done` when it is over. The new record counts,
 * without marks, from the commit mark of its first copy on. On an error before that the write is
 * over and the old record counts, with one copy; when it was programming or reading that very mark
 * that failed, the next start may find the new one nevertheless. A second copy that cannot be
 * written is no error: the record counts, and `record->copies` shows it.
 *   OTA_ERROR_ERASE, _WRITE (also: something else was read back), _READ
 * At most one operation of flash per call, but for reading back a commit mark, twice if need be.
 */
enum ota_error ota_record_write_step(struct ota_record *record, struct ota_record_writer *writer,
                                     bool *done);

/* All operations of a write, one after the other; errors as above. */
enum ota_error ota_record_write(struct ota_record *record);

/*
 * Write the copy that does not hold the record, marks included, from the one that does. Only with
 * exactly one bit set in `copies`. Also when it fails, the remaining copy is firm, if it can be
 * programmed. Errors as above.
 */
enum ota_error ota_record_repair(struct ota_record *record);

#ifdef __cplusplus
}
#endif

#endif
