#include "cli/discover/locate_host.h"

#include "cli/discover/mdns.h"

#include <stdlib.h>

/* An IPv6 address waits this long for an IPv4 one: stock devices speak that alone. */
#define GRACE_MS 500

struct locate_host {
    struct mdns *mdns;
    struct event *answer; /* an answer is told from the loop, where all may be closed */
    struct address v4;
    struct address v6;
    locate_host_fn *fn;
    void *ctx;
};

static void on_answer(evutil_socket_t fd, short what, void *arg)
{
    struct locate_host *host = arg;

    (void)fd;
    (void)what;
    const struct address *best = host->v4.len > 0 ? &host->v4 : &host->v6;
    if (best->len > 0)
        host->fn(host->ctx, best);
}

static void on_v4(void *ctx, enum mdns_event event, const struct address *address)
{
    struct locate_host *host = ctx;

    if (event == MDNS_GONE || host->v4.len > 0)
        return;
    host->v4 = *address;
    event_active(host->answer, EV_TIMEOUT, 0);
}

static void on_v6(void *ctx, enum mdns_event event, const struct address *address)
{
    struct locate_host *host = ctx;
    const struct timeval grace = { .tv_usec = GRACE_MS * 1000 };

    if (event == MDNS_GONE || host->v4.len > 0 || host->v6.len > 0)
        return;
    host->v6 = *address;
    event_add(host->answer, &grace);
}

static void log_failure(const struct locator_options *options, const struct failure *failure)
{
    if (options->log && failure->text[0])
        options->log(options->log_ctx, failure->text);
}

struct locate_host *locate_host_start(struct event_base *base, const char *name,
                                      const struct locator_options *options, locate_host_fn *fn,
                                      void *ctx)
{
    const struct mdns_options mdns = {
        .mode = options->mdns.mode,
        .interface = options->mdns.interface,
        .log = options->log,
        .ctx = options->log_ctx,
    };
    struct locate_host *host = calloc(1, sizeof *host);
    struct failure failure = { .text = "" };

    if (!host)
        return NULL;
    host->fn = fn;
    host->ctx = ctx;
    host->answer = event_new(base, -1, 0, on_answer, host);
    host->mdns = host->answer ? mdns_open(base, &mdns, &failure) : NULL;
    log_failure(options, &failure);
    /* The questions are closed together with the mdns they belong to. */
    if (host->mdns && options->family != AF_INET6 &&
        !mdns_resolve_host(host->mdns, name, AF_INET, on_v4, host, &failure))
        log_failure(options, &failure);
    if (host->mdns && options->family != AF_INET &&
        !mdns_resolve_host(host->mdns, name, AF_INET6, on_v6, host, &failure))
        log_failure(options, &failure);
    return host;
}

void locate_host_free(struct locate_host *host)
{
    if (!host)
        return;
    mdns_close(host->mdns);
    if (host->answer)
        event_free(host->answer);
    free(host);
}
