#include "ota/layout.h"

#define RECORD_COPIES 2u

static bool is_multiple(uint32_t number, uint32_t unit)
{
    return number % unit == 0;
}

static uint64_t round_up(uint64_t size, uint32_t unit)
{
    return (size + unit - 1) / unit * unit;
}

uint64_t ota_layout_size(const struct ota_layout *layout, const struct ota_flash *flash)
{
    return (uint64_t)layout->sketch_size + layout->filesystem_size +
           (uint64_t)RECORD_COPIES * flash->erase_size;
}

bool ota_layout_fits(const struct ota_layout *layout, const struct ota_flash *flash)
{
    return ota_flash_is_sound(flash) && layout->sketch_size > 0 &&
           is_multiple(layout->sketch_size, flash->erase_size) &&
           is_multiple(layout->filesystem_size, flash->erase_size) &&
           ota_layout_size(layout, flash) <= flash->size;
}

uint32_t ota_layout_record(const struct ota_flash *flash, unsigned copy)
{
    return flash->size - (RECORD_COPIES - copy) * flash->erase_size;
}

bool ota_layout_holds_sketch(const struct ota_layout *layout, const struct ota_flash *flash,
                             const struct ota_stored *sketch)
{
    if (sketch->size == 0)
        return true;
    return is_multiple(sketch->offset, flash->erase_size) &&
           (uint64_t)sketch->offset + sketch->size <= layout->sketch_size;
}

bool ota_layout_place_sketch(const struct ota_layout *layout, const struct ota_flash *flash,
                             const struct ota_stored *running, uint64_t size, uint32_t *offset)
{
    if (size > layout->sketch_size)
        return false;
    uint64_t needed = round_up(size, flash->erase_size);

    if (running->size == 0) {
        *offset = 0;
        return true;
    }
    if (running->offset > 0) {
        *offset = 0;
        return needed <= running->offset;
    }
    *offset = layout->sketch_size - (uint32_t)needed;
    return round_up(running->size, flash->erase_size) <= *offset;
}

bool ota_layout_place_filesystem(const struct ota_layout *layout, uint64_t size, uint32_t *offset)
{
    *offset = layout->sketch_size;
    return size <= layout->filesystem_size;
}
