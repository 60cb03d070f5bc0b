/*
 * The questions of a catalogue: how many there are, of all devices together, and which of them have
 * been in flight for how long.
 *
 * What nothing answers, such as a name that somebody made up, or an address that a device does not
 * have, stays open for the seconds that avahi waits. It must not keep others from being asked: what
 * is not answered soon is overdue, does not count any more, and is given up when there is no room.
 */
#ifndef CLI_CATALOGUE_POOL_H
#define CLI_CATALOGUE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Questions in flight: neither answered nor given up nor overdue. With fewer, 200 devices behind
 * one slow responder take more than the seconds that people wait.
 */
#define CATALOGUE_IN_FLIGHT_MAX 128

/* Of them, so many for devices that were asked everything before, and did not answer. */
#define CATALOGUE_IN_FLIGHT_AGAIN_MAX (CATALOGUE_IN_FLIGHT_MAX / 2)

/* How long a question is in flight: devices that are awake answer in less. */
#define CATALOGUE_FLIGHT_MS 300

/*
 * Open questions beyond which overdue ones are given up, and no more stay open to hear of changes;
 * avahi-daemon allows 1024.
 */
#define CATALOGUE_OPEN_MAX 768

/* Questions that are asked, overdue ones included: more only make a network busier that is. */
#define CATALOGUE_ASKED_MAX (2 * CATALOGUE_IN_FLIGHT_MAX)

struct catalogue_entry;

enum catalogue_query_state {
    CATALOGUE_QUERY_ASKED,    /* in flight, or overdue */
    CATALOGUE_QUERY_ANSWERED, /* it supplies what is known */
    CATALOGUE_QUERY_SILENT,   /* nothing answered; it stays open to hear when something does */
};

/* A question to be answered by catalogue_answer(); the catalogue's, but for `owner`, `handle`. */
struct catalogue_query {
    void *owner;
    void *handle;
    struct catalogue_entry *entry; /* NULL once it has been given up */
    unsigned interface;
    int family; /* of the sighting */
    int address_family;
    enum catalogue_query_state state;
    uint64_t asked_ms;
    struct catalogue_list *list;    /* that it is on; NULL: none */
    struct catalogue_query *before; /* on that list */
    struct catalogue_query *next;   /* likewise, or among those that have been given up */
};

/* Questions, the oldest first. */
struct catalogue_list {
    struct catalogue_query *first;
    struct catalogue_query *last;
    size_t count;
};

/* What all entries of a catalogue share. */
struct catalogue_pool {
    int family;     /* of the addresses wanted, or AF_UNSPEC */
    unsigned round; /* of sightings */
    size_t open;    /* queries that are open, or are going to be */
    struct catalogue_list in_flight;
    struct catalogue_list overdue;
    bool waiting;                  /* some entry waits until there is room for its question */
    bool has_wake;                 /* some entry is to be looked at again at wake_ms */
    uint64_t wake_ms;              /* on the clock of catalogue_next() */
    struct catalogue_query *given; /* given up, to be closed */
};

/* The query is asked now. */
void catalogue_pool_ask(struct catalogue_pool *pool, struct catalogue_query *query,
                        uint64_t now_ms);

/* It has been answered, `state` tells how; it stays open. */
void catalogue_pool_answer(struct catalogue_query *query, enum catalogue_query_state state);

/* It is closed, or going to be. */
void catalogue_pool_close(struct catalogue_pool *pool, struct catalogue_query *query);

/* What has been in flight for long enough is overdue. */
void catalogue_pool_age(struct catalogue_pool *pool, uint64_t now_ms);

/* How many more may be in flight; `again`: of those that did not answer before. */
size_t catalogue_pool_room(const struct catalogue_pool *pool, bool again);

/* True when an overdue one must be given up before something is asked. */
bool catalogue_pool_crowded(const struct catalogue_pool *pool, size_t more);

#endif
