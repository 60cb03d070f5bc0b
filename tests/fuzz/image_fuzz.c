/*
 * Any bytes are examined without a read outside of them, and what is found fits together.
 */
#include "common/image.h"

#include <stdlib.h>
#include <string.h>

struct bytes {
    const uint8_t *data;
    size_t size;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool condition)
{
    if (!condition)
        abort();
}

static bool read_bytes(const void *ctx, uint64_t offset, void *out, size_t len)
{
    const struct bytes *bytes = ctx;

    expect(len <= IMAGE_WINDOW && offset <= bytes->size && len <= bytes->size - offset);
    memcpy(out, bytes->data + offset, len);
    return true;
}

static void check_part(const struct image_part *part, size_t size)
{
    expect(part->declared >= 1 && part->declared <= IMAGE_SEGMENTS_MAX);
    expect(part->segment_count <= part->declared);
    expect(part->end <= size && part->end % 16 == 0);
    if (part->end == 0)
        return;
    expect(part->segment_count == part->declared);
    for (unsigned i = 0; i < part->segment_count; i++)
        expect(part->segments[i].offset + part->segments[i].length < part->end);
}

static void check_esp(const struct image *image, size_t size)
{
    const struct image_esp *esp = &image->esp;

    check_part(&esp->first, size);
    if (esp->has_sketch)
        check_part(&esp->sketch, size);
    if (image->fault == IMAGE_SOUND) {
        expect(esp->end >= esp->first.end && esp->end <= size && esp->end > 0);
        expect(image->checksum == IMAGE_CHECK_PASSED && image->crc != IMAGE_CHECK_FAILED);
        expect(image->length != IMAGE_CHECK_FAILED && image->sha256 != IMAGE_CHECK_FAILED);
    }
    if (esp->has_app) {
        expect(strlen(esp->app.version) <= 32 && strlen(esp->app.project) <= 32);
        expect(strlen(esp->app.time) <= 16 && strlen(esp->app.date) <= 16);
        expect(strlen(esp->app.idf) <= 32);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = { data, size };
    struct image_source source = { &bytes, size, read_bytes };
    struct image image;
    uint16_t chip_id;
    uint64_t flash_size;

    memset(&image, 0xA5, sizeof image);
    image_examine(&image, &source);
    expect(image.size == size);
    expect(image.fault != IMAGE_UNREADABLE);
    expect((image.fault == IMAGE_EMPTY) == (size == 0));
    if (image.kind == IMAGE_ESP8266 || image.kind == IMAGE_ESP32)
        check_esp(&image, size);

    enum image_kind kind = image_identify(data, size, &chip_id, &flash_size);
    if (kind != IMAGE_UNKNOWN)
        expect(kind == image.kind && chip_id == image.esp.chip_id);
    else
        expect(image.kind != IMAGE_ESP8266 && image.kind != IMAGE_ESP32);
    return 0;
}
