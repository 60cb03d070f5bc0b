#include "sketch_check.h"

#include "common/image.h"

enum ota_error ota_sketch_check(const struct ota_updater_config *config, const uint8_t *header,
                                size_t len, const char **text)
{
    uint16_t chip_id = 0;
    uint64_t flash_size = 0;
    enum image_kind kind = image_identify(header, len, &chip_id, &flash_size);

    /* A bootloader that inflates is not part of libota: such a sketch would never run. */
    if (kind == IMAGE_GZIP) {
        *text = "Compressed images are not supported";
        return OTA_ERROR_MAGIC_BYTE;
    }
    if (len == 0 || header[0] != 0xE9)
        return OTA_ERROR_MAGIC_BYTE;
    if (kind != config->family || (kind == IMAGE_ESP32 && chip_id != config->chip_id)) {
        *text = "Image is for another chip";
        return OTA_ERROR_MAGIC_BYTE;
    }
    if (kind == IMAGE_ESP8266 && flash_size > config->flash->size)
        return OTA_ERROR_NEW_FLASH_CONFIG;
    return OTA_OK;
}
