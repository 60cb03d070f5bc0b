#include "cli/serve/offering.h"

#include "cli/serve/fleet_file.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The stamp of a file; all zero when there is none, so that its coming and going is seen. */
static struct file_stamp stamp_of(const char *path)
{
    struct file_stamp stamp;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || !file_stamp_take(&stamp, fd))
        memset(&stamp, 0, sizeof stamp);
    if (fd >= 0)
        close(fd);
    return stamp;
}

static bool stamps_equal(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->size == b->size && a->modified.tv_sec == b->modified.tv_sec &&
           a->modified.tv_nsec == b->modified.tv_nsec && a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

/* Whether a file system is what the image is can only be told from itself. */
static struct served_image *load_image(const char *path, struct failure *failure)
{
    struct failure as_sketch;
    struct served_image *image = served_image_load(path, false, &as_sketch);

    if (!image && as_sketch.code == EXIT_IMAGE_REFUSED)
        image = served_image_load(path, true, failure);
    if (!image)
        *failure = as_sketch;
    return image;
}

static bool load(struct offering *offering, struct failure *failure)
{
    if (offering->image_path) {
        struct served_image *image = load_image(offering->image_path, failure);
        if (!image)
            return false;
        served_image_release(offering->image);
        offering->image = image;
        return true;
    }
    struct file_stamp stamp = stamp_of(offering->catalog_path);
    struct fleet *fleet = fleet_file_load(offering->catalog_path, offering->fleet, failure);
    if (!fleet)
        return false;
    fleet_free(offering->fleet);
    offering->fleet = fleet;
    offering->stamp = stamp;
    return true;
}

bool offering_open(struct offering *offering, const char *image_path, const char *catalog_path)
{
    *offering = (struct offering){ .image_path = image_path, .catalog_path = catalog_path };
    return load(offering, &offering->problem);
}

static bool image_is_outdated(const struct served_image *image)
{
    return image && served_image_is_outdated(image);
}

static bool is_outdated(const struct offering *offering)
{
    if (offering->image_path)
        return image_is_outdated(offering->image);
    struct file_stamp stamp = stamp_of(offering->catalog_path);
    if (!stamps_equal(&stamp, &offering->stamp))
        return true;
    for (size_t i = 0; i < offering->fleet->release_count; i++) {
        const struct release *release = &offering->fleet->releases[i];
        if (image_is_outdated(release->sketch) || image_is_outdated(release->filesystem))
            return true;
    }
    return false;
}

enum offering_change offering_refresh(struct offering *offering, bool anyway)
{
    struct failure failure = { .text = "" };

    if (!anyway && !is_outdated(offering)) {
        offering->problem.text[0] = '\0'; /* a change was taken back */
        return OFFERING_SAME;
    }
    if (load(offering, &failure)) {
        offering->problem.text[0] = '\0';
        return OFFERING_NEW;
    }
    if (!anyway && strcmp(failure.text, offering->problem.text) == 0)
        return OFFERING_SAME;
    offering->problem = failure;
    return OFFERING_BROKEN;
}

void offering_close(struct offering *offering)
{
    served_image_release(offering->image);
    fleet_free(offering->fleet);
    *offering = (struct offering){ 0 };
}
