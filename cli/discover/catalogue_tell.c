#include "cli/discover/catalogue_tell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void catalogue_tell_soon(struct catalogue_entry *entry, uint64_t now_ms)
{
    if (!entry->dirty)
        entry->tell_ms = now_ms + CATALOGUE_GRACE_MS;
    entry->dirty = true;
}

static bool tell(struct catalogue_entry *entry, enum finder_event event,
                 struct catalogue_wish *wish)
{
    entry->told = event != FINDER_REMOVED;
    *wish = (struct catalogue_wish){
        .kind = CATALOGUE_TELL,
        .event = event,
        .device = &entry->device,
    };
    return true;
}

bool catalogue_tell_end(struct catalogue_entry *entry, struct catalogue_wish *wish)
{
    return entry->told && tell(entry, FINDER_REMOVED, wish);
}

/* True when the interfaces are not those which were told of. */
static bool take_interfaces(struct catalogue_entry *entry, bool keep)
{
    struct device *device = &entry->device;
    unsigned now[DEVICE_INTERFACES_MAX];
    size_t count = sightings_interfaces(&entry->sightings, now);
    bool same = count == device->interface_count &&
                memcmp(now, device->interfaces, count * sizeof now[0]) == 0;

    if (keep) {
        device->interface_count = count;
        memcpy(device->interfaces, now, count * sizeof now[0]);
    }
    return !same;
}

static bool tell_best(struct catalogue_entry *entry, struct catalogue_wish *wish)
{
    struct device *device = &entry->device;

    if (entry->shown != entry->best)
        free(entry->shown);
    entry->shown = entry->best;
    snprintf(device->host, sizeof device->host, "%s", entry->shown->host);
    device->address = entry->shown->address;
    device->txt = entry->shown->txt;
    device->txt_len = entry->shown->txt_len;
    take_interfaces(entry, true);
    entry->dirty = false;
    return tell(entry, entry->told ? FINDER_CHANGED : FINDER_ADDED, wish);
}

bool catalogue_tell(struct catalogue_entry *entry, struct catalogue_pool *pool, uint64_t now_ms,
                    struct catalogue_wish *wish)
{
    bool unfinished = entry->waiting || catalogue_entry_asks(entry, AF_UNSPEC);

    entry->graced = false;
    if (!entry->best)
        return entry->told && !unfinished && sightings_current(&entry->sightings, pool->round) &&
               tell(entry, FINDER_REMOVED, wish);
    if (entry->told && take_interfaces(entry, false))
        catalogue_tell_soon(entry, now_ms);
    if (!entry->dirty)
        return false;
    /* What changes in one announcement may come in pieces: it is told when it has settled. */
    if ((unfinished || entry->told) && now_ms < entry->tell_ms) {
        entry->graced = true;
        if (!pool->has_wake || entry->tell_ms < pool->wake_ms)
            pool->wake_ms = entry->tell_ms;
        pool->has_wake = true;
        return false;
    }
    return tell_best(entry, wish);
}
