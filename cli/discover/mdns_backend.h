/*
 * Behind cli/discover/mdns.h: what the two ways to mDNS have in common, and what each of them does
 * by itself. avahi's two libraries have the same callbacks but for the types of their objects; the
 * ways hand them on to the functions below, which check what came from the network, and tell the
 * asker only what is news.
 */
#ifndef CLI_MDNS_BACKEND_H
#define CLI_MDNS_BACKEND_H

#include "cli/discover/mdns.h"
#include "cli/discover/mdns_bus.h"
#include "cli/discover/mdns_poll.h"

#include <avahi-common/address.h>
#include <avahi-common/defs.h>
#include <avahi-common/strlst.h>

/* The domain of mDNS. */
#define MDNS_DOMAIN "local"

enum mdns_query_kind {
    MDNS_QUERY_BROWSE,
    MDNS_QUERY_SERVICE,
    MDNS_QUERY_HOST,
};

struct mdns_query {
    struct mdns *mdns;
    struct mdns_query *next; /* of all of its mdns */
    enum mdns_query_kind kind;
    bool closed;  /* its asker has freed it; the memory goes when none of its callbacks can run */
    void *object; /* avahi's, of the type that fits way and kind; NULL while it is being made */
    int family;   /* of the address asked for */
    union {
        mdns_browse_fn *browse;
        mdns_service_fn *service;
        mdns_host_fn *host;
    } fn;
    void *ctx;
    bool settled;
    /* What its resolver found last. */
    bool found;
    char *host; /* for a host's query: what was asked for */
    struct address address;
    uint8_t *txt;
    size_t txt_len;
    /*
     * avahi's resolver hands out any one of a host's addresses. When that is a link-local one of
     * IPv6, all are browsed, and a better one takes its place.
     */
    void *others; /* avahi's record browser; NULL: none */
    bool others_known;
    struct address better;
    /* What was told last. */
    bool news; /* another host name or TXT record has not been told yet */
    bool there;
    bool gone;
    struct address told;
};

/* One way to mDNS. */
struct mdns_backend {
    enum mdns_mode mode;
    /* Begin. False, with the reason, when it cannot be had; then close() is not called. */
    bool (*open)(struct mdns *mdns, char why[MDNS_WHY_MAX]);
    /* What to look at first when it cannot, to follow the reason; or "". */
    const char *hint;
    /* End, with all of avahi's objects. */
    void (*close)(struct mdns *mdns);
    /* Make avahi's object for a query. NULL when it failed: see error(). */
    void *(*browse)(struct mdns_query *query);
    void *(*resolve)(struct mdns_query *query, const struct mdns_sighting *sighting);
    void *(*resolve_host)(struct mdns_query *query, const char *host);
    /* Tell mdns_lost() when nobody answers any more. NULL: there is nobody who could stop to. */
    void (*check)(struct mdns *mdns);
    /* Free avahi's object of a query. */
    void (*stop)(struct mdns_query *query);
    /* Browse a host's IPv6 addresses where it was seen, for `query->others`. NULL when it failed.
     */
    void *(*browse_addresses)(struct mdns_query *query, AvahiIfIndex interface,
                              AvahiProtocol protocol, const char *host);
    /* Free `query->others`. */
    void (*stop_addresses)(struct mdns_query *query);
    /* Why the last call failed. */
    const char *(*error)(const struct mdns *mdns);
};

struct mdns {
    struct mdns_options options;
    const struct mdns_backend *way;
    struct mdns_poll poll;
    AvahiIfIndex interface; /* AVAHI_IF_UNSPEC: all */
    union {
        struct AvahiClient *client;
        struct AvahiServer *server;
    } avahi;
    struct mdns_bus *bus;  /* of the daemon's way */
    struct mdns *log_next; /* of those that avahi's log may go to; see mdns_embedded.c */
    struct mdns_query *queries;
    struct event *reap; /* frees what is closed, outside of avahi's callbacks */
    unsigned busy;      /* callbacks that are running, one within another */
    bool opened;        /* before that, a failure is open()'s to report */
    bool lost;          /* told already */
};

/* Tell the log, whatever `text` holds. */
void mdns_log(const struct mdns *mdns, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Nothing more will be heard: tell the caller, once. */
void mdns_lost(struct mdns *mdns, const char *why);

/* Hand on what a browser said; see AvahiServiceBrowserCallback. */
void mdns_heard_browser(struct mdns_query *query, AvahiIfIndex interface, AvahiProtocol protocol,
                        AvahiBrowserEvent event, const char *name, const char *type,
                        const char *domain);

/*
 * Hand on what a service's resolver said; see AvahiServiceResolverCallback. `host`, `address` and
 * `txt` may be NULL.
 */
void mdns_heard_service(struct mdns_query *query, AvahiIfIndex interface, AvahiProtocol protocol,
                        AvahiResolverEvent event, const char *host, const AvahiAddress *address,
                        uint16_t port, AvahiStringList *txt);

/* Hand on what a host's resolver said; see AvahiHostNameResolverCallback. */
void mdns_heard_host(struct mdns_query *query, AvahiIfIndex interface, AvahiProtocol protocol,
                     AvahiResolverEvent event, const AvahiAddress *address);

/* Hand on what the browser of IPv6 addresses said; see AvahiRecordBrowserCallback. */
void mdns_heard_address(struct mdns_query *query, AvahiBrowserEvent event, const void *rdata,
                        size_t size);

/* Free what a query holds of its own; avahi's objects are gone by then. */
void mdns_query_destroy(struct mdns_query *query);

#endif
