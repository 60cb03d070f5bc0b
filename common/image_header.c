#include "common/image_header.h"

#include "common/bytes.h"

static uint64_t esp8266_flash_size(unsigned code)
{
    static const uint16_t kib[16] = { 512, 256, 1024, 2048, 4096, 0, 0, 0, 8192, 16384 };

    return (uint64_t)kib[code & 0x0F] << 10;
}

static uint64_t esp32_flash_size(unsigned code)
{
    return code < 8 ? (uint64_t)1 << 20 << code : 0;
}

bool image_esp8266_is_entry(uint32_t entry)
{
    return entry >> 16 == 0x4010;
}

bool image_esp_is_header(const uint8_t *header)
{
    return header[0] == IMAGE_ESP_MAGIC && header[1] >= 1 && header[1] <= IMAGE_SEGMENTS_MAX;
}

enum image_kind image_esp_parse(struct image_esp_header *out, const uint8_t *header, size_t len)
{
    if (len < IMAGE_ESP8266_HEADER || !image_esp_is_header(header))
        return IMAGE_UNKNOWN;
    out->segments = header[1];
    out->flash_mode = header[2];
    out->entry = bytes_u32(header + 4);
    if (image_esp8266_is_entry(out->entry)) {
        out->flash_size = esp8266_flash_size(header[3] >> 4);
        out->chip_id = 0;
        out->hash_appended = false;
        return IMAGE_ESP8266;
    }
    /* Any chip id will do, for there will be new ones; the last byte is a flag in all of them. */
    if (len < IMAGE_ESP32_HEADER || header[23] > 1)
        return IMAGE_UNKNOWN;
    out->flash_size = esp32_flash_size(header[3] >> 4);
    out->chip_id = bytes_u16(header + 12);
    out->hash_appended = header[23] == 1;
    return IMAGE_ESP32;
}

bool image_is_gzip(const uint8_t *header, size_t len)
{
    return len >= 2 && header[0] == 0x1F && header[1] == 0x8B;
}

enum image_kind image_identify(const uint8_t *header, size_t len, uint16_t *chip_id,
                               uint64_t *flash_size)
{
    struct image_esp_header esp;
    enum image_kind kind = image_esp_parse(&esp, header, len);

    if (chip_id)
        *chip_id = kind == IMAGE_UNKNOWN ? 0 : esp.chip_id;
    if (flash_size)
        *flash_size = kind == IMAGE_UNKNOWN ? 0 : esp.flash_size;
    return kind == IMAGE_UNKNOWN && image_is_gzip(header, len) ? IMAGE_GZIP : kind;
}
