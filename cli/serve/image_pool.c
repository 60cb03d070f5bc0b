#include "cli/serve/image_pool.h"

#include <stdlib.h>
#include <string.h>

/* The order of the pool. */
static int compare(const char *path, bool filesystem, const struct pool_entry *entry)
{
    int order = strcmp(path, entry->image->path);

    return order != 0 ? order : (int)filesystem - (int)entry->filesystem;
}

/* Where the entry is, or would have to be. */
static size_t place_of(const struct image_pool *pool, const char *path, bool filesystem)
{
    size_t low = 0;
    size_t high = pool->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(path, filesystem, &pool->entries[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct image_pool *pool, size_t place, const char *path, bool filesystem)
{
    return place < pool->count && compare(path, filesystem, &pool->entries[place]) == 0;
}

/* Remember an image unless its file is there already. */
static bool add(struct image_pool *pool, struct served_image *image, bool filesystem)
{
    size_t place = place_of(pool, image->path, filesystem);

    if (is_at(pool, place, image->path, filesystem))
        return true;
    if (pool->count == pool->room) {
        size_t more = pool->room > 0 ? 2 * pool->room : 16;
        struct pool_entry *grown = realloc(pool->entries, more * sizeof *grown);
        if (!grown)
            return false;
        pool->entries = grown;
        pool->room = more;
    }
    memmove(&pool->entries[place + 1], &pool->entries[place],
            (pool->count - place) * sizeof *pool->entries);
    pool->entries[place] = (struct pool_entry){ image, filesystem };
    pool->count++;
    return true;
}

bool image_pool_init(struct image_pool *pool, const struct fleet *previous)
{
    *pool = (struct image_pool){ 0 };
    for (size_t i = 0; previous && i < previous->release_count; i++) {
        const struct release *release = &previous->releases[i];
        if ((release->sketch && !add(pool, release->sketch, false)) ||
            (release->filesystem && !add(pool, release->filesystem, true)))
            return false;
    }
    return true;
}

struct served_image *image_pool_get(struct image_pool *pool, const char *path, bool filesystem,
                                    struct failure *failure)
{
    size_t place = place_of(pool, path, filesystem);
    bool known = is_at(pool, place, path, filesystem);

    if (known && !served_image_is_outdated(pool->entries[place].image))
        return served_image_hold(pool->entries[place].image);
    struct served_image *image = served_image_load(path, filesystem, failure);

    if (!image)
        return NULL;
    if (known) {
        pool->entries[place].image = image;
    } else if (!add(pool, image, filesystem)) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "no memory for another image");
        served_image_release(image);
        return NULL;
    }
    return image;
}

void image_pool_free(struct image_pool *pool)
{
    free(pool->entries);
    *pool = (struct image_pool){ 0 };
}
