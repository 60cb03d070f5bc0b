/*
 * Where things are in flash: bootloader, two copies of the boot record, two slots, file system
 * (device/SPEC.md). The device's firmware and its bootloader are built with the same layout; it is
 * not stored.
 */
#ifndef OTA_LAYOUT_H
#define OTA_LAYOUT_H

#include "ota/flash.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a new sketch comes to run. */
enum ota_handover {
    OTA_SELECT,   /* either slot can run: the bootloader picks one */
    OTA_EXCHANGE, /* only slot 0 can run: the bootloader exchanges what the slots hold */
};

/* A part of flash. */
struct ota_area {
    uint32_t offset; /* bytes from the start of flash; a multiple of the erase size */
    uint32_t size;   /* bytes; likewise; 0: there is none, and the offset means nothing */
};

struct ota_layout {
    enum ota_handover handover;
    union {
        struct {
            struct ota_area bootloader; /* never touched; none when it lies in other memory */
            struct ota_area record[2];  /* its copies: ota_layout_record_size() or more */
            struct ota_area slot[2];    /* OTA_EXCHANGE: slot 1 is larger by the spare, or more */
            struct ota_area filesystem; /* may be none */
        };
        struct ota_area area[6]; /* the same, to go through them */
    };
    /*
     * OTA_EXCHANGE: bytes that are moved at a time, an erase unit or several. Large ones are
     * erased faster where the flash has blocks, and need fewer marks in the record. OTA_SELECT: 0.
     */
    uint32_t spare_size;
};

/* What can be wrong with a layout, in the order in which it is looked for. */
enum ota_layout_fault {
    OTA_LAYOUT_SOUND,
    OTA_LAYOUT_FLASH,     /* the flash's geometry contradicts itself (ota/flash.h) */
    OTA_LAYOUT_ALIGNMENT, /* an area or the spare is no multiple of the erase size */
    OTA_LAYOUT_OUTSIDE,   /* the flash is smaller than the layout says */
    OTA_LAYOUT_OVERLAP,   /* two areas overlap */
    OTA_LAYOUT_SLOT,      /* a slot is missing, or slot 1 has no room for the spare */
    OTA_LAYOUT_RECORD,    /* a record area is too small */
};

enum ota_layout_fault ota_layout_check(const struct ota_layout *layout,
                                       const struct ota_flash *flash);

/* A clause for people: "two areas overlap". The string is constant. */
const char *ota_layout_fault_text(enum ota_layout_fault fault);

/* The end of the layout's last area: the bytes of flash that it takes. */
uint64_t ota_layout_size(const struct ota_layout *layout);

/*
 * Bytes that each copy of the record takes with this flash, slots and spare, in whole units;
 * UINT32_MAX when they are more than 2 GiB.
 */
uint32_t ota_layout_record_size(const struct ota_layout *layout, const struct ota_flash *flash);

/* OTA_EXCHANGE: pieces of spare_size bytes, the last one rounded up, that `size` bytes make. */
uint32_t ota_layout_chunks(const struct ota_layout *layout, uint32_t size);

/*
 * Where a new image is put in `slot`: the slot's start; with OTA_EXCHANGE, where it is slot 1, one
 * spare behind it, so that the exchange has room to begin with.
 */
uint32_t ota_layout_staging(const struct ota_layout *layout, unsigned slot);

/* Bytes of the largest sketch for `slot`: one that fits there and, exchanged, in slot 0. */
uint32_t ota_layout_sketch_max(const struct ota_layout *layout, unsigned slot);

/* Bytes of the largest file system image that can be staged in `slot` and moved to its area. */
uint32_t ota_layout_filesystem_max(const struct ota_layout *layout, unsigned slot);

/*
 * The usual order: bootloader, records, slots, file system, without gaps but for the slots and the
 * file system, which begin at blocks when they are large enough for that to be worth it. `spare`
 * is the spare's size, 0 for OTA_SELECT; the slots get what the others leave. False when nothing
 * is left for them, or when the numbers are no multiples of the erase size.
 */
bool ota_layout_arrange(struct ota_layout *out, const struct ota_flash *flash,
                        uint32_t bootloader_size, uint32_t filesystem_size, uint32_t spare);

#ifdef __cplusplus
}
#endif

#endif
