#include "cli/discover/catalogue_entry.h"

#include "cli/discover/catalogue_tell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rounds between two tries with a device that does not answer: up to 1 << (this - 1). */
#define RETRY_PAUSE_LOG 4

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
    catalogue_pool_close(pool, query);
    query->entry = NULL;
}

static void give_up(struct catalogue_entry *entry, struct catalogue_pool *pool,
                    struct catalogue_query *query)
{
    release_query(entry, pool, query);
    query->next = pool->given;
    pool->given = query;
}

bool catalogue_entry_asks(const struct catalogue_entry *entry, int address_family)
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

void catalogue_entry_drop_query(struct catalogue_entry *entry, struct catalogue_pool *pool,
                                struct catalogue_query *query)
{
    give_up(entry, pool, query);
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
    catalogue_tell_soon(entry, now_ms);
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
        catalogue_pool_answer(query, CATALOGUE_QUERY_SILENT);
        if (service && service->address.len > 0 && address_port(&service->address) == 0)
            take_refusal(entry, pool, query);
        else if (entry->holder == query)
            lose_best(entry, query);
        return;
    }
    catalogue_pool_answer(query, CATALOGUE_QUERY_ANSWERED);
    entry->again = false;
    entry->retries = 0;
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

/*
 * It is still announced, though nothing answers: that is worth another try, less and less often, as
 * there may be nobody who could answer.
 */
static bool may_retry(struct catalogue_entry *entry, const struct catalogue_pool *pool)
{
    unsigned pause = 1u << (entry->retries < RETRY_PAUSE_LOG ? entry->retries : RETRY_PAUSE_LOG);

    if (pool->round == entry->retry_round)
        return true;
    if (pool->round - entry->retry_round < (pause + 1) / 2)
        return false;
    entry->retry_round = pool->round;
    entry->retries++;
    entry->again = true;
    return true;
}

void catalogue_entry_seen(struct catalogue_entry *entry, struct catalogue_pool *pool,
                          const struct mdns_sighting *seen)
{
    struct sighting *sighting =
        sightings_add(&entry->sightings, seen->interface, seen->family, pool->round);

    if (sighting && !entry->best && (sighting->tried_v4 || sighting->tried_v6) &&
        may_retry(entry, pool))
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
    /* Who has answered once is more likely to do it again than who never has. */
    if (pool->open > (entry->best || entry->shown ? CATALOGUE_OPEN_MAX : CATALOGUE_OPEN_MAX / 2))
        listener = NULL;
    for (size_t i = 0; i < CATALOGUE_ENTRY_QUERIES; i++) {
        struct catalogue_query *query = entry->queries[i];
        if (!query || query == listener)
            continue;
        if (query->state != CATALOGUE_QUERY_ASKED || !is_wanted(entry, pool, query->address_family))
            give_up(entry, pool, query);
    }
}

static struct catalogue_query *add_query(struct catalogue_entry *entry,
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
    };
    entry->queries[i] = query;
    return query;
}

/* Ask for an address of this family if that is of use; false when it is not, or must wait. */
static bool ask(struct catalogue_entry *entry, struct catalogue_pool *pool, int address_family,
                uint64_t now_ms, struct catalogue_wish *wish)
{
    struct sighting *sighting;

    if (!is_wanted(entry, pool, address_family) || catalogue_entry_asks(entry, address_family))
        return false;
    sighting = sightings_pick(&entry->sightings, address_family, pool->round);
    if (!sighting)
        return false;
    if (catalogue_pool_room(pool, entry->again) == 0 || catalogue_pool_crowded(pool, 1)) {
        entry->waiting = pool->waiting = true;
        return false;
    }
    sighting_tried(sighting, address_family);
    struct catalogue_query *query = add_query(entry, sighting, address_family);
    if (!query)
        return false;
    catalogue_pool_ask(pool, query, now_ms);
    *wish = (struct catalogue_wish){
        .kind = CATALOGUE_ASK,
        .query = query,
        .sighting = { entry->device.name, sighting->interface, sighting->family },
        .address_family = address_family,
    };
    return true;
}

bool catalogue_entry_next(struct catalogue_entry *entry, struct catalogue_pool *pool,
                          uint64_t now_ms, struct catalogue_wish *wish)
{
    if (entry->doomed)
        return catalogue_tell_end(entry, wish);
    entry->waiting = false;
    tidy(entry, pool);
    return ask(entry, pool, AF_INET, now_ms, wish) || ask(entry, pool, AF_INET6, now_ms, wish) ||
           catalogue_tell(entry, pool, now_ms, wish);
}

bool catalogue_entry_is_silent(const struct catalogue_entry *entry)
{
    return entry->again && !entry->told && !entry->best && !entry->waiting && !entry->due &&
           !catalogue_entry_asks(entry, AF_UNSPEC);
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
