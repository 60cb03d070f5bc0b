#include "common/image_source.h"

bool image_holds(const struct image_source *source, uint64_t offset, uint64_t len)
{
    return offset <= source->size && len <= source->size - offset;
}

bool image_read(const struct image_source *source, uint64_t offset, void *out, size_t len)
{
    return image_holds(source, offset, len) && source->read(source->ctx, offset, out, len);
}

bool image_scan(const struct image_source *source, uint64_t begin, uint64_t end,
                void (*take)(void *ctx, const uint8_t *bytes, size_t len), void *ctx)
{
    uint8_t window[IMAGE_WINDOW];

    while (begin < end) {
        size_t len = end - begin < sizeof window ? (size_t)(end - begin) : sizeof window;
        if (!image_read(source, begin, window, len))
            return false;
        take(ctx, window, len);
        begin += len;
    }
    return true;
}

uint16_t image_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

uint32_t image_u32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}
