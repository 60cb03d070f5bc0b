#include "cli/discover/mdns.h"

#include "cli/discover/mdns_ask.h"
#include "cli/discover/mdns_backend.h"
#include "cli/discover/mdns_daemon.h"
#include "cli/discover/mdns_embedded.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

const char *const mdns_mode_words[] = {
    [MDNS_AUTO] = "auto",
    [MDNS_DAEMON] = "daemon",
    [MDNS_EMBEDDED] = "embedded",
    [MDNS_OFF] = "off",
    NULL,
};

bool mdns_mode_parse(enum mdns_mode *out, const char *word)
{
    for (size_t i = 0; mdns_mode_words[i]; i++) {
        if (strcmp(word, mdns_mode_words[i]) == 0) {
            *out = (enum mdns_mode)i;
            return true;
        }
    }
    return false;
}

enum mdns_mode mdns_mode(const struct mdns *mdns)
{
    return mdns->way->mode;
}

/*
 * Free the closed queries; not while a callback runs, which may be one of theirs, and not once the
 * daemon is lost: avahi still has its objects then, and may call for them until the end.
 */
static void reap(struct mdns *mdns)
{
    struct mdns_query **link = &mdns->queries;

    while (*link && mdns->busy == 0 && !mdns->lost) {
        struct mdns_query *query = *link;
        if (!query->closed) {
            link = &query->next;
            continue;
        }
        if (query->others)
            mdns->way->stop_addresses(query);
        mdns->way->stop(query);
        if (mdns->lost)
            break;
        *link = query->next;
        mdns_query_destroy(query);
    }
}

static void reap_later(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    reap(arg);
}

void mdns_query_free(struct mdns_query *query)
{
    if (!query)
        return;
    query->closed = true;
    if (query->mdns->busy > 0)
        event_active(query->mdns->reap, EV_TIMEOUT, 0);
    else
        reap(query->mdns);
}

static bool open_daemon(struct mdns *mdns, char why[MDNS_WHY_MAX])
{
    mdns->way = &mdns_daemon;
    return mdns->way->open(mdns, why);
}

static bool open_embedded(struct mdns *mdns, char why[MDNS_WHY_MAX])
{
    mdns->way = &mdns_embedded;
    return mdns->way->open(mdns, why);
}

static bool open_way(struct mdns *mdns, struct failure *failure)
{
    char why[MDNS_WHY_MAX] = "";

    if (mdns->options.mode == MDNS_EMBEDDED) {
        mdns_log(mdns, "mDNS: embedded (asked for)");
    } else if (open_daemon(mdns, why)) {
        return true;
    } else if (mdns->options.mode == MDNS_DAEMON) {
        return failure_set(failure, EXIT_LOCAL_FAILURE,
                           "no mDNS through avahi-daemon: %s%s (--mdns=embedded does without)", why,
                           mdns->way->hint);
    } else {
        mdns_log(mdns, "mDNS: embedded (no daemon: %s)", why);
    }
    if (!open_embedded(mdns, why))
        return failure_set(failure, EXIT_LOCAL_FAILURE, "no mDNS: %s", why);
    return true;
}

static bool find_interface(struct mdns *mdns, struct failure *failure)
{
    mdns->interface = AVAHI_IF_UNSPEC;
    if (!mdns->options.interface)
        return true;
    unsigned index = if_nametoindex(mdns->options.interface);
    if (index == 0)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "no network interface \"%s\": %s",
                           mdns->options.interface, strerror(errno));
    mdns->interface = (AvahiIfIndex)index;
    return true;
}

struct mdns *mdns_open(struct event_base *base, const struct mdns_options *options,
                       struct failure *failure)
{
    struct mdns *mdns = calloc(1, sizeof *mdns);

    if (mdns) {
        mdns->options = *options;
        mdns_poll_init(&mdns->poll, base);
        mdns->reap = event_new(base, -1, 0, reap_later, mdns);
    }
    if (!mdns || !mdns->reap) {
        free(mdns);
        failure_set(failure, EXIT_LOCAL_FAILURE, "no mDNS: %s", strerror(ENOMEM));
        return NULL;
    }
    if (!find_interface(mdns, failure) || !open_way(mdns, failure)) {
        event_free(mdns->reap);
        free(mdns);
        return NULL;
    }
    mdns->opened = true;
    return mdns;
}

void mdns_close(struct mdns *mdns)
{
    if (!mdns)
        return;
    mdns->way->close(mdns);
    while (mdns->queries) {
        struct mdns_query *query = mdns->queries;
        mdns->queries = query->next;
        mdns_query_destroy(query);
    }
    event_free(mdns->reap);
    free(mdns);
}

void mdns_check(struct mdns *mdns)
{
    if (mdns->way->check && !mdns->lost)
        mdns->way->check(mdns);
}

static struct mdns_query *query_new(struct mdns *mdns, enum mdns_query_kind kind, void *ctx,
                                    struct failure *failure)
{
    struct mdns_query *query = calloc(1, sizeof *query);

    if (!query) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "no mDNS: %s", strerror(ENOMEM));
        return NULL;
    }
    reap(mdns);
    query->mdns = mdns;
    query->kind = kind;
    query->ctx = ctx;
    /* Until end_new(): avahi may call back before it returns, and no query may go meanwhile. */
    mdns->busy++;
    return query;
}

/* The other half: `object` is avahi's, or NULL when that failed. */
static struct mdns_query *end_new(struct mdns_query *query, void *object, struct failure *failure)
{
    struct mdns *mdns = query->mdns;

    mdns->busy--;
    if (!object) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "no mDNS query: %s", mdns->way->error(mdns));
        mdns_query_destroy(query);
        return NULL;
    }
    query->object = object;
    query->next = mdns->queries;
    mdns->queries = query;
    return query;
}

struct mdns_query *mdns_browse(struct mdns *mdns, mdns_browse_fn *fn, void *ctx,
                               struct failure *failure)
{
    struct mdns_query *query = query_new(mdns, MDNS_QUERY_BROWSE, ctx, failure);

    if (!query)
        return NULL;
    query->fn.browse = fn;
    query = end_new(query, mdns->way->browse(query), failure);
    if (query)
        mdns_log(mdns, "mDNS: asked %u times",
                 mdns_ask(mdns->interface > 0 ? (unsigned)mdns->interface : 0));
    return query;
}

struct mdns_query *mdns_resolve(struct mdns *mdns, const struct mdns_sighting *sighting,
                                int address_family, mdns_service_fn *fn, void *ctx,
                                struct failure *failure)
{
    struct mdns_query *query = query_new(mdns, MDNS_QUERY_SERVICE, ctx, failure);

    if (!query)
        return NULL;
    query->family = address_family;
    query->fn.service = fn;
    return end_new(query, mdns->way->resolve(query, sighting), failure);
}

struct mdns_query *mdns_resolve_host(struct mdns *mdns, const char *host, int address_family,
                                     mdns_host_fn *fn, void *ctx, struct failure *failure)
{
    struct mdns_query *query = query_new(mdns, MDNS_QUERY_HOST, ctx, failure);

    if (!query)
        return NULL;
    query->family = address_family;
    query->fn.host = fn;
    query->host = strdup(host);
    return end_new(query, query->host ? mdns->way->resolve_host(query, host) : NULL, failure);
}
