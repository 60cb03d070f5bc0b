#include "cli/push/twins.h"

#include "cli/push/member.h"

#include <search.h>
#include <string.h>

static int compare_addresses(const void *a, const void *b)
{
    const struct member *left = a;
    const struct member *right = b;

    return address_compare(&left->upload.device, &right->upload.device);
}

static int compare_names(const void *a, const void *b)
{
    const struct member *left = a;
    const struct member *right = b;

    return strcmp(left->instance, right->instance);
}

struct member *twins_find(const struct twins *twins, const struct address *address,
                          const char *instance)
{
    struct member key = { .upload.device = *address };

    strncpy(key.instance, instance, sizeof key.instance - 1);
    struct member *const *found =
        key.instance[0] ? tfind(&key, &twins->by_name, compare_names) : NULL;
    if (!found)
        found = tfind(&key, &twins->by_address, compare_addresses);
    return found ? *found : NULL;
}

bool twins_add(struct twins *twins, struct member *member)
{
    return tsearch(member, &twins->by_address, compare_addresses) &&
           (!member->instance[0] || tsearch(member, &twins->by_name, compare_names));
}

static void take_out(void **tree, struct member *member, int (*compare)(const void *, const void *))
{
    struct member *const *found = tfind(member, tree, compare);

    if (found && *found == member)
        tdelete(member, tree, compare);
}

void twins_remove(struct twins *twins, struct member *member)
{
    take_out(&twins->by_address, member, compare_addresses);
    take_out(&twins->by_name, member, compare_names);
}

static void keep(void *member)
{
    (void)member;
}

void twins_free(struct twins *twins)
{
    tdestroy(twins->by_address, keep);
    tdestroy(twins->by_name, keep);
}
