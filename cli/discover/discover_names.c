#include "cli/discover/discover_names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool discover_names_open(struct discover_names *names)
{
    names->count = 0;
    names->names = calloc(DISCOVER_NAMES_MAX, sizeof *names->names);
    return names->names != NULL;
}

/* Where the name is; the count when it is not. */
static size_t find(const struct discover_names *names, const char *name)
{
    size_t i = 0;

    while (i < names->count && strcasecmp(names->names[i], name) != 0)
        i++;
    return i;
}

bool discover_names_has(const struct discover_names *names, const char *name)
{
    return find(names, name) < names->count;
}

bool discover_names_add(struct discover_names *names, const char name[DEVICE_NAME_MAX])
{
    if (names->count == DISCOVER_NAMES_MAX || discover_names_has(names, name))
        return false;
    memcpy(names->names[names->count++], name, DEVICE_NAME_MAX);
    return true;
}

bool discover_names_remove(struct discover_names *names, const char *name)
{
    size_t at = find(names, name);

    if (at == names->count)
        return false;
    names->count--;
    memmove(names->names[at], names->names[names->count], DEVICE_NAME_MAX);
    return true;
}

void discover_names_close(struct discover_names *names)
{
    free(names->names);
    *names = (struct discover_names){ 0 };
}
