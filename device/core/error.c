#include "ota/error.h"

#include "common/text.h"

static const char *const texts[] = {
    [OTA_OK] = "No Error",
    [OTA_ERROR_WRITE] = "Flash Write Failed",
    [OTA_ERROR_ERASE] = "Flash Erase Failed",
    [OTA_ERROR_READ] = "Flash Read Failed",
    [OTA_ERROR_SPACE] = "Not Enough Space",
    [OTA_ERROR_SIZE] = "Bad Size Given",
    [OTA_ERROR_STREAM] = "Stream Read Timeout",
    [OTA_ERROR_MD5] = "MD5 verification failed",
    [OTA_ERROR_FLASH_CONFIG] = "Flash config wrong",
    [OTA_ERROR_NEW_FLASH_CONFIG] = "new Flash config wrong",
    [OTA_ERROR_MAGIC_BYTE] = "Magic byte is not 0xE9",
    [OTA_ERROR_BOOTSTRAP] = "Invalid bootstrapping state, reset ESP8266 before updating",
    [OTA_ERROR_SIGNATURE] = "Signature verification failed",
    [OTA_ERROR_NO_DATA] = "No data supplied",
    [OTA_ERROR_OOM] = "Out of memory",
    [OTA_ERROR_RUNNING] = "Update already running",
    [OTA_ERROR_UNKNOWN_COMMAND] = "Unknown update command",
};

const char *ota_error_text(enum ota_error error)
{
    if ((size_t)error >= sizeof texts / sizeof texts[0])
        return "UNKNOWN";
    return texts[error];
}

size_t ota_error_line(enum ota_error error, const char *text, char *out, size_t size)
{
    size_t used = 0;

    text_append_string(out, size, &used, "ERROR[");
    text_append_number(out, size, &used, (uint64_t)error);
    text_append_string(out, size, &used, "]: ");
    text_append_string(out, size, &used, text ? text : ota_error_text(error));
    return used;
}
