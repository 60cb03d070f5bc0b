/*
 * One instance of the catalogue: where it is seen, whom is asked about it, and what it answered.
 */
#ifndef CLI_CATALOGUE_ENTRY_H
#define CLI_CATALOGUE_ENTRY_H

#include "cli/discover/answer.h"
#include "cli/discover/catalogue_pool.h"
#include "cli/discover/device.h"
#include "cli/discover/finder.h"
#include "cli/discover/mdns.h"
#include "cli/discover/sightings.h"

#include <stdbool.h>
#include <stdint.h>

/* Open questions of one device: for either version of IP, and one that was answered or silent. */
#define CATALOGUE_ENTRY_QUERIES 3

/* How long an IPv6 address waits for an IPv4 one. */
#define CATALOGUE_GRACE_MS 150

enum catalogue_wish_kind {
    CATALOGUE_ASK,  /* open the query: an address of `address_family` for `sighting` */
    CATALOGUE_DROP, /* close the query */
    CATALOGUE_TELL, /* tell of the event */
};

struct catalogue_wish {
    enum catalogue_wish_kind kind;
    struct catalogue_query *query; /* for CATALOGUE_DROP it ends with the next call */
    struct mdns_sighting sighting;
    int address_family;
    enum finder_event event;
    const struct device *device;
};

struct catalogue_entry {
    struct device device; /* as it was told of; its name always */
    struct answer *shown; /* what `device` shows; NULL before that */
    struct answer *best;  /* the newest known, perhaps the same; NULL: nothing answers */
    uint64_t tell_ms;     /* until when `best` waits for a better one */
    struct catalogue_query *queries[CATALOGUE_ENTRY_QUERIES];
    struct catalogue_query *holder; /* of them: who answered; NULL: nobody, or closed */
    struct sightings sightings;
    int last_family;              /* of the address that was known last */
    bool told;                    /* somebody knows of the device */
    bool dirty;                   /* there is something new to tell */
    bool again;                   /* everybody was asked, and did not answer */
    unsigned retries;             /* so often in a row */
    unsigned retry_round;         /* the round of the last of them */
    bool waiting;                 /* for room to be asked for */
    bool graced;                  /* waits until tell_ms */
    bool doomed;                  /* not seen any more; freed once that is told */
    bool due;                     /* in the queue of those to be looked at */
    struct catalogue_entry *next; /* in that queue */
};

/* A new one with this name, of at most 63 bytes; NULL without memory. */
struct catalogue_entry *catalogue_entry_new(const char *name);

/* Free it and its queries, open ones as well, without a wish. */
void catalogue_entry_free(struct catalogue_entry *entry);

/* Take in what happened, as in catalogue.h. */
void catalogue_entry_seen(struct catalogue_entry *entry, struct catalogue_pool *pool,
                          const struct mdns_sighting *seen);
void catalogue_entry_unseen(struct catalogue_entry *entry, struct catalogue_pool *pool);
void catalogue_entry_answer(struct catalogue_entry *entry, struct catalogue_pool *pool,
                            struct catalogue_query *query, const struct mdns_service *service,
                            uint64_t now_ms);

/*
 * Give its queries up, and what they answered; those that were closed from outside are freed at
 * once.
 */
void catalogue_entry_drop_queries(struct catalogue_entry *entry, struct catalogue_pool *pool,
                                  bool closed);

/* True when it is being asked for an address of this family, or AF_UNSPEC: of any. */
bool catalogue_entry_asks(const struct catalogue_entry *entry, int address_family);

/* The query is closed before it was answered, for want of room. */
void catalogue_entry_drop_query(struct catalogue_entry *entry, struct catalogue_pool *pool,
                                struct catalogue_query *query);

/* True when whoever could answer has been asked more than once, and none did; nobody knows of it.
 */
bool catalogue_entry_is_silent(const struct catalogue_entry *entry);

/* Its next wish; false when there is none until something happens. */
bool catalogue_entry_next(struct catalogue_entry *entry, struct catalogue_pool *pool,
                          uint64_t now_ms, struct catalogue_wish *wish);

#endif
