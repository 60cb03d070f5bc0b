#include "sf2_sketch.h"

#include "common/bytes.h"
#include "sf2_layout.h"
#include "sf2_memory.h"

#include <string.h>

struct place {
    const struct ota_flash *flash;
    uint32_t offset;
};

static bool flash_read(const void *ctx, uint64_t offset, void *out, size_t len)
{
    const struct place *place = ctx;

    return place->flash->read(place->flash->ctx, place->offset + (uint32_t)offset, out,
                              (uint32_t)len);
}

static bool memory_read(const void *ctx, uint64_t offset, void *out, size_t len)
{
    memcpy(out, (const uint8_t *)ctx + offset, len);
    return true;
}

static bool is_sketch(const struct image *image)
{
    return image->kind == IMAGE_ESP32 && image->fault == IMAGE_SOUND &&
           image->esp.chip_id == SF2_CHIP_ID;
}

uint32_t sf2_sketch_size(void *ctx, const struct ota_flash *flash, const struct ota_area *area)
{
    struct place place = { flash, area->offset };
    struct image_source source = { .ctx = &place, .size = area->size, .read = flash_read };
    struct image image;

    (void)ctx;
    image_examine(&image, &source);
    return is_sketch(&image) ? (uint32_t)image.esp.end : 0;
}

static bool has_digest(const uint8_t *bytes, const struct ota_image *expected)
{
    uint8_t md5[DIGEST_MD5_SIZE];
    struct digest digest;

    digest_init(&digest, DIGEST_MD5);
    digest_update(&digest, bytes, expected->size);
    digest_finish(&digest, md5);
    return memcmp(md5, expected->md5, sizeof md5) == 0;
}

bool sf2_sketch_read(struct sf2_sketch *out, const struct ota_flash *flash, uint32_t offset,
                     const struct ota_image *expected, uint32_t max, uint8_t *memory)
{
    uint32_t size = expected->size > 0 ? expected->size : max;
    struct image_source source = { .ctx = memory, .size = size, .read = memory_read };

    if (size > max || !flash->read(flash->ctx, offset, memory, size) ||
        (expected->size > 0 && !has_digest(memory, expected)))
        return false;
    out->bytes = memory;
    image_examine(&out->image, &source);
    return is_sketch(&out->image);
}

/* Are `len` bytes at an address inside memory of this start and size? */
static bool is_inside(uint32_t address, uint32_t len, uint32_t start, uint32_t size)
{
    return address >= start && address - start <= size && len <= size - (address - start);
}

/* A vector table's alignment, for the vectors that there are: ARMv7-M, B3.2.5. */
#define TABLE_SIZE 128u

static bool has_vectors(const struct sf2_sketch *sketch)
{
    const struct image_part *part = &sketch->image.esp.first;
    const struct image_segment *code = &part->segments[0];

    if (part->entry % TABLE_SIZE != 0 ||
        !is_inside(part->entry, TABLE_SIZE, code->address, code->length))
        return false;
    const uint8_t *table = sketch->bytes + code->offset + (part->entry - code->address);
    uint32_t stack = bytes_u32(table);
    uint32_t reset = bytes_u32(table + 4);
    /* The stack grows down from there; of the address of code, the lowest bit says Thumb. */
    return stack % 8 == 0 &&
           (is_inside(stack - 8, 8, SF2_ESRAM, SF2_ESRAM_SIZE) ||
            is_inside(stack - 8, 8, SF2_SKETCH, SF2_SKETCH_SIZE)) &&
           reset % 2 == 1 && is_inside(reset - 1, 2, code->address, code->length);
}

static bool overlap(const struct image_segment *a, const struct image_segment *b)
{
    return a->length > 0 && b->length > 0 && a->address < b->address + b->length &&
           b->address < a->address + a->length;
}

bool sf2_sketch_is_loadable(const struct sf2_sketch *sketch)
{
    const struct image_part *part = &sketch->image.esp.first;

    for (unsigned i = 0; i < part->segment_count; i++) {
        const struct image_segment *segment = &part->segments[i];
        if (!is_inside(segment->address, segment->length, SF2_SKETCH, SF2_SKETCH_SIZE))
            return false;
        /* What was looked at must not be overwritten by what is loaded after it. */
        for (unsigned j = 0; j < i; j++) {
            if (overlap(segment, &part->segments[j]))
                return false;
        }
    }
    return part->segment_count > 0 && has_vectors(sketch);
}

uint32_t sf2_sketch_load(const struct sf2_sketch *sketch)
{
    const struct image_part *part = &sketch->image.esp.first;

    for (unsigned i = 0; i < part->segment_count; i++) {
        const struct image_segment *segment = &part->segments[i];
        memcpy((void *)(uintptr_t)segment->address, sketch->bytes + segment->offset,
               segment->length);
    }
    return part->entry;
}

const char *sf2_sketch_version(const struct sf2_sketch *sketch)
{
    return sketch->image.esp.has_app ? sketch->image.esp.app.version : "?";
}

_Static_assert(sizeof((struct image){ 0 }.esp.app.version) == SF2_VERSION_MAX, "versions fit");
