#include "cli/discover/sightings.h"

#include <string.h>

struct sighting *sightings_find(struct sightings *set, unsigned interface, int family)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->items[i].interface == interface && set->items[i].family == family)
            return &set->items[i];
    }
    return NULL;
}

struct sighting *sightings_add(struct sightings *set, unsigned interface, int family,
                               unsigned round)
{
    struct sighting *sighting = sightings_find(set, interface, family);

    if (!sighting && set->count < SIGHTINGS_MAX) {
        sighting = &set->items[set->count++];
        *sighting = (struct sighting){ .interface = interface, .family = family };
    }
    if (sighting)
        sighting->round = round;
    return sighting;
}

static void remove_at(struct sightings *set, size_t i)
{
    set->count--;
    memmove(&set->items[i], &set->items[i + 1], (set->count - i) * sizeof set->items[0]);
}

bool sightings_remove(struct sightings *set, unsigned interface, int family)
{
    struct sighting *sighting = sightings_find(set, interface, family);

    if (sighting)
        remove_at(set, (size_t)(sighting - set->items));
    return sighting != NULL;
}

bool sightings_expire(struct sightings *set, unsigned round)
{
    size_t before = set->count;

    for (size_t i = set->count; i-- > 0;) {
        if (set->items[i].round != round)
            remove_at(set, i);
    }
    return set->count < before;
}

bool sightings_current(const struct sightings *set, unsigned round)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->items[i].round == round)
            return true;
    }
    return false;
}

struct sighting *sightings_pick(struct sightings *set, int address_family, unsigned round)
{
    struct sighting *other = NULL;

    for (size_t i = 0; i < set->count; i++) {
        struct sighting *sighting = &set->items[i];
        bool tried = address_family == AF_INET ? sighting->tried_v4 : sighting->tried_v6;
        if (tried || sighting->round != round)
            continue;
        if (sighting->family == address_family)
            return sighting;
        if (!other)
            other = sighting;
    }
    return other;
}

void sighting_tried(struct sighting *sighting, int address_family)
{
    if (address_family == AF_INET)
        sighting->tried_v4 = true;
    else
        sighting->tried_v6 = true;
}

void sightings_set_tried(struct sightings *set, bool tried)
{
    for (size_t i = 0; i < set->count; i++)
        set->items[i].tried_v4 = set->items[i].tried_v6 = tried;
}

size_t sightings_interfaces(const struct sightings *set, unsigned out[DEVICE_INTERFACES_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < set->count; i++) {
        unsigned interface = set->items[i].interface;
        size_t at = 0;
        while (at < count && out[at] < interface)
            at++;
        if (at == DEVICE_INTERFACES_MAX || (at < count && out[at] == interface))
            continue;
        if (count == DEVICE_INTERFACES_MAX)
            count--;
        memmove(&out[at + 1], &out[at], (count - at) * sizeof out[0]);
        out[at] = interface;
        count++;
    }
    return count;
}
