#include "sketch_check.h"

#include "common/bytes.h"
#include "common/image_header.h"

#define SEGMENT_HEADER 8

_Static_assert(SEGMENT_HEADER == IMAGE_ESP8266_HEADER, "both are read alike");

enum ota_error ota_sketch_check(const struct ota_updater_config *config, const uint8_t *header,
                                size_t len, const char **text)
{
    uint16_t chip_id = 0;
    uint64_t flash_size = 0;
    enum image_kind kind = image_identify(header, len, &chip_id, &flash_size);

    /* A bootloader that inflates is not part of libota: such a sketch would never run. */
    if (kind == IMAGE_GZIP) {
        *text = "Compressed image";
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

enum ota_error ota_sketch_check_segments(struct ota_updater *u, bool *done, const char **text)
{
    const struct ota_flash *flash = u->config->flash;
    uint8_t header[SEGMENT_HEADER];
    uint32_t left = u->image.size - u->checked;
    uint32_t taken = sizeof header;

    *text = "Image is cut short";
    if (left < sizeof header)
        return OTA_ERROR_MAGIC_BYTE;
    if (!flash->read(flash->ctx, u->image.offset + u->checked, header, sizeof header))
        return OTA_ERROR_READ;
    if (u->checked == 0) {
        u->segments = header[1];
        taken = u->config->family == IMAGE_ESP32 ? IMAGE_ESP32_HEADER : IMAGE_ESP8266_HEADER;
    } else {
        uint32_t length = bytes_u32(header + 4);
        if (length > left - sizeof header)
            return OTA_ERROR_MAGIC_BYTE;
        taken += length;
        u->segments--;
    }
    u->checked += taken;
    *done = u->segments == 0;
    return OTA_OK;
}
