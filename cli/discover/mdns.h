/*
 * Multicast DNS, one small interface over two ways to it: the avahi-daemon of this machine, asked
 * over the system's D-Bus, and libavahi-core within this process where there is no daemon.
 *
 * Everything runs on the program's libevent base, without threads. Callbacks come from the base's
 * loop; some may come before the function that asks has returned. A callback may free any query,
 * its own as well, but must not call mdns_close().
 */
#ifndef CLI_MDNS_H
#define CLI_MDNS_H

#include "cli/address.h"
#include "cli/failure.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The service that devices announce, in the domain "local". */
#define MDNS_SERVICE "_arduino._tcp"

enum mdns_mode {
    MDNS_AUTO,     /* the daemon if one answers, else embedded */
    MDNS_DAEMON,   /* avahi-daemon alone */
    MDNS_EMBEDDED, /* within this process; what is found is fresh, as its cache begins empty */
    MDNS_OFF,
};

/* The word of --mdns=WORD: auto, daemon, embedded, off. */
bool mdns_mode_parse(enum mdns_mode *out, const char *word);

/* The words, for help and completions. Ends with NULL. */
extern const char *const mdns_mode_words[];

struct mdns_options {
    enum mdns_mode mode;   /* not MDNS_OFF */
    const char *interface; /* the name of the only interface to be used; NULL: all */
    /* Told to people who ask for every step; NULL: not at all. The text is printable. */
    void (*log)(void *ctx, const char *text);
    /*
     * The daemon has gone away, or does not answer any more: nothing more will be heard, and the
     * caller closes when it likes. May come from within mdns_check() and any function below that
     * takes or frees a query, which then takes a few seconds; after it none of them waits.
     */
    void (*lost)(void *ctx, const char *why);
    void *ctx;
};

struct mdns;

/*
 * Begin. NULL, with `failure` filled in (EXIT_LOCAL_FAILURE), when there is no daemon, or no
 * interface of that name, or a socket cannot be had. Which way was chosen, and why, goes to the
 * log. Takes up to 5 seconds where a daemon is there and does not answer, else next to nothing.
 */
struct mdns *mdns_open(struct event_base *base, const struct mdns_options *options,
                       struct failure *failure);

/* End, with all queries. NULL does nothing. */
void mdns_close(struct mdns *mdns);

/* MDNS_DAEMON or MDNS_EMBEDDED. */
enum mdns_mode mdns_mode(const struct mdns *mdns);

/*
 * See whether the daemon still answers, where it may have been silent for long: `lost` is told when
 * it does not within a second. Nothing happens without a daemon.
 */
void mdns_check(struct mdns *mdns);

enum mdns_event {
    MDNS_ADDED,   /* it is there */
    MDNS_CHANGED, /* it was there, and says something else now */
    MDNS_GONE,    /* it has said goodbye, or does not answer (any more) */
    MDNS_SETTLED, /* browsing: everything known so far has been told (see mdns_browse) */
};

/* A question that stays open, and is answered anew whenever the answer changes. */
struct mdns_query;

/* Close a question. NULL does nothing. */
void mdns_query_free(struct mdns_query *query);

/* Where an instance of MDNS_SERVICE was seen: once per interface and version of IP. */
struct mdns_sighting {
    const char *name;   /* of the instance, raw; at most 63 bytes */
    unsigned interface; /* index */
    int family;         /* AF_INET or AF_INET6: over which mDNS spoke */
};

/* `sighting` is NULL with MDNS_SETTLED. Its strings last for the call. */
typedef void mdns_browse_fn(void *ctx, enum mdns_event event, const struct mdns_sighting *sighting);

/*
 * Look for devices, over all versions of IP: MDNS_ADDED for each sighting, MDNS_GONE when it said
 * goodbye or its record ran out, MDNS_SETTLED once what the cache held has been told. The network
 * is asked at once, also when such a query has been open before or still is, and also where a
 * daemon's cache knows some; avahi goes on to ask at 1, 3, 7 ... s after the first time. NULL, with
 * `failure` filled in, when that failed.
 */
struct mdns_query *mdns_browse(struct mdns *mdns, mdns_browse_fn *fn, void *ctx,
                               struct failure *failure);

/* What an instance says of itself. Strings and bytes last for the call. */
struct mdns_service {
    const char *host;       /* "name.local", no dot at its end, escaped as in DNS */
    struct address address; /* with the port of the SRV record, and the scope of fe80:: */
    const uint8_t *txt;     /* as in txt.h */
    size_t txt_len;
};

/* `service` is NULL with MDNS_GONE. */
typedef void mdns_service_fn(void *ctx, enum mdns_event event, const struct mdns_service *service);

/*
 * Resolve an instance where it was seen, to an address of `address_family` (AF_INET, AF_INET6): a
 * link-local one of IPv6 only if there is no other.
 * MDNS_GONE comes when nothing answers (avahi gives up after 5 seconds, which it also waits for a
 * new answer after a goodbye), and may be followed by MDNS_ADDED later. NULL, with `failure` filled
 * in, when that failed.
 */
struct mdns_query *mdns_resolve(struct mdns *mdns, const struct mdns_sighting *sighting,
                                int address_family, mdns_service_fn *fn, void *ctx,
                                struct failure *failure);

/* `address` is NULL with MDNS_GONE; its port is 0. */
typedef void mdns_host_fn(void *ctx, enum mdns_event event, const struct address *address);

/* Resolve a host's name such as "kitchen.local" to an address of `address_family`, likewise. */
struct mdns_query *mdns_resolve_host(struct mdns *mdns, const char *host, int address_family,
                                     mdns_host_fn *fn, void *ctx, struct failure *failure);

#endif
