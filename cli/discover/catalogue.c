#include "cli/discover/catalogue.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct catalogue {
    struct catalogue_entry *entries[FINDER_DEVICES_MAX]; /* by name */
    size_t count;
    size_t doomed; /* no longer in the table, and still in the queue */
    struct catalogue_pool pool;
    struct catalogue_entry *first_due; /* a queue of those to be looked at */
    struct catalogue_entry **last_due;
    size_t turn;                   /* whose turn it is among those that wait */
    size_t victim;                 /* where to look for one that may go */
    struct catalogue_query *ended; /* by the last wish */
};

struct catalogue *catalogue_new(int family)
{
    struct catalogue *catalogue = calloc(1, sizeof *catalogue);

    if (!catalogue)
        return NULL;
    catalogue->pool.family = family;
    catalogue->last_due = &catalogue->first_due;
    return catalogue;
}

/* --- The queue -------------------------------------------------------------------------------- */

static void set_due(struct catalogue *catalogue, struct catalogue_entry *entry)
{
    if (entry->due)
        return;
    entry->due = true;
    entry->next = NULL;
    *catalogue->last_due = entry;
    catalogue->last_due = &entry->next;
}

/* Take the first one out of the queue; it is freed when there is no more to it. */
static void finish_first(struct catalogue *catalogue)
{
    struct catalogue_entry *entry = catalogue->first_due;

    catalogue->first_due = entry->next;
    if (!catalogue->first_due)
        catalogue->last_due = &catalogue->first_due;
    entry->due = false;
    if (!entry->doomed)
        return;
    catalogue->doomed--;
    catalogue_entry_free(entry);
}

void catalogue_free(struct catalogue *catalogue)
{
    if (!catalogue)
        return;
    while (catalogue->first_due)
        finish_first(catalogue);
    for (size_t i = 0; i < catalogue->count; i++)
        catalogue_entry_free(catalogue->entries[i]);
    while (catalogue->pool.given) {
        struct catalogue_query *query = catalogue->pool.given;
        catalogue->pool.given = query->next;
        free(query);
    }
    free(catalogue->ended);
    free(catalogue);
}

/* --- The table -------------------------------------------------------------------------------- */

/* Where the name is, or would be. */
static size_t find(const struct catalogue *catalogue, const char *name, bool *found)
{
    size_t low = 0;
    size_t high = catalogue->count;

    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcasecmp(catalogue->entries[middle]->device.name, name);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct catalogue_entry *insert(struct catalogue *catalogue, size_t at, const char *name)
{
    struct catalogue_entry *entry;
    size_t len = strlen(name);

    if (!catalogue_has_room(catalogue) || len == 0 || len >= DEVICE_NAME_MAX)
        return NULL;
    entry = catalogue_entry_new(name);
    if (!entry)
        return NULL;
    memmove(&catalogue->entries[at + 1], &catalogue->entries[at],
            (catalogue->count - at) * sizeof(struct catalogue_entry *));
    catalogue->entries[at] = entry;
    catalogue->count++;
    return entry;
}

/* Take the entry out of the table; it is freed once that has been told. */
static void doom(struct catalogue *catalogue, size_t at)
{
    struct catalogue_entry *entry = catalogue->entries[at];

    catalogue->count--;
    memmove(&catalogue->entries[at], &catalogue->entries[at + 1],
            (catalogue->count - at) * sizeof(struct catalogue_entry *));
    catalogue_entry_drop_queries(entry, &catalogue->pool, false);
    if (!entry->told && !entry->due) {
        catalogue_entry_free(entry);
        return;
    }
    entry->doomed = true;
    catalogue->doomed++;
    set_due(catalogue, entry);
}

/* One that has been asked for more than once and has never answered goes, for one that may. */
static bool evict(struct catalogue *catalogue)
{
    for (size_t looked = 0; looked < catalogue->count; looked++) {
        catalogue->victim = catalogue->victim + 1 < catalogue->count ? catalogue->victim + 1 : 0;
        if (catalogue_entry_is_silent(catalogue->entries[catalogue->victim])) {
            doom(catalogue, catalogue->victim);
            return true;
        }
    }
    return false;
}

bool catalogue_has_room(const struct catalogue *catalogue)
{
    return catalogue->count < FINDER_DEVICES_MAX && catalogue->doomed < FINDER_DEVICES_MAX;
}

/* --- What is taken in ------------------------------------------------------------------------- */

bool catalogue_seen(struct catalogue *catalogue, const struct mdns_sighting *sighting)
{
    bool found;
    size_t at = find(catalogue, sighting->name, &found);

    if (!found && catalogue->count == FINDER_DEVICES_MAX && evict(catalogue))
        at = find(catalogue, sighting->name, &found);
    struct catalogue_entry *entry =
        found ? catalogue->entries[at] : insert(catalogue, at, sighting->name);
    if (!entry)
        return false;
    catalogue_entry_seen(entry, &catalogue->pool, sighting);
    set_due(catalogue, entry);
    return true;
}

/* Some of its sightings are gone. */
static void reduce(struct catalogue *catalogue, size_t at)
{
    struct catalogue_entry *entry = catalogue->entries[at];

    if (entry->sightings.count == 0) {
        doom(catalogue, at);
        return;
    }
    catalogue_entry_unseen(entry, &catalogue->pool);
    set_due(catalogue, entry);
}

void catalogue_unseen(struct catalogue *catalogue, const struct mdns_sighting *sighting)
{
    bool found;
    size_t at = find(catalogue, sighting->name, &found);

    if (found &&
        sightings_remove(&catalogue->entries[at]->sightings, sighting->interface, sighting->family))
        reduce(catalogue, at);
}

void catalogue_begin_round(struct catalogue *catalogue)
{
    catalogue->pool.round++;
}

void catalogue_end_round(struct catalogue *catalogue)
{
    for (size_t i = catalogue->count; i-- > 0;) {
        if (sightings_expire(&catalogue->entries[i]->sightings, catalogue->pool.round))
            reduce(catalogue, i);
    }
}

void catalogue_answer(struct catalogue *catalogue, struct catalogue_query *query,
                      const struct mdns_service *service, uint64_t now_ms)
{
    struct catalogue_entry *entry = query->entry;

    if (!entry)
        return;
    catalogue_entry_answer(entry, &catalogue->pool, query, service, now_ms);
    set_due(catalogue, entry);
}

void catalogue_forget_queries(struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->count; i++) {
        struct catalogue_entry *entry = catalogue->entries[i];
        catalogue_entry_drop_queries(entry, &catalogue->pool, true);
        set_due(catalogue, entry);
    }
    while (catalogue->pool.given) {
        struct catalogue_query *query = catalogue->pool.given;
        catalogue->pool.given = query->next;
        free(query);
    }
}

/* --- What comes of it ------------------------------------------------------------------------- */

/* Those whose time has come. */
static void wake(struct catalogue *catalogue, uint64_t now_ms)
{
    struct catalogue_pool *pool = &catalogue->pool;

    if (!pool->has_wake || now_ms < pool->wake_ms)
        return;
    pool->has_wake = false;
    for (size_t i = 0; i < catalogue->count; i++) {
        struct catalogue_entry *entry = catalogue->entries[i];
        if (!entry->graced)
            continue;
        if (entry->tell_ms <= now_ms) {
            set_due(catalogue, entry);
        } else {
            if (!pool->has_wake || entry->tell_ms < pool->wake_ms)
                pool->wake_ms = entry->tell_ms;
            pool->has_wake = true;
        }
    }
}

/* Give overdue questions up until so many can be asked, or there are no more of them. */
static void make_room(struct catalogue *catalogue, size_t more)
{
    struct catalogue_pool *pool = &catalogue->pool;

    while (catalogue_pool_crowded(pool, more)) {
        struct catalogue_query *query = pool->overdue.first;
        struct catalogue_entry *entry = query->entry;
        catalogue_entry_drop_query(entry, pool, query);
        set_due(catalogue, entry);
    }
}

/* At most so many of those that wait, in turn. Returns how many they were. */
static size_t admit_some(struct catalogue *catalogue, bool again, size_t room)
{
    size_t admitted = 0;

    for (size_t looked = 0; looked < catalogue->count && admitted < room; looked++) {
        catalogue->turn = catalogue->turn + 1 < catalogue->count ? catalogue->turn + 1 : 0;
        struct catalogue_entry *entry = catalogue->entries[catalogue->turn];
        if (!entry->waiting || entry->again != again)
            continue;
        set_due(catalogue, entry);
        admitted++;
    }
    return admitted;
}

/* As many of those that wait as there is room for; who was not asked before comes first. */
static void admit(struct catalogue *catalogue)
{
    struct catalogue_pool *pool = &catalogue->pool;
    size_t room = catalogue_pool_room(pool, false);

    if (!pool->waiting || room == 0)
        return;
    size_t admitted = admit_some(catalogue, false, room);
    room = catalogue_pool_room(pool, true);
    size_t again = admitted < room ? admit_some(catalogue, true, room - admitted) : 0;
    /* Whoever is left over says so again when it is looked at; else there is nobody. */
    pool->waiting = admitted + again >= room;
    if (admitted + again > 0)
        make_room(catalogue, admitted + again);
}

/* A query that has been given up is closed before anything else is opened. */
static bool next_drop(struct catalogue *catalogue, struct catalogue_wish *wish)
{
    struct catalogue_query *query = catalogue->pool.given;

    if (!query)
        return false;
    catalogue->pool.given = query->next;
    catalogue->ended = query;
    *wish = (struct catalogue_wish){ .kind = CATALOGUE_DROP, .query = query };
    return true;
}

bool catalogue_next(struct catalogue *catalogue, uint64_t now_ms, struct catalogue_wish *wish)
{
    free(catalogue->ended);
    catalogue->ended = NULL;
    wake(catalogue, now_ms);
    catalogue_pool_age(&catalogue->pool, now_ms);
    for (;;) {
        if (next_drop(catalogue, wish))
            return true;
        if (!catalogue->first_due)
            admit(catalogue);
        if (!catalogue->first_due)
            return false;
        if (catalogue_entry_next(catalogue->first_due, &catalogue->pool, now_ms, wish))
            return true;
        if (!catalogue->pool.given)
            finish_first(catalogue);
    }
}

bool catalogue_wake(const struct catalogue *catalogue, uint64_t *at_ms)
{
    const struct catalogue_pool *pool = &catalogue->pool;
    bool has_wake = pool->has_wake;

    *at_ms = pool->wake_ms;
    if (pool->waiting && pool->in_flight.first) {
        uint64_t room_ms = pool->in_flight.first->asked_ms + CATALOGUE_FLIGHT_MS;
        if (!has_wake || room_ms < *at_ms)
            *at_ms = room_ms;
        has_wake = true;
    }
    return has_wake;
}

size_t catalogue_devices(const struct catalogue *catalogue, const struct device ***devices)
{
    size_t count = 0;

    *devices = NULL;
    if (catalogue->count == 0)
        return 0;
    const struct device **found = calloc(catalogue->count, sizeof *found);
    if (!found)
        return 0;
    for (size_t i = 0; i < catalogue->count; i++) {
        if (catalogue->entries[i]->told)
            found[count++] = &catalogue->entries[i]->device;
    }
    if (count == 0) {
        free(found);
        return 0;
    }
    *devices = found;
    return count;
}
