#include "cli/serve/image_pool.h"

#include <stdlib.h>
#include <string.h>

/* The order of the pool. */
static int compare(const char *path, bool filesystem, const struct pool_entry *entry)
{
    int order = strcmp(path, entry->path);

    return order != 0 ? order : (int)filesystem - (int)entry->filesystem;
}

/* Where the entry is, or would have to be. */
static size_t place_of(const struct image_pool *pool, const char *path, bool filesystem)
{
    size_t low = 0;
    size_t high = pool->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(path, filesystem, pool->entries[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool grow(struct image_pool *pool)
{
    size_t more = pool->room > 0 ? 2 * pool->room : 16;
    struct pool_entry **grown = NULL;

    if (pool->count < pool->room)
        return true;
    grown = realloc(pool->entries, more * sizeof(struct pool_entry *));
    if (!grown)
        return false;
    pool->entries = grown;
    pool->room = more;
    return true;
}

static struct pool_entry *add(struct image_pool *pool, size_t place, const char *path,
                              bool filesystem)
{
    struct pool_entry *entry = calloc(1, sizeof *entry);

    if (entry)
        entry->path = strdup(path);
    if (!entry || !entry->path || !grow(pool)) {
        if (entry)
            free(entry->path);
        free(entry);
        return NULL;
    }
    entry->filesystem = filesystem;
    memmove(&pool->entries[place + 1], &pool->entries[place],
            (pool->count - place) * sizeof(struct pool_entry *));
    pool->entries[place] = entry;
    pool->count++;
    return entry;
}

/* What was found out about the file is forgotten. */
static void empty(struct pool_entry *entry)
{
    served_image_release(entry->image);
    free(entry->failure);
    entry->image = NULL;
    entry->failure = NULL;
}

static void release(struct pool_entry *entry)
{
    empty(entry);
    free(entry->path);
    free(entry);
}

/* Look at the file, and remember what came of it. */
static void load(struct pool_entry *entry, struct failure *failure)
{
    entry->stamp = file_stamp_at_settled(entry->path);
    entry->image = served_image_load(entry->path, entry->filesystem, failure);
    if (entry->image) {
        entry->stamp = entry->image->stamp;
        return;
    }
    entry->failure = malloc(sizeof *entry->failure);
    if (entry->failure)
        *entry->failure = *failure;
}

/* What is known is still so. Not of what only the machine is to blame for: it may have changed. */
static bool is_settled(const struct pool_entry *entry)
{
    struct file_stamp now;

    if (!entry->image && !entry->failure)
        return false;
    if (entry->wanted)
        return true;
    now = file_stamp_at(entry->path);
    return file_stamp_equal(&now, &entry->stamp) &&
           (entry->image || entry->failure->code == EXIT_IMAGE_REFUSED);
}

void image_pool_begin(struct image_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++)
        pool->entries[i]->wanted = false;
}

struct served_image *image_pool_get(struct image_pool *pool, const char *path, bool filesystem,
                                    struct failure *failure)
{
    size_t place = place_of(pool, path, filesystem);
    struct pool_entry *entry = NULL;

    if (atomic_load(&pool->cancelled)) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "the server ends");
        return NULL;
    }
    if (place < pool->count && compare(path, filesystem, pool->entries[place]) == 0)
        entry = pool->entries[place];
    else
        entry = add(pool, place, path, filesystem);
    if (!entry) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "no memory for another image");
        return NULL;
    }
    if (!is_settled(entry)) {
        empty(entry);
        load(entry, failure);
    }
    entry->wanted = true;
    if (entry->image)
        return served_image_hold(entry->image);
    if (entry->failure)
        *failure = *entry->failure;
    return NULL;
}

void image_pool_end(struct image_pool *pool, bool good)
{
    size_t kept = 0;

    for (size_t i = 0; i < pool->count; i++) {
        struct pool_entry *entry = pool->entries[i];
        if (entry->wanted || (!good && entry->image && atomic_load(&entry->image->references) > 1))
            pool->entries[kept++] = entry;
        else
            release(entry);
    }
    pool->count = kept;
}

bool image_pool_is_outdated(const struct image_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++) {
        const struct pool_entry *entry = pool->entries[i];
        struct file_stamp now = file_stamp_at(entry->path);
        if (entry->wanted && !file_stamp_equal(&now, &entry->stamp))
            return true;
    }
    return false;
}

void image_pool_cancel(struct image_pool *pool)
{
    atomic_store(&pool->cancelled, true);
}

void image_pool_free(struct image_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++)
        release(pool->entries[i]);
    free(pool->entries);
    pool->entries = NULL;
    pool->count = pool->room = 0;
}
