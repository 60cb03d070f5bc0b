#include "cli/push/list_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_ROOM 4096u

/* Read to the end; a byte more than allowed tells that it is too large. NULL with errno. */
static char *read_all(int fd, size_t *len)
{
    size_t room = FIRST_ROOM;
    char *text = malloc(room);
    ssize_t n = 1;

    *len = 0;
    while (text && *len <= LIST_FILE_MAX && n != 0) {
        if (*len == room) {
            char *more = realloc(text, room *= 2);
            if (!more)
                break;
            text = more;
        }
        n = read(fd, text + *len, room - *len);
        if (n > 0)
            *len += (size_t)n;
        else if (n < 0 && errno != EINTR)
            break;
    }
    if (n == 0 || *len > LIST_FILE_MAX)
        return text;
    int saved = errno;
    free(text);
    errno = saved;
    return NULL;
}

char *list_file_read(const char *path, const char *name, size_t *len, struct failure *failure)
{
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char *text = fd < 0 ? NULL : read_all(fd, len);

    if (!text)
        failure_set(failure, EXIT_LOCAL_FAILURE, "%s: %s", name, strerror(errno));
    if (fd >= 0 && fd != STDIN_FILENO)
        close(fd);
    if (!text || *len <= LIST_FILE_MAX)
        return text;
    failure_set(failure, EXIT_BAD_USAGE, "%s: larger than %u MiB", name, LIST_FILE_MAX >> 20);
    free(text);
    return NULL;
}
