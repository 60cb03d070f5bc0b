#include "cli/external.h"

#include "cli/failure.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct linked_library none[] = { { 0 } };

const struct linked_library *const external_libraries = none;

/* The folder that this program lies in, without a slash at its end. */
static bool own_folder(char out[PATH_MAX])
{
    ssize_t len = readlink("/proc/self/exe", out, PATH_MAX - 1);

    if (len <= 0)
        return false;
    out[len] = '\0';
    char *slash = strrchr(out, '/');
    if (!slash)
        return false;
    *slash = '\0';
    return true;
}

int external_run(const char *name, char **argv)
{
    /* Beside it, and where it is installed, seen from here: packages may be put anywhere. */
    static const char *const places[] = { "", "/" ESPOTA_LIBEXEC };
    char folder[PATH_MAX];
    char path[PATH_MAX];
    struct failure failure;
    int error = ENOENT;

    for (size_t i = 0; i < sizeof places / sizeof *places && own_folder(folder); i++) {
        int len = snprintf(path, sizeof path, "%s%s/%s", folder, places[i], name);
        if (len < 0 || (size_t)len >= sizeof path)
            continue;
        execv(path, argv);
        if (errno != ENOENT)
            error = errno;
    }
    failure_set(&failure, EXIT_LOCAL_FAILURE,
                "%s, which carries this command out, cannot be run: %s; is it installed?", name,
                strerror(error));
    return failure_print(&failure);
}
