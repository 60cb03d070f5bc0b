#include "cli/serve/device_table.h"

#include "cli/serve/release_tallies.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define NONE        UINT32_MAX
#define BLOCK       256u  /* places that are allocated together */
#define REMOVED_MAX 65536 /* devices that made room, until the file is told */

/* How much of a device has changed since it was written. */
enum change {
    UNCHANGED,
    CHANGED_QUIETLY, /* last_seen and requests alone */
    CHANGED,
    CHANGES,
};

/* A place for a device, and the lists that it is in, by number of the neighbours. */
struct place {
    struct device_record record;
    uint64_t changed_ms; /* since when it has been in its list of changes */
    uint32_t next;       /* in its bucket */
    uint32_t newer, older;
    uint32_t before, behind; /* among the changes of its kind */
    enum change change;
};

struct list {
    uint32_t first;
    uint32_t last;
};

struct device_table {
    uint32_t limit;
    uint32_t count;
    uint32_t newest, oldest;
    unsigned shift; /* of the hash, to the number of a bucket */
    uint64_t key;
    uint32_t *buckets;
    struct place **blocks;
    struct list changes[CHANGES];
    struct release_tallies tallies;
    struct mac *removed;
    size_t removed_count;
    bool removed_overflow;
};

static struct place *at(const struct device_table *table, uint32_t number)
{
    return &table->blocks[number / BLOCK][number % BLOCK];
}

/*
 * Multiplication by a random odd number spreads the MACs over the buckets so that nobody, not
 * knowing it, can choose devices that fall into the same one (Dietzfelbinger's universal hashing).
 */
static uint32_t *bucket_of(const struct device_table *table, const struct mac *station)
{
    uint64_t value = 0;

    memcpy(&value, station->bytes, sizeof station->bytes);
    return &table->buckets[value * table->key >> table->shift];
}

struct device_table *device_table_new(size_t limit)
{
    struct device_table *table = calloc(1, sizeof *table);
    unsigned bits = 1;

    if (!table)
        return NULL;
    while (((size_t)1 << bits) < limit)
        bits++;
    table->limit = (uint32_t)limit;
    table->shift = 64 - bits;
    table->newest = table->oldest = NONE;
    for (size_t i = 0; i < CHANGES; i++)
        table->changes[i] = (struct list){ NONE, NONE };
    table->buckets = malloc(sizeof *table->buckets << bits);
    table->blocks = calloc(limit / BLOCK + 1, sizeof(struct place *));
    table->removed = calloc(REMOVED_MAX, sizeof *table->removed);
    if (!table->buckets || !table->blocks || !table->removed ||
        getrandom(&table->key, sizeof table->key, 0) != sizeof table->key) {
        device_table_free(table);
        return NULL;
    }
    table->key |= 1;
    memset(table->buckets, 0xFF, sizeof *table->buckets << bits);
    return table;
}

void device_table_free(struct device_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; table->blocks && i <= table->limit / BLOCK; i++)
        free(table->blocks[i]);
    release_tallies_clear(&table->tallies);
    free(table->blocks);
    free(table->buckets);
    free(table->removed);
    free(table);
}

static uint32_t number_of(const struct device_table *table, const struct mac *station)
{
    uint32_t number = *bucket_of(table, station);

    while (number != NONE && !mac_equal(&at(table, number)->record.request.station, station))
        number = at(table, number)->next;
    return number;
}

const struct device_record *device_table_find(const struct device_table *table,
                                              const struct mac *station)
{
    uint32_t number = number_of(table, station);

    return number == NONE ? NULL : &at(table, number)->record;
}

static void change_unlink(struct device_table *table, struct place *place)
{
    struct list *list = &table->changes[place->change];

    if (place->change == UNCHANGED)
        return;
    if (place->before == NONE)
        list->first = place->behind;
    else
        at(table, place->before)->behind = place->behind;
    if (place->behind == NONE)
        list->last = place->before;
    else
        at(table, place->behind)->before = place->before;
    place->change = UNCHANGED;
}

/* Put a place into a list of changes, unless it is in this one, or in that of greater changes. */
static void change_note(struct device_table *table, uint32_t number, enum change change,
                        uint64_t now_ms)
{
    struct place *place = at(table, number);
    struct list *list = &table->changes[change];

    if (place->change >= change)
        return;
    change_unlink(table, place);
    place->change = change;
    place->changed_ms = now_ms;
    place->before = list->last;
    place->behind = NONE;
    if (list->last == NONE)
        list->first = number;
    else
        at(table, list->last)->behind = number;
    list->last = number;
}

static void age_unlink(struct device_table *table, const struct place *place)
{
    if (place->newer == NONE)
        table->newest = place->older;
    else
        at(table, place->newer)->older = place->older;
    if (place->older == NONE)
        table->oldest = place->newer;
    else
        at(table, place->older)->newer = place->newer;
}

static void age_link_newest(struct device_table *table, uint32_t number)
{
    struct place *place = at(table, number);

    place->newer = NONE;
    place->older = table->newest;
    if (table->newest == NONE)
        table->oldest = number;
    else
        at(table, table->newest)->newer = number;
    table->newest = number;
}

static void age_link_oldest(struct device_table *table, uint32_t number)
{
    struct place *place = at(table, number);

    place->older = NONE;
    place->newer = table->oldest;
    if (table->oldest == NONE)
        table->newest = number;
    else
        at(table, table->oldest)->older = number;
    table->oldest = number;
}

/* A place that was never used; NONE when the table is full, or memory is. */
static uint32_t fresh_place(struct device_table *table)
{
    struct place **block = &table->blocks[table->count / BLOCK];

    if (table->count == table->limit)
        return NONE;
    if (!*block)
        *block = calloc(BLOCK, sizeof **block);
    return *block ? table->count++ : NONE;
}

/* The place of the device that was put longest ago, which is forgotten; NONE when there is none. */
static uint32_t place_of_oldest(struct device_table *table)
{
    uint32_t number = table->oldest;

    if (number == NONE)
        return NONE;
    struct place *place = at(table, number);
    uint32_t *link = bucket_of(table, &place->record.request.station);
    while (*link != number)
        link = &at(table, *link)->next;
    *link = place->next;
    age_unlink(table, place);
    change_unlink(table, place);
    release_tallies_change(&table->tallies, &place->record, NULL);
    if (table->removed_count < REMOVED_MAX)
        table->removed[table->removed_count++] = place->record.request.station;
    else
        table->removed_overflow = true;
    return number;
}

static void fill(struct device_table *table, uint32_t number, const struct device_record *record)
{
    struct place *place = at(table, number);
    uint32_t *bucket = bucket_of(table, &record->request.station);

    place->record = *record;
    place->change = UNCHANGED;
    place->next = *bucket;
    *bucket = number;
    release_tallies_change(&table->tallies, NULL, record);
}

static bool same_request(const struct update_request *a, const struct update_request *b)
{
    return a->family == b->family && a->mode == b->mode && a->sent == b->sent &&
           mac_equal(&a->access_point, &b->access_point) && a->free_space == b->free_space &&
           a->sketch_size == b->sketch_size && a->chip_size == b->chip_size &&
           memcmp(a->sketch_md5, b->sketch_md5, sizeof a->sketch_md5) == 0 &&
           memcmp(a->sketch_sha256, b->sketch_sha256, sizeof a->sketch_sha256) == 0 &&
           strcmp(a->version, b->version) == 0 && strcmp(a->sdk_version, b->sdk_version) == 0;
}

static bool same_offer(const struct device_offer *a, const struct device_offer *b)
{
    return a->outcome == b->outcome && a->attempts == b->attempts && a->when == b->when &&
           memcmp(a->md5, b->md5, sizeof a->md5) == 0 && strcmp(a->release, b->release) == 0;
}

static enum change change_between(const struct device_record *a, const struct device_record *b)
{
    if (!same_request(&a->request, &b->request) || !same_offer(&a->sketch, &b->sketch) ||
        !same_offer(&a->filesystem, &b->filesystem) || a->first_seen != b->first_seen ||
        a->status != b->status || a->reason != b->reason || strcmp(a->address, b->address) != 0)
        return CHANGED;
    return a->last_seen != b->last_seen || a->requests != b->requests ? CHANGED_QUIETLY : UNCHANGED;
}

void device_table_put(struct device_table *table, const struct device_record *record,
                      uint64_t now_ms)
{
    uint32_t number = number_of(table, &record->request.station);

    if (number != NONE) {
        struct place *place = at(table, number);
        enum change change = change_between(&place->record, record);
        release_tallies_change(&table->tallies, &place->record, record);
        place->record = *record;
        change_note(table, number, change, now_ms);
        age_unlink(table, place);
        age_link_newest(table, number);
        return;
    }
    number = fresh_place(table);
    if (number == NONE)
        number = place_of_oldest(table);
    if (number == NONE)
        return;
    fill(table, number, record);
    change_note(table, number, CHANGED, now_ms);
    age_link_newest(table, number);
}

bool device_table_load(struct device_table *table, const struct device_record *record)
{
    if (number_of(table, &record->request.station) != NONE)
        return false;
    uint32_t number = fresh_place(table);
    if (number == NONE)
        return false;
    fill(table, number, record);
    age_link_oldest(table, number);
    return true;
}

size_t device_table_count(const struct device_table *table)
{
    return table->count;
}

struct release_tally device_table_tally(const struct device_table *table, const char *release)
{
    return release_tallies_get(&table->tallies, release);
}

void device_table_each(const struct device_table *table, size_t limit,
                       bool (*visit)(void *visit_ctx, const struct device_record *record),
                       void *visit_ctx)
{
    size_t visited = 0;

    for (uint32_t i = table->newest; i != NONE; i = at(table, i)->older) {
        if (!visit(visit_ctx, &at(table, i)->record) || ++visited == limit)
            return;
    }
}

size_t device_table_changes(const struct device_table *table, uint64_t now_ms, uint64_t quiet_ms,
                            const struct device_record **out, size_t max)
{
    size_t count = 0;

    for (uint32_t i = table->changes[CHANGED].first; i != NONE && count < max;
         i = at(table, i)->behind)
        out[count++] = &at(table, i)->record;
    for (uint32_t i = table->changes[CHANGED_QUIETLY].first; i != NONE && count < max;
         i = at(table, i)->behind) {
        if (now_ms - at(table, i)->changed_ms < quiet_ms)
            break;
        out[count++] = &at(table, i)->record;
    }
    return count;
}

void device_table_written(struct device_table *table, const struct mac *station)
{
    uint32_t number = number_of(table, station);

    if (number != NONE)
        change_unlink(table, at(table, number));
}

void device_table_all_changed(struct device_table *table, uint64_t now_ms)
{
    for (uint32_t i = table->oldest; i != NONE; i = at(table, i)->newer)
        change_note(table, i, CHANGED, now_ms);
}

const struct mac *device_table_removed(const struct device_table *table, size_t *count)
{
    *count = table->removed_count;
    return table->removed_count > 0 ? table->removed : NULL;
}

bool device_table_removed_overflow(const struct device_table *table)
{
    return table->removed_overflow;
}

void device_table_removed_written(struct device_table *table, size_t count)
{
    table->removed_count -= count < table->removed_count ? count : table->removed_count;
}

void device_table_removed_clear(struct device_table *table)
{
    table->removed_count = 0;
    table->removed_overflow = false;
}

void device_table_removed_lost(struct device_table *table)
{
    table->removed_overflow = true;
}
