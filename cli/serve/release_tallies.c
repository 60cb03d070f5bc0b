#include "cli/serve/release_tallies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NONE         UINT32_MAX
#define CAPACITY_MIN 64u

struct release_count {
    char name[UPDATE_VERSION_SIZE];
    struct release_tally tally;
    uint32_t next; /* in its bucket, or among the unused */
};

/* FNV-1a. Names are the catalogue's, whose owner has no reason to make them collide. */
static uint32_t hash(const char *name)
{
    uint32_t value = 2166136261u;

    for (; *name; name++)
        value = (value ^ (unsigned char)*name) * 16777619u;
    return value;
}

static uint32_t *bucket_of(const struct release_tallies *tallies, const char *name)
{
    return &tallies->buckets[hash(name) & (tallies->capacity - 1)];
}

static struct release_count *find(const struct release_tallies *tallies, const char *name)
{
    if (tallies->capacity == 0)
        return NULL;
    for (uint32_t i = *bucket_of(tallies, name); i != NONE; i = tallies->counts[i].next) {
        if (strcmp(tallies->counts[i].name, name) == 0)
            return &tallies->counts[i];
    }
    return NULL;
}

/* Called when every place is in use, so that there is no list of the unused to keep. */
static bool grow(struct release_tallies *tallies)
{
    uint32_t capacity = tallies->capacity ? 2 * tallies->capacity : CAPACITY_MIN;
    struct release_count *counts = reallocarray(tallies->counts, capacity, sizeof *counts);

    if (!counts)
        return false;
    tallies->counts = counts;
    uint32_t *buckets = reallocarray(tallies->buckets, capacity, sizeof *buckets);
    if (!buckets)
        return false;
    tallies->buckets = buckets;
    tallies->capacity = capacity;
    tallies->unused = NONE;
    for (uint32_t i = 0; i < capacity; i++)
        buckets[i] = NONE;
    for (uint32_t i = 0; i < tallies->used; i++) {
        uint32_t *bucket = bucket_of(tallies, counts[i].name);
        counts[i].next = *bucket;
        *bucket = i;
    }
    return true;
}

static struct release_count *add(struct release_tallies *tallies, const char *name)
{
    uint32_t place;

    if (tallies->capacity > 0 && tallies->unused != NONE) {
        place = tallies->unused;
        tallies->unused = tallies->counts[place].next;
    } else {
        if (tallies->used == tallies->capacity && !grow(tallies))
            return NULL;
        place = tallies->used++;
    }
    uint32_t *bucket = bucket_of(tallies, name);
    struct release_count *count = &tallies->counts[place];
    *count = (struct release_count){ .next = *bucket };
    snprintf(count->name, sizeof count->name, "%s", name);
    *bucket = place;
    return count;
}

static void drop(struct release_tallies *tallies, struct release_count *count)
{
    uint32_t place = (uint32_t)(count - tallies->counts);
    uint32_t *link = bucket_of(tallies, count->name);

    while (*link != place)
        link = &tallies->counts[*link].next;
    *link = count->next;
    count->next = tallies->unused;
    tallies->unused = place;
}

/* What a device is for a release, as its number in a tally; the worse outcome counts. */
static uint32_t *number_of(struct release_tally *tally, const struct device_record *record,
                           const char *release)
{
    bool sketch = strcmp(record->sketch.release, release) == 0;
    bool filesystem = strcmp(record->filesystem.release, release) == 0;
    enum offer_outcome first = sketch ? record->sketch.outcome : OFFER_NONE;
    enum offer_outcome second = filesystem ? record->filesystem.outcome : OFFER_NONE;

    if (first == OFFER_FAILED || second == OFFER_FAILED)
        return &tally->failed;
    if (first == OFFER_HELD || second == OFFER_HELD)
        return &tally->held;
    if (first == OFFER_UPDATED || second == OFFER_UPDATED)
        return &tally->updated;
    return NULL;
}

static void count_in(struct release_tallies *tallies, const struct device_record *record,
                     const char *release)
{
    struct release_count *count = find(tallies, release);

    if (!count)
        count = add(tallies, release);
    if (!count)
        return;
    uint32_t *number = number_of(&count->tally, record, release);
    count->tally.offered++;
    if (number)
        ++*number;
}

static void count_out(struct release_tallies *tallies, const struct device_record *record,
                      const char *release)
{
    struct release_count *count = find(tallies, release);

    if (!count)
        return;
    /* Numbers can be short only of devices that went uncounted for want of memory. */
    uint32_t *number = number_of(&count->tally, record, release);
    if (number && *number > 0)
        --*number;
    if (count->tally.offered > 0)
        count->tally.offered--;
    if (count->tally.offered == 0)
        drop(tallies, count);
}

static void count_all(struct release_tallies *tallies, const struct device_record *record,
                      void (*count)(struct release_tallies *tallies,
                                    const struct device_record *record, const char *release))
{
    const char *sketch = record->sketch.release;
    const char *filesystem = record->filesystem.release;

    if (sketch[0] != '\0')
        count(tallies, record, sketch);
    if (filesystem[0] != '\0' && strcmp(sketch, filesystem) != 0)
        count(tallies, record, filesystem);
}

static bool same_offer(const struct device_offer *a, const struct device_offer *b)
{
    return a->outcome == b->outcome && strcmp(a->release, b->release) == 0;
}

void release_tallies_change(struct release_tallies *tallies, const struct device_record *before,
                            const struct device_record *after)
{
    if (before && after && same_offer(&before->sketch, &after->sketch) &&
        same_offer(&before->filesystem, &after->filesystem))
        return;
    if (before)
        count_all(tallies, before, count_out);
    if (after)
        count_all(tallies, after, count_in);
}

struct release_tally release_tallies_get(const struct release_tallies *tallies, const char *release)
{
    const struct release_count *count = find(tallies, release);

    return count ? count->tally : (struct release_tally){ 0 };
}

void release_tallies_clear(struct release_tallies *tallies)
{
    free(tallies->counts);
    free(tallies->buckets);
    *tallies = (struct release_tallies){ 0 };
}
