#include "cli/serve/fleet_order.h"

#include "cli/serve/fleet_values.h"

#include <stdlib.h>
#include <string.h>

static int by_line(unsigned a, unsigned b)
{
    return (a > b) - (a < b);
}

static int compare_releases(const void *a, const void *b)
{
    const struct release *const *first = a;
    const struct release *const *second = b;
    int order = strcmp((*first)->name, (*second)->name);

    return order != 0 ? order : by_line((*first)->line, (*second)->line);
}

bool fleet_order_releases(struct fleet *fleet, const struct fleet_source *source)
{
    size_t count = fleet->release_count;

    fleet->by_name = malloc(count * sizeof *fleet->by_name);
    if (!fleet->by_name)
        return fleet_complain(source, 1, "no memory to read on");
    for (size_t i = 0; i < count; i++)
        fleet->by_name[i] = &fleet->releases[i];
    qsort(fleet->by_name, count, sizeof *fleet->by_name, compare_releases);
    for (size_t i = 1; i < count; i++) {
        const struct release *before = fleet->by_name[i - 1];
        const struct release *release = fleet->by_name[i];
        if (strcmp(before->name, release->name) == 0)
            return fleet_complain(source, release->line,
                                  "release \"%s\" is there twice: first in line %u", release->name,
                                  before->line);
    }
    return true;
}

static int compare_patterns(const void *a, const void *b)
{
    const struct fleet_rule *first = a;
    const struct fleet_rule *second = b;
    int order = strcmp(first->pattern, second->pattern);

    return order != 0 ? order : by_line(first->line, second->line);
}

/* The exact ones first, by MAC; then by how exact they are. */
static int compare_exactness(const void *a, const void *b)
{
    const struct fleet_rule *first = a;
    const struct fleet_rule *second = b;
    bool exact = fleet_pattern_is_exact(first);

    if (exact != fleet_pattern_is_exact(second))
        return exact ? -1 : 1;
    if (exact)
        return strcmp(first->pattern, second->pattern);
    if (first->literals != second->literals)
        return first->literals > second->literals ? -1 : 1;
    return by_line(first->line, second->line);
}

bool fleet_order_rules(struct fleet *fleet, const struct fleet_source *source)
{
    struct fleet_rule *rules = fleet->rules;
    size_t count = fleet->rule_count;

    if (count == 0)
        return true;
    qsort(rules, count, sizeof *rules, compare_patterns);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(rules[i - 1].pattern, rules[i].pattern) == 0)
            return fleet_complain(source, rules[i].line,
                                  "device \"%s\" is there twice: first in line %u",
                                  rules[i].pattern, rules[i - 1].line);
    }
    qsort(rules, count, sizeof *rules, compare_exactness);
    while (fleet->exact_count < count && fleet_pattern_is_exact(&rules[fleet->exact_count]))
        fleet->exact_count++;
    return true;
}
