/*
 * The bytes of a boot record (device/SPEC.md), and its marks in flash.
 */
#ifndef OTA_RECORD_BYTES_H
#define OTA_RECORD_BYTES_H

#include "ota/flash.h"
#include "ota/layout.h"
#include "ota/record.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes of a body without padding. */
#define OTA_RECORD_SIZE 88

/* Bytes of a mark that are looked at. */
#define OTA_MARK_BYTES 4

/* Bytes that a body takes: rounded up to marks. */
uint32_t ota_record_body_size(const struct ota_flash *flash);

/* Bytes that a mark takes: a write unit, and no less than OTA_MARK_BYTES. */
uint32_t ota_mark_size(const struct ota_flash *flash);

/* Offset of a mark from the start of its copy. */
uint32_t ota_mark_offset(const struct ota_flash *flash, uint32_t mark);

/* The bits that are 0 at a mark's start in one copy, 0 or 1; negative when flash failed to read. */
int ota_mark_zeros(const struct ota_record *record, unsigned copy, uint32_t mark);

/* A mark with so many of them is set: half. */
#define OTA_MARK_SET (4 * OTA_MARK_BYTES)

/* The bytes of a record, but with this sequence number. */
void ota_record_encode(uint8_t out[OTA_RECORD_SIZE], const struct ota_record *record,
                       uint32_t sequence);

/* False when the bytes are no record; `out` is then in no known state. Sets what is stored. */
bool ota_record_decode(struct ota_record *out, uint8_t in[OTA_RECORD_SIZE]);

/* Read a body. False when flash failed to. */
bool ota_body_read(const struct ota_record *record, unsigned copy, uint8_t out[OTA_RECORD_SIZE]);

/*
 * Program a copy's body, padded with 0xFF; or, when that is NULL, a mark to zeros, be it again.
 * OTA_ERROR_WRITE when flash failed to.
 */
enum ota_error ota_record_program(const struct ota_record *record, unsigned copy, uint32_t mark,
                                  const uint8_t *body);

/* True when all bytes are as after an erase. */
bool ota_record_is_blank(const uint8_t in[OTA_RECORD_SIZE]);

#endif
