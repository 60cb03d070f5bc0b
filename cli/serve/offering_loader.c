#include "cli/serve/offering_loader.h"

#include "cli/serve/fleet_file.h"

/* Whether a file system is what the image is can only be told from itself. */
static struct served_image *load_image(struct offering_loader *loader, struct failure *failure)
{
    struct image_pool *pool = &loader->pool;
    struct served_image *image = image_pool_get(pool, loader->image_path, false, failure);
    struct failure as_filesystem;

    if (!image && failure->code == EXIT_IMAGE_REFUSED)
        image = image_pool_get(pool, loader->image_path, true, &as_filesystem);
    return image;
}

static bool is_outdated(const struct offering_loader *loader)
{
    struct file_stamp now;

    if (!loader->looked || image_pool_is_outdated(&loader->pool))
        return true;
    if (!loader->catalog_path)
        return false;
    now = file_stamp_at(loader->catalog_path);
    return !file_stamp_equal(&now, &loader->stamp);
}

/*
 * A file that is no good stays so until it changes; but there are also failures that no file shows:
 * too many that are open, no memory.
 */
static bool is_due(struct offering_loader *loader)
{
    if (is_outdated(loader))
        return true;
    return loader->failed && ++loader->since >= OFFERING_PATIENCE;
}

enum offering_change offering_loader_look(struct offering_loader *loader, bool anyway,
                                          struct offering_load *out)
{
    *out = (struct offering_load){ .image = NULL };
    if (!is_due(loader) && !anyway)
        return OFFERING_SAME;
    image_pool_begin(&loader->pool);
    if (loader->image_path) {
        out->image = load_image(loader, &out->failure);
    } else {
        loader->stamp = file_stamp_at_settled(loader->catalog_path);
        out->fleet = fleet_file_load(loader->catalog_path, &loader->pool, &out->failure);
    }
    loader->failed = !out->image && !out->fleet;
    loader->looked = true;
    loader->since = 0;
    image_pool_end(&loader->pool, !loader->failed);
    return loader->failed ? OFFERING_BROKEN : OFFERING_NEW;
}

void offering_loader_free(struct offering_loader *loader)
{
    image_pool_free(&loader->pool);
}
