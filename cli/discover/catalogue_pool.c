#include "cli/discover/catalogue_pool.h"

static void append(struct catalogue_list *list, struct catalogue_query *query)
{
    query->list = list;
    query->next = NULL;
    query->before = list->last;
    if (list->last)
        list->last->next = query;
    else
        list->first = query;
    list->last = query;
    list->count++;
}

static void take_out(struct catalogue_query *query)
{
    struct catalogue_list *list = query->list;

    if (!list)
        return;
    if (query->before)
        query->before->next = query->next;
    else
        list->first = query->next;
    if (query->next)
        query->next->before = query->before;
    else
        list->last = query->before;
    list->count--;
    query->list = NULL;
}

void catalogue_pool_ask(struct catalogue_pool *pool, struct catalogue_query *query, uint64_t now_ms)
{
    query->state = CATALOGUE_QUERY_ASKED;
    query->asked_ms = now_ms;
    append(&pool->in_flight, query);
    pool->open++;
}

void catalogue_pool_answer(struct catalogue_query *query, enum catalogue_query_state state)
{
    take_out(query);
    query->state = state;
}

void catalogue_pool_close(struct catalogue_pool *pool, struct catalogue_query *query)
{
    take_out(query);
    pool->open--;
}

void catalogue_pool_age(struct catalogue_pool *pool, uint64_t now_ms)
{
    struct catalogue_query *query = pool->in_flight.first;

    while (query && query->asked_ms + CATALOGUE_FLIGHT_MS <= now_ms) {
        take_out(query);
        append(&pool->overdue, query);
        query = pool->in_flight.first;
    }
}

size_t catalogue_pool_room(const struct catalogue_pool *pool, bool again)
{
    size_t most = again ? CATALOGUE_IN_FLIGHT_AGAIN_MAX : CATALOGUE_IN_FLIGHT_MAX;

    return pool->in_flight.count < most ? most - pool->in_flight.count : 0;
}

bool catalogue_pool_crowded(const struct catalogue_pool *pool, size_t more)
{
    return pool->overdue.first &&
           (pool->open + more > CATALOGUE_OPEN_MAX ||
            pool->in_flight.count + pool->overdue.count + more > CATALOGUE_ASKED_MAX);
}
