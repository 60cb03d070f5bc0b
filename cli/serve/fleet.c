#include "cli/serve/fleet.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static int compare_pattern(const void *key, const void *element)
{
    const struct fleet_rule *rule = element;

    return strcmp(key, rule->pattern);
}

const struct release *fleet_find(const struct fleet *fleet, const struct mac *station)
{
    char text[MAC_TEXT_SIZE];
    const struct fleet_rule *rule = NULL;

    mac_format(text, station);
    if (fleet->exact_count > 0)
        rule = bsearch(text, fleet->rules, fleet->exact_count, sizeof *rule, compare_pattern);
    if (rule)
        return rule->release;
    for (size_t i = fleet->exact_count; i < fleet->rule_count; i++) {
        if (fnmatch(fleet->rules[i].pattern, text, FNM_NOESCAPE) == 0)
            return fleet->rules[i].release;
    }
    return fleet->fallback;
}

static int compare_name(const void *key, const void *element)
{
    const struct release *const *release = element;

    return strcmp(key, (*release)->name);
}

const struct release *fleet_release(const struct fleet *fleet, const char *name)
{
    const struct release *const *found = NULL;

    if (fleet->release_count > 0)
        found = bsearch(name, fleet->by_name, fleet->release_count, sizeof *fleet->by_name,
                        compare_name);
    return found ? *found : NULL;
}

void fleet_free(struct fleet *fleet)
{
    if (!fleet)
        return;
    for (size_t i = 0; i < fleet->release_count; i++) {
        served_image_release(fleet->releases[i].sketch);
        served_image_release(fleet->releases[i].filesystem);
    }
    free(fleet->by_name);
    free(fleet->releases);
    free(fleet->rules);
    free(fleet);
}
