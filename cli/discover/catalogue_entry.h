/*
 * One instance of the catalogue: where it is seen, whom is asked about it, and what it answered.
 */
#ifndef CLI_CATALOGUE_ENTRY_H
#define CLI_CATALOGUE_ENTRY_H

#include "cli/discover/answer.h"
#include "cli/discover/device.h"
#include "cli/discover/finder.h"
#include "cli/discover/mdns.h"
#include "cli/discover/sightings.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Questions in flight, of all devices together: neither answered nor given up. With fewer, 200
 * devices behind one slow responder take more than the seconds that people wait.
 */
#define CATALOGUE_IN_FLIGHT_MAX 128

/* Open questions beyond which no more stay open to hear of changes; avahi-daemon allows 1024. */
#define CATALOGUE_OPEN_MAX 768

/* Open questions of one device: for either version of IP, and one that was answered or silent. */
#define CATALOGUE_ENTRY_QUERIES 3

/* How long an IPv6 address waits for an IPv4 one. */
#define CATALOGUE_GRACE_MS 150

struct catalogue_entry;

enum catalogue_query_state {
    CATALOGUE_QUERY_ASKED,    /* in flight */
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
    struct catalogue_query *next; /* among those that have been given up */
};

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

/* What all entries of a catalogue share. */
struct catalogue_pool {
    int family;     /* of the addresses wanted, or AF_UNSPEC */
    unsigned round; /* of sightings */
    size_t open;    /* queries that are open, or are going to be */
    size_t in_flight;
    bool waiting;                  /* some entry waits until fewer are in flight */
    bool has_wake;                 /* some entry is to be looked at again at wake_ms */
    uint64_t wake_ms;              /* on the clock of catalogue_next() */
    struct catalogue_query *given; /* given up, to be closed */
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
    bool waiting;                 /* for fewer in flight */
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

/* Its next wish; false when there is none until something happens. */
bool catalogue_entry_next(struct catalogue_entry *entry, struct catalogue_pool *pool,
                          uint64_t now_ms, struct catalogue_wish *wish);

#endif
