#include "cli/push/results.h"

#include <stdlib.h>
#include <string.h>

static void free_texts(struct result *result)
{
    for (size_t i = 0; i < 3; i++)
        free(result->owned[i]);
}

static bool make_room(struct results *results)
{
    if (results->count < results->room)
        return true;
    size_t room = results->room > 0 ? 2 * results->room : 16;
    struct result *list = reallocarray(results->list, room, sizeof *list);
    if (!list)
        return false;
    results->list = list;
    results->room = room;
    return true;
}

bool results_add(struct results *results, const struct result *result)
{
    struct result copy = *result;

    copy.owned[0] = strdup(result->name);
    copy.owned[1] = strdup(result->detail);
    copy.owned[2] = strdup(result->hint ? result->hint : "");
    copy.name = copy.owned[0];
    copy.detail = copy.owned[1];
    copy.hint = copy.owned[2];
    if (!copy.name || !copy.detail || !copy.hint || !make_room(results)) {
        free_texts(&copy);
        results->lost++;
        return false;
    }
    results->list[results->count++] = copy;
    return true;
}

size_t results_count(const struct results *results, enum exit_code code)
{
    size_t count = 0;

    for (size_t i = 0; i < results->count; i++)
        count += results->list[i].code == code ? 1 : 0;
    return count;
}

void results_free(struct results *results)
{
    for (size_t i = 0; i < results->count; i++)
        free_texts(&results->list[i]);
    free(results->list);
    *results = (struct results){ 0 };
}
