#include "device_layout.h"

/* Flash of fewer blocks is divided into erase units: whole blocks would waste too much of it. */
#define BLOCKS_MIN 6

bool device_layout_arrange(struct ota_layout *out, const struct ota_flash *flash,
                           enum ota_handover handover)
{
    bool in_blocks = flash->size / flash->block_size >= BLOCKS_MIN;
    uint32_t unit = in_blocks ? flash->block_size : flash->erase_size;
    uint32_t records = in_blocks ? flash->block_size : 2 * flash->erase_size;
    uint32_t taken = records + unit;

    if (flash->size <= taken ||
        !ota_layout_arrange(out, flash, 0, (flash->size - taken) / 3 / unit * unit, unit))
        return false;
    if (handover == OTA_SELECT) {
        out->handover = OTA_SELECT;
        out->slot[1].size -= out->spare_size;
        out->spare_size = 0;
    }
    return true;
}
