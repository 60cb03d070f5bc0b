#include "tests/unit/cli/finder_world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

struct finder_world net;

struct mdns *mdns_open(struct event_base *base, const struct mdns_options *options,
                       struct failure *failure)
{
    bool daemon = options->mode != MDNS_EMBEDDED && net.has_daemon;

    cr_assert_eq(base, net.base);
    cr_assert_null(net.mdns);
    if (!daemon && (options->mode == MDNS_DAEMON || !net.has_sockets)) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "no mDNS");
        return NULL;
    }
    net.mdns = calloc(1, sizeof *net.mdns);
    cr_assert_not_null(net.mdns);
    *net.mdns = (struct mdns){ *options, daemon ? MDNS_DAEMON : MDNS_EMBEDDED };
    return net.mdns;
}

/* With all queries: those of this test's are on a list of their own, so that none is leaked. */
static struct mdns_query *open_queries[2048];

void mdns_close(struct mdns *mdns)
{
    for (size_t i = 0; mdns && i < sizeof open_queries / sizeof *open_queries; i++)
        mdns_query_free(open_queries[i]);
    if (mdns)
        net.mdns = NULL;
    free(mdns);
}

/* A daemon that hangs is noticed here, or by whatever it is asked. */
void mdns_check(struct mdns *mdns)
{
    if (net.hangs)
        mdns->options.lost(mdns->options.ctx, "it hangs");
}

enum mdns_mode mdns_mode(const struct mdns *mdns)
{
    return mdns->mode;
}

static struct mdns_query *new_query(struct mdns_query values)
{
    struct mdns_query *query = malloc(sizeof *query);
    size_t i = 0;

    cr_assert_not_null(query);
    *query = values;
    while (open_queries[i])
        i++;
    open_queries[i] = query;
    net.queries++;
    return query;
}

void mdns_query_free(struct mdns_query *query)
{
    if (!query)
        return;
    for (size_t i = 0; i < sizeof open_queries / sizeof *open_queries; i++) {
        if (open_queries[i] == query)
            open_queries[i] = NULL;
    }
    if (net.browse == query)
        net.browse = NULL;
    net.queries--;
    free(query);
}

const char *crowd_name(unsigned i)
{
    static char name[32];

    snprintf(name, sizeof name, "crowd-%u", i);
    return name;
}

struct mdns_query *mdns_browse(struct mdns *mdns, mdns_browse_fn *fn, void *ctx,
                               struct failure *failure)
{
    cr_assert_eq(mdns, net.mdns);
    net.browsed++;
    if (net.browsed == net.stop_at)
        event_base_loopexit(net.base, NULL);
    if (net.fail_browse > 0) {
        net.fail_browse--;
        failure_set(failure, EXIT_LOCAL_FAILURE, "not now");
        return NULL;
    }
    net.browse = new_query((struct mdns_query){ .browse = fn, .ctx = ctx });
    for (unsigned i = 0; i < net.crowd; i++)
        fn(ctx, MDNS_ADDED, &(struct mdns_sighting){ crowd_name(i), 1, AF_INET });
    for (size_t i = 0; i < DEVICES_MAX && net.devices[i]; i++)
        fn(ctx, MDNS_ADDED, &(struct mdns_sighting){ net.devices[i], 1, AF_INET });
    fn(ctx, MDNS_SETTLED, NULL);
    return net.browse;
}

struct mdns_query *mdns_resolve(struct mdns *mdns, const struct mdns_sighting *sighting,
                                int address_family, mdns_service_fn *fn, void *ctx,
                                struct failure *failure)
{
    struct mdns_service service = { .host = "h.local", .txt = (const uint8_t *)"" };

    cr_assert_eq(mdns, net.mdns);
    if (net.hangs && mdns->mode == MDNS_DAEMON) {
        net.refused++;
        mdns->options.lost(mdns->options.ctx, "it hangs");
        failure_set(failure, EXIT_LOCAL_FAILURE, "it hangs");
        return NULL;
    }
    struct mdns_query *query = new_query((struct mdns_query){ .resolve = fn, .ctx = ctx });
    cr_assert(address_parse(&service.address, "192.168.1.40"));
    address_set_port(&service.address, 8266);
    snprintf(query->name, sizeof query->name, "%s", sighting->name);
    /* Before it returns, as it may be. */
    fn(ctx, address_family == AF_INET ? MDNS_ADDED : MDNS_GONE,
       address_family == AF_INET ? &service : NULL);
    return query;
}
