#include "sf2_sketch.h"

#include "sf2_layout.h"
#include "sf2_memory.h"

#include <string.h>

struct place {
    const struct ota_flash *flash;
    uint32_t offset;
};

static bool place_read(const void *ctx, uint64_t offset, void *out, size_t len)
{
    const struct place *place = ctx;

    return place->flash->read(place->flash->ctx, place->offset + (uint32_t)offset, out,
                              (uint32_t)len);
}

/* False when no sketch for this board lies there, or none that is whole. */
static bool examine(struct image *out, const struct ota_flash *flash, uint32_t offset,
                    uint32_t size)
{
    struct place place = { flash, offset };
    struct image_source source = { .ctx = &place, .size = size, .read = place_read };

    image_examine(out, &source);
    return out->kind == IMAGE_ESP32 && out->fault == IMAGE_SOUND && out->esp.chip_id == SF2_CHIP_ID;
}

uint32_t sf2_sketch_size(void *ctx, const struct ota_flash *flash, const struct ota_area *area)
{
    struct image image;

    (void)ctx;
    return examine(&image, flash, area->offset, area->size) ? (uint32_t)image.esp.end : 0;
}

/* Is it all in the memory that sketches have? */
static bool is_loadable(uint32_t address, uint32_t len)
{
    return address >= SF2_SKETCH && address - SF2_SKETCH <= SF2_SKETCH_SIZE &&
           len <= SF2_SKETCH_SIZE - (address - SF2_SKETCH);
}

/* A vector table's alignment, for the vectors that there are: ARMv7-M, B3.2.5. */
#define TABLE_SIZE 128u

bool sf2_sketch_load(const struct ota_flash *flash, uint32_t offset, uint32_t size, uint32_t *entry)
{
    struct image image;

    if (!examine(&image, flash, offset, size))
        return false;
    const struct image_part *part = &image.esp.first;
    for (unsigned i = 0; i < part->segment_count; i++) {
        const struct image_segment *segment = &part->segments[i];
        if (!is_loadable(segment->address, segment->length) ||
            !flash->read(flash->ctx, offset + (uint32_t)segment->offset,
                         (void *)(uintptr_t)segment->address, segment->length))
            return false;
    }
    *entry = part->entry;
    return *entry % TABLE_SIZE == 0 && is_loadable(*entry, TABLE_SIZE);
}

void sf2_sketch_version(const struct ota_flash *flash, uint32_t offset, uint32_t size,
                        char out[SF2_VERSION_MAX])
{
    struct image image;

    memcpy(out, "?", 2);
    if (examine(&image, flash, offset, size) && image.esp.has_app)
        memcpy(out, image.esp.app.version, sizeof image.esp.app.version);
}

_Static_assert(sizeof((struct image){ 0 }.esp.app.version) == SF2_VERSION_MAX, "versions fit");
