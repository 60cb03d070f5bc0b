#include "ota/layout.h"

#include "record_bytes.h"

#define AREAS 6

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Where none is, nothing is overlapped. Both lie inside flash: no sum exceeds 32 bits. */
static bool overlap(const struct ota_area *a, const struct ota_area *b)
{
    return a->offset < b->offset + b->size && b->offset < a->offset + a->size && a->size > 0 &&
           b->size > 0;
}

uint64_t ota_layout_size(const struct ota_layout *layout)
{
    uint64_t size = 0;

    for (unsigned i = 0; i < AREAS; i++) {
        const struct ota_area *a = &layout->area[i];
        if (a->size > 0 && (uint64_t)a->offset + a->size > size)
            size = (uint64_t)a->offset + a->size;
    }
    return size;
}

static enum ota_layout_fault check_areas(const struct ota_layout *layout,
                                         const struct ota_flash *flash)
{
    enum ota_layout_fault fault = OTA_LAYOUT_SOUND;

    if (layout->spare_size % flash->erase_size != 0)
        return OTA_LAYOUT_ALIGNMENT;
    for (unsigned i = 0; i < AREAS; i++) {
        const struct ota_area *a = &layout->area[i];
        if (a->size == 0)
            continue;
        if (a->offset % flash->erase_size != 0 || a->size % flash->erase_size != 0)
            return OTA_LAYOUT_ALIGNMENT;
        if (a->size > flash->size || a->offset > flash->size - a->size)
            fault = OTA_LAYOUT_OUTSIDE;
        for (unsigned j = 0; j < i && !fault; j++) {
            if (overlap(a, &layout->area[j]))
                fault = OTA_LAYOUT_OVERLAP;
        }
    }
    return fault;
}

static bool slots_are_sound(const struct ota_layout *layout)
{
    const struct ota_area *slot = layout->slot;

    if (slot[0].size == 0 || slot[1].size == 0)
        return false;
    if (layout->handover == OTA_SELECT)
        return layout->spare_size == 0;
    return layout->handover == OTA_EXCHANGE && layout->spare_size > 0 &&
           slot[1].size > layout->spare_size && slot[1].size - layout->spare_size >= slot[0].size;
}

enum ota_layout_fault ota_layout_check(const struct ota_layout *layout,
                                       const struct ota_flash *flash)
{
    enum ota_layout_fault fault;

    if (!ota_flash_is_sound(flash))
        return OTA_LAYOUT_FLASH;
    fault = check_areas(layout, flash);
    if (fault)
        return fault;
    if (!slots_are_sound(layout))
        return OTA_LAYOUT_SLOT;
    if (smaller(layout->record[0].size, layout->record[1].size) <
        ota_layout_record_size(layout, flash))
        return OTA_LAYOUT_RECORD;
    return OTA_LAYOUT_SOUND;
}

const char *ota_layout_fault_text(enum ota_layout_fault fault)
{
    switch (fault) {
    case OTA_LAYOUT_SOUND:
        return "it is sound";
    case OTA_LAYOUT_FLASH:
        return "the flash's geometry contradicts itself";
    case OTA_LAYOUT_ALIGNMENT:
        return "an area is no multiple of the erase unit";
    case OTA_LAYOUT_OUTSIDE:
        return "the flash is too small";
    case OTA_LAYOUT_OVERLAP:
        return "two areas overlap";
    case OTA_LAYOUT_SLOT:
        return "a slot is missing or too small";
    case OTA_LAYOUT_RECORD:
        return "the boot record does not fit its area";
    }
    return "unknown fault";
}

uint32_t ota_layout_chunks(const struct ota_layout *layout, uint32_t size)
{
    if (layout->spare_size == 0 || size == 0)
        return 0;
    return (size - 1) / layout->spare_size + 1;
}

/* The body, and marks of which each takes a write unit. */
uint32_t ota_layout_record_size(const struct ota_layout *layout, const struct ota_flash *flash)
{
    uint32_t unit = ota_mark_size(flash);
    uint32_t marks = OTA_MARK_STEP + 2 * ota_layout_chunks(layout, layout->slot[0].size);
    uint32_t left;

    if (marks > UINT32_MAX / 2 / unit)
        return UINT32_MAX;
    marks = ota_mark_offset(flash, marks) - 1;
    left = marks % flash->erase_size;
    return marks - left + flash->erase_size;
}

uint32_t ota_layout_staging(const struct ota_layout *layout, unsigned slot)
{
    uint32_t gap = layout->handover == OTA_EXCHANGE && slot == 1 ? layout->spare_size : 0;

    return layout->slot[slot].offset + gap;
}

uint32_t ota_layout_sketch_max(const struct ota_layout *layout, unsigned slot)
{
    return layout->handover == OTA_EXCHANGE ? layout->slot[0].size : layout->slot[slot].size;
}

uint32_t ota_layout_filesystem_max(const struct ota_layout *layout, unsigned slot)
{
    const struct ota_area *area_of_slot = &layout->slot[slot];
    uint32_t gap = ota_layout_staging(layout, slot) - area_of_slot->offset;

    return smaller(layout->filesystem.size, area_of_slot->size - gap);
}

/* --- The usual order -------------------------------------------------------------------------- */

static uint64_t round_up(uint64_t number, uint32_t unit)
{
    return (number + unit - 1) / unit * unit;
}

/* Place everything for the slots' size; returns the end of slot 1. */
static uint64_t place(struct ota_layout *layout, const struct ota_flash *flash, uint32_t slot_size,
                      uint32_t unit)
{
    struct ota_area *slot = layout->slot;
    uint64_t record_size;
    uint64_t at = layout->bootloader.size;

    slot[0].size = slot_size;
    slot[1].size = slot_size + layout->spare_size;
    record_size = ota_layout_record_size(layout, flash);
    for (unsigned i = 0; i < 2; i++, at += record_size)
        layout->record[i] = (struct ota_area){ (uint32_t)at, (uint32_t)record_size };
    at = round_up(at, unit);
    slot[0].offset = (uint32_t)at;
    slot[1].offset = (uint32_t)(at + slot_size);
    return at + 2 * (uint64_t)slot_size + layout->spare_size;
}

/* The largest slots that there is room for, and that begin at multiples of `unit`; or none. */
static void fit_slots(struct ota_layout *layout, const struct ota_flash *flash, uint32_t unit)
{
    uint32_t end = flash->size - layout->filesystem.size;
    uint32_t size;

    if (layout->filesystem.size > 0) {
        end -= end % unit;
        layout->filesystem.offset = end;
    }
    size = end / 2 / unit * unit;
    while (size > 0 && place(layout, flash, size, unit) > end)
        size -= unit;
    layout->slot[0].size = size;
}

bool ota_layout_arrange(struct ota_layout *out, const struct ota_flash *flash,
                        uint32_t bootloader_size, uint32_t filesystem_size, uint32_t spare)
{
    struct ota_layout layout = { .handover = spare > 0 ? OTA_EXCHANGE : OTA_SELECT,
                                 .spare_size = spare,
                                 .bootloader = { 0, bootloader_size },
                                 .filesystem = { 0, filesystem_size } };
    struct ota_layout dense = layout;

    if (!ota_flash_is_sound(flash) ||
        (uint64_t)bootloader_size + filesystem_size + spare >= flash->size)
        return false;
    fit_slots(&dense, flash, flash->erase_size);
    fit_slots(&layout, flash, flash->block_size);
    if (layout.slot[0].size < dense.slot[0].size / 8 * 7)
        layout = dense;
    if (ota_layout_check(&layout, flash) != OTA_LAYOUT_SOUND)
        return false;
    *out = layout;
    return true;
}
