#include "ota/flash.h"

bool ota_flash_is_sound(const struct ota_flash *flash)
{
    uint32_t write = flash->write_size;
    uint32_t erase = flash->erase_size;

    return write > 0 && write <= OTA_WRITE_SIZE_MAX && (write & (write - 1)) == 0 &&
           erase >= OTA_ERASE_SIZE_MIN && erase % write == 0 && flash->block_size > 0 &&
           flash->block_size % erase == 0 && flash->size > 0 && flash->size % erase == 0;
}
