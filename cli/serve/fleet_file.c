#include "cli/serve/fleet_file.h"

#include "cli/serve/fleet_draft.h"
#include "cli/serve/fleet_ini.h"
#include "cli/serve/image_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- Text ------------------------------------------------------------------------------------- */

/* The line that a text ends in, from 1. */
static unsigned last_line(const char *text, size_t len)
{
    unsigned line = 1;

    for (size_t i = 0; i + 1 < len; i++)
        line += text[i] == '\n';
    return line;
}

static bool read_draft(struct fleet_draft *draft, const char *text, size_t len)
{
    const struct fleet_ini_handler handler = { draft, fleet_draft_section, fleet_draft_key };

    if (len > FLEET_FILE_MAX)
        return failure_set(draft->source.failure, EXIT_LOCAL_FAILURE, "%.512s: larger than %u MiB",
                           draft->source.name, FLEET_FILE_MAX >> 20);
    return fleet_ini_read(&draft->source, text, len, &handler) &&
           fleet_draft_end(draft, last_line(text, len));
}

struct fleet *fleet_file_parse(const char *name, const char *text, size_t len,
                               struct failure *failure)
{
    const struct fleet_source source = { name, failure };
    struct fleet_draft draft;
    struct fleet *fleet = NULL;

    if (fleet_draft_begin(&draft, &source) && read_draft(&draft, text, len))
        fleet = fleet_draft_take(&draft);
    fleet_draft_free(&draft);
    return fleet;
}

/* --- Images ----------------------------------------------------------------------------------- */

/* A path of the catalogue as one that can be opened. */
static bool resolve(const struct fleet_draft *draft, const struct draft_path *path,
                    char out[PATH_MAX])
{
    const char *name = draft->source.name;
    const char *slash = strrchr(name, '/');
    int folder = slash ? (int)(slash + 1 - name) : 0;

    if (path->text[0] == '/')
        folder = 0;
    int len = snprintf(out, PATH_MAX, "%.*s%s", folder, name, path->text);
    return (len > 0 && len < PATH_MAX) ||
           fleet_complain(&draft->source, path->line, "the path is too long");
}

static struct served_image *load_image(struct fleet_draft *draft, struct image_pool *pool,
                                       const struct draft_path *path, bool filesystem)
{
    char resolved[PATH_MAX];
    struct failure failure = { 0 };

    if (!resolve(draft, path, resolved))
        return NULL;
    struct served_image *image = image_pool_get(pool, resolved, filesystem, &failure);

    if (!image) {
        fleet_complain(&draft->source, path->line, "%s", failure.text);
        draft->source.failure->code = failure.code;
    }
    return image;
}

/* The release's family is the sketch's; if it was said, it must be. */
static bool settle_family(struct fleet_draft *draft, struct release *release, unsigned line)
{
    enum image_kind kind = release->sketch->facts.kind;

    if (release->family == IMAGE_UNKNOWN)
        release->family = kind;
    return release->family == kind ||
           fleet_complain(&draft->source, line, "the sketch is for the %s, not for the %s",
                          image_kind_name(kind), image_kind_name(release->family));
}

static bool load_release(struct fleet_draft *draft, struct image_pool *pool, size_t index)
{
    struct release *release = &draft->fleet->releases[index];
    const struct draft_paths *paths = &draft->paths[index];

    if (paths->sketch.text) {
        release->sketch = load_image(draft, pool, &paths->sketch, false);
        if (!release->sketch || !settle_family(draft, release, paths->sketch.line))
            return false;
    }
    if (paths->filesystem.text) {
        release->filesystem = load_image(draft, pool, &paths->filesystem, true);
        if (!release->filesystem)
            return false;
    }
    return true;
}

/* Also those that come after one that is no good: the pool has them then, when that is mended. */
static bool load_images(struct fleet_draft *draft, struct image_pool *pool)
{
    struct failure *first = draft->source.failure;
    struct failure another;
    bool ok = true;

    for (size_t i = 0; i < draft->fleet->release_count; i++) {
        ok = load_release(draft, pool, i) && ok;
        if (!ok)
            draft->source.failure = &another;
    }
    draft->source.failure = first;
    return ok;
}

/* --- The file --------------------------------------------------------------------------------- */

/* Read up to `room` bytes; -1 with errno when that failed. */
static ssize_t read_all(int fd, char *out, size_t room)
{
    size_t len = 0;

    while (len < room) {
        ssize_t n = read(fd, out + len, room - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

/* Open a regular file; -1 with the failure filled in. */
static int open_regular(const char *path, struct failure *failure)
{
    struct stat st;
    /* A FIFO without a writer would block for ever; a regular file never does. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &st) != 0)
        failure_set(failure, EXIT_LOCAL_FAILURE, "%.512s: %s", path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        failure_set(failure, EXIT_LOCAL_FAILURE, "%.512s: not a regular file", path);
    else
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* The file's text; a byte more than allowed tells that it is too large. NULL as above. */
static char *read_text(const char *path, size_t *len, struct failure *failure)
{
    int fd = open_regular(path, failure);

    if (fd < 0)
        return NULL;
    char *text = malloc(FLEET_FILE_MAX + 1);
    ssize_t n = text ? read_all(fd, text, FLEET_FILE_MAX + 1) : -1;

    if (n < 0) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "%.512s: %s", path, strerror(errno));
        free(text);
        text = NULL;
    }
    close(fd);
    *len = n < 0 ? 0 : (size_t)n;
    return text;
}

struct fleet *fleet_file_load(const char *path, struct image_pool *pool, struct failure *failure)
{
    const struct fleet_source source = { path, failure };
    struct fleet_draft draft;
    struct fleet *fleet = NULL;
    size_t len;
    char *text = read_text(path, &len, failure);

    if (!text)
        return NULL;
    if (fleet_draft_begin(&draft, &source) && read_draft(&draft, text, len) &&
        load_images(&draft, pool))
        fleet = fleet_draft_take(&draft);
    fleet_draft_free(&draft);
    free(text);
    return fleet;
}
