#include "ota/pull_error.h"

#include "ota/error.h"

#include <stddef.h>

static const struct {
    int error;
    const char *text;
} texts[] = {
    { OTA_PULL_NOT_CONNECTED, "connection failed" },
    { OTA_PULL_SEND_FAILED, "send header failed" },
    { OTA_PULL_CONNECTION_LOST, "connection lost" },
    { OTA_PULL_NO_HTTP, "no HTTP server" },
    { OTA_PULL_ENCODING, "Transfer-Encoding not supported" },
    { OTA_PULL_TIMEOUT, "read Timeout" },
    { OTA_PULL_SPACE, "Not Enough space" },
    { OTA_PULL_NO_LENGTH, "Server Did Not Report Size" },
    { OTA_PULL_NOT_FOUND, "File Not Found (404)" },
    { OTA_PULL_FORBIDDEN, "Forbidden (403)" },
    { OTA_PULL_WRONG_CODE, "Wrong HTTP Code" },
    { OTA_PULL_FAULTY_MD5, "Wrong MD5" },
    { OTA_PULL_BAD_HEADER, "Verify Bin Header Failed" },
    { OTA_PULL_WRONG_FLASH, "New Binary Does Not Fit Flash Size" },
    { OTA_PULL_UNAUTHORIZED, "Unauthorized (401)" },
};

const char *ota_pull_error_text(int error)
{
    if (error >= 0)
        return ota_error_text((enum ota_error)error);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].error == error)
            return texts[i].text;
    }
    return "UNKNOWN";
}
