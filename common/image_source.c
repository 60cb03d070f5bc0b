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
