#include "common/image_app.h"

#include "common/bytes.h"

#include <string.h>

#define APP_MAGIC 0xABCD5432u

/* Texts fill their field or end with NUL. */
static const uint8_t *take_text(char *out, const uint8_t *field, size_t len)
{
    memcpy(out, field, len);
    out[len] = '\0';
    return field + len;
}

bool image_app_parse(struct image_app *out, const uint8_t bytes[IMAGE_APP_SIZE])
{
    const uint8_t *at = bytes + 16; /* magic number, secure version, 8 reserved bytes */

    if (bytes_u32(bytes) != APP_MAGIC)
        return false;
    out->secure_version = bytes_u32(bytes + 4);
    at = take_text(out->version, at, sizeof out->version - 1);
    at = take_text(out->project, at, sizeof out->project - 1);
    at = take_text(out->time, at, sizeof out->time - 1);
    at = take_text(out->date, at, sizeof out->date - 1);
    at = take_text(out->idf, at, sizeof out->idf - 1);
    memcpy(out->elf_sha256, at, sizeof out->elf_sha256);
    return true;
}
