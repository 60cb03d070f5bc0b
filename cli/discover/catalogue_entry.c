#include "cli/discover/catalogue_entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Queries ---------------------------------------------------------------------------------- */

/* The query is none of the entry's any more. */
static void release_query(struct catalogue_entry *entry, struct catalogue_pool *pool,
                          struct catalogue_query *query)
{
    for (size_t i = 0; i < CATALOGUE_ENTRY_QUERIES; i++) {
        if (entry->queries[i] == query)
            entry->queries[i] = NULL;
    }
    if (entry->holder == query)
        entry->holder = NULL;
    if (query->state == CATALOGUE_QUERY_ASKED)
        pool->in_flight--;
    pool->open--;
    query->entry = NULL;
}

static void give_up(struct catalogue_entry *entry, struct catalogue_pool *pool,
                    struct catalogue_query *query)
{
    release_query(entry, pool, query);
    query->next = pool->given;
    pool->given = query;
}

static bool is_asking(const struct catalogue_entry *entry, int address_family)
{
    for (size_t i = 0; i < CATALOGUE_ENTRY_QUERIES; i++) {
        const struct catalogue_query *query = entry->queries[i];
        if (query && query->state == CATALOGUE_QUERY_ASKED &&
            (address_family == AF_UNSPEC || query->address_family == address_family))
            return true;
    }
    return false;
}

/* --- Answers ---------------------------------------------------------------------------------- */

/* True when an address of this family would be better than what is known. */
static bool is_wanted(const struct catalogue_entry *entry, const struct catalogue_pool *pool,
                      int address_family)
{
    if (pool->family != AF_UNSPEC && pool->family != address_family)
        return false;
    if (!entry->best)
        return true;
    return answer_grade(entry->best) < (address_family == AF_INET ? ANSWER_IPV4 : ANSWER_IPV6);
}

static void set_best(struct catalogue_entry *entry, struct answer *answer)
{
    if (entry->best != entry->shown)
        free(entry->best);
    entry->best = answer;
}

static void set_dirty(struct catalogue_entry *entry, uint64_t now_ms)
{
    if (!entry->dirty)
        entry->tell_ms = now_ms + CATALOGUE_GRACE_MS;
    entry->dirty = true;
}

/* What was known does not hold any more: everybody is asked again, the one who said so aside. */
static void lose_best(struct catalogue_entry *entry, const struct catalogue_query *except)
{
    entry->holder = NULL;
    entry->dirty = false;
    set_best(entry, NULL);
    sightings_set_tried(&entry->sightings, false);
    struct sighting *sighting =
        except ? sightings_find(&entry->sightings, except->interface, except->family) : NULL;
    if (sighting)
        sighting_tried(sighting, except->address_family);
}

void catalogue_entry_drop_queries(struct catalogue_entry *entry, struct catalogue_pool *pool,
                                  bool closed)
{
    for (size_t i = 0; i < CATALOGUE_ENTRY_QUERIES; i++) {
        struct catalogue_query *query = entry->queries[i];
        if (query && closed) {
            release_query(entry, pool, query);
            free(query);
        } else if (query) {
            give_up(entry, pool, query);
        }
    }
    lose_best(entry, NULL);
}

static void take_best(struct catalogue_entry *entry, struct catalogue_query *query,
                      struct answer *answer, uint64_t now_ms)
{
    bool same = entry->told && answer_equal(answer, entry->shown);

    entry->holder = query;
    entry->last_family = query->address_family;
    if (same) {
        free(answer);
        set_best(entry, entry->shown);
        entry->dirty = false;
        return;
    }
    set_best(entry, answer);
    set_dirty(entry, now_ms);
}

static void set_state(struct catalogue_pool *pool, struct catalogue_query *query,
                      enum catalogue_query_state state)
{
    if (query->state == CATALOGUE_QUERY_ASKED)
        pool->in_flight--;
    query->state = state;
}

/* The host says that there is no such device: nobody else needs to be asked. */
static void take_refusal(struct catalogue_entry *entry, struct catalogue_pool *pool,
                         struct catalogue_query *query)
{
    for (size_t i = 0; i < CATALOGUE_ENTRY_QUERIES; i++) {
        if (entry->queries[i] && entry->queries[i] != query)
            give_up(entry, pool, entry->queries[i]);
    }
    lose_best(entry, query);
    sightings_set_tried(&entry->sightings, true);
}

void catalogue_entry_answer(struct catalogue_entry *entry, struct catalogue_pool *pool,
                            struct catalogue_query *query, const struct mdns_service *service,
                            uint64_t now_ms)
{
    bool usable = service && answer_usable(service) &&
                  service->address.u.any.sa_family == query->address_family;
    struct answer *answer = usable ? answer_new(service, query->interface) : NULL;

    if (!answer) {
        set_state(pool, query, CATALOGUE_QUERY_SILENT);
        if (service && service->address.len > 0 && address_port(&service->address) == 0)
            take_refusal(entry, pool, query);
        else if (entry->holder == query)
            lose_best(entry, query);
        return;
    }
    set_state(pool, query, CATALOGUE_QUERY_ANSWERED);
    if (entry->best && entry->holder != query &&
        answer_grade(answer) <= answer_grade(entry->best)) {
        free(answer);
        give_up(entry, pool, query);
        return;
    }
    if (entry->holder && entry->holder != query)
        give_up(entry, pool, entry->holder);
    take_best(entry, query, answer, now_ms);
}

/* --- Sightings -------------------------------------------------------------------------------- */

void catalogue_entry_seen(struct catalogue_entry *entry, struct catalogue_pool *pool,
                          const struct mdns_sighting *seen)
{
    struct sighting *sighting =
        sightings_add(&entry->sightings, seen->interface, seen->family, pool->round);

    /* It is still announced, though nothing answers: worth another try. */
    if (sighting && !entry->best)
        sighting->tried_v4 = sighting->tried_v6 = false;
}

void catalogue_entry_unseen(struct catalogue_entry *entry, struct catalogue_pool *pool)
{
    bool lost = entry->best && !entry->holder;

    for (size_t i = 0; i < CATALOGUE_ENTRY_QUERIES; i++) {
        struct catalogue_query *query = entry->queries[i];
        if (!query || sightings_find(&entry->sightings, query->interface, query->family))
            continue;
        lost = lost || query == entry->holder;
        give_up(entry, pool, query);
    }
    if (lost)
        lose_best(entry, NULL);
}

/* --- Wishes ----------------------------------------------------------------------------------- */

/* Of two silent queries the one that is more likely to hear something is kept. */
static bool is_better_listener(const struct catalogue_entry *entry, const struct catalogue_query *a,
                               const struct catalogue_query *b)
{
    return a->address_family == entry->last_family && b->address_family != entry->last_family;
}

/* Give up what nobody needs: one query stays open, be it the one that answered, or a silent one. */
static void tidy(struct catalogue_entry *entry, struct catalogue_pool *pool)
{
    const struct catalogue_query *listener = NULL;

    for (size_t i = 0; i < CATALOGUE_ENTRY_QUERIES; i++) {
        const struct catalogue_query *query = entry->queries[i];
        if (query && query->state == CATALOGUE_QUERY_SILENT &&
            (!listener || is_better_listener(entry, query, listener)))
            listener = query;
    }
    if (entry->best)
        listener = entry->holder;
    if (pool->open > CATALOGUE_OPEN_MAX)
        listener = NULL;
    for (size_t i = 0; i < CATALOGUE_ENTRY_QUERIES; i++) {
        struct catalogue_query *query = entry->queries[i];
        if (!query || query == listener)
            continue;
        if (query->state != CATALOGUE_QUERY_ASKED || !is_wanted(entry, pool, query->address_family))
            give_up(entry, pool, query);
    }
}

static struct catalogue_query *add_query(struct catalogue_entry *entry, struct catalogue_pool *pool,
                                         const struct sighting *sighting, int address_family)
{
    struct catalogue_query *query = calloc(1, sizeof *query);
    size_t i = 0;

    while (i < CATALOGUE_ENTRY_QUERIES && entry->queries[i])
        i++;
    if (!query || i == CATALOGUE_ENTRY_QUERIES) {
        free(query);
        return NULL;
    }
    *query = (struct catalogue_query){
        .entry = entry,
        .interface = sighting->interface,
        .family = sighting->family,
        .address_family = address_family,
        .state = CATALOGUE_QUERY_ASKED,
    };
    entry->queries[i] = query;
    pool->open++;
    pool->in_flight++;
    return query;
}

/* Ask for an address of this family if that is of use; false when it is not, or must wait. */
static bool ask(struct catalogue_entry *entry, struct catalogue_pool *pool, int address_family,
                struct catalogue_wish *wish)
{
    struct sighting *sighting;

    if (!is_wanted(entry, pool, address_family) || is_asking(entry, address_family))
        return false;
    sighting = sightings_pick(&entry->sightings, address_family, pool->round);
    if (!sighting)
        return false;
    if (pool->in_flight >= CATALOGUE_IN_FLIGHT_MAX) {
        entry->waiting = pool->waiting = true;
        return false;
    }
    sighting_tried(sighting, address_family);
    struct catalogue_query *query = add_query(entry, pool, sighting, address_family);
    if (!query)
        return false;
    *wish = (struct catalogue_wish){
        .kind = CATALOGUE_ASK,
        .query = query,
        .sighting = { entry->device.name, sighting->interface, sighting->family },
        .address_family = address_family,
    };
    return true;
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

static bool tell_news(struct catalogue_entry *entry, struct catalogue_pool *pool, uint64_t now_ms,
                      struct catalogue_wish *wish)
{
    bool unfinished = entry->waiting || is_asking(entry, AF_UNSPEC);

    entry->graced = false;
    if (!entry->best)
        return entry->told && !unfinished && sightings_current(&entry->sightings, pool->round) &&
               tell(entry, FINDER_REMOVED, wish);
    if (entry->told && take_interfaces(entry, false))
        set_dirty(entry, now_ms);
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

bool catalogue_entry_next(struct catalogue_entry *entry, struct catalogue_pool *pool,
                          uint64_t now_ms, struct catalogue_wish *wish)
{
    if (entry->doomed)
        return entry->told && tell(entry, FINDER_REMOVED, wish);
    entry->waiting = false;
    tidy(entry, pool);
    return ask(entry, pool, AF_INET, wish) || ask(entry, pool, AF_INET6, wish) ||
           tell_news(entry, pool, now_ms, wish);
}

struct catalogue_entry *catalogue_entry_new(const char *name)
{
    struct catalogue_entry *entry = calloc(1, sizeof *entry);

    if (!entry)
        return NULL;
    snprintf(entry->device.name, sizeof entry->device.name, "%s", name);
    entry->last_family = AF_INET;
    return entry;
}

void catalogue_entry_free(struct catalogue_entry *entry)
{
    for (size_t i = 0; i < CATALOGUE_ENTRY_QUERIES; i++)
        free(entry->queries[i]);
    set_best(entry, NULL);
    free(entry->shown);
    free(entry);
}
