#include "cli/serve/state_path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_NAME "devices.sqlite"

/* A variable with an absolute path, or NULL: relative ones are not to be followed. */
static const char *folder_in(const char *variable)
{
    const char *value = getenv(variable);

    return value && value[0] == '/' ? value : NULL;
}

bool state_path_default(char out[PATH_MAX], struct failure *failure)
{
    const char *folder;
    int len;

    if ((folder = folder_in("STATE_DIRECTORY")))
        /* Of several, with colons between them, the first. */
        len = snprintf(out, PATH_MAX, "%.*s/" FILE_NAME, (int)strcspn(folder, ":"), folder);
    else if ((folder = folder_in("XDG_STATE_HOME")))
        len = snprintf(out, PATH_MAX, "%s/espota-c/" FILE_NAME, folder);
    else if ((folder = folder_in("HOME")))
        len = snprintf(out, PATH_MAX, "%s/.local/state/espota-c/" FILE_NAME, folder);
    else
        return failure_set(failure, EXIT_LOCAL_FAILURE,
                           "there is no home directory to keep the record in; name a file with "
                           "--state");
    if (len < 0 || len >= PATH_MAX)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "the state directory: %s",
                           strerror(ENAMETOOLONG));
    return true;
}

bool state_path_make_folders(const char *path)
{
    char folder[PATH_MAX];

    if (strlen(path) >= sizeof folder) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(folder, path, strlen(path) + 1);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST)
            return false;
        *slash = '/';
    }
    return true;
}
