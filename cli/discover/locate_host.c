#include "cli/discover/locate_host.h"

#include "cli/discover/mdns.h"

#include <stdlib.h>

/* An IPv6 address waits this long for an IPv4 one: stock devices speak that alone. */
#define GRACE_MS 500

struct locate_host {
    struct event_base *base;
    const struct locator_options *options;
    const char *name;
    struct mdns *mdns;
    bool without_daemon;  /* it was lost once */
    struct event *reopen; /* when the daemon is lost, from the loop */
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

static void on_log(void *ctx, const char *text)
{
    const struct locate_host *host = ctx;

    host->options->log(host->options->log_ctx, text);
}

static void on_lost(void *ctx, const char *why)
{
    struct locate_host *host = ctx;

    (void)why;
    event_active(host->reopen, EV_TIMEOUT, 0);
}

/* The questions are closed together with the mdns they belong to. */
static void open_mdns(struct locate_host *host)
{
    const struct locator_options *options = host->options;
    const struct mdns_options mdns = {
        .mode = host->without_daemon ? MDNS_EMBEDDED : options->mdns.mode,
        .interface = options->mdns.interface,
        .log = options->log ? on_log : NULL,
        .lost = on_lost,
        .ctx = host,
    };
    struct failure failure = { .text = "" };

    host->mdns = mdns_open(host->base, &mdns, &failure);
    log_failure(options, &failure);
    if (host->mdns && options->family != AF_INET6 &&
        !mdns_resolve_host(host->mdns, host->name, AF_INET, on_v4, host, &failure))
        log_failure(options, &failure);
    if (host->mdns && options->family != AF_INET &&
        !mdns_resolve_host(host->mdns, host->name, AF_INET6, on_v6, host, &failure))
        log_failure(options, &failure);
}

static void on_reopen(evutil_socket_t fd, short what, void *arg)
{
    struct locate_host *host = arg;

    (void)fd;
    (void)what;
    mdns_close(host->mdns);
    host->without_daemon = host->options->mdns.mode == MDNS_AUTO;
    open_mdns(host);
}

struct locate_host *locate_host_start(struct event_base *base, const char *name,
                                      const struct locator_options *options, locate_host_fn *fn,
                                      void *ctx)
{
    struct locate_host *host = calloc(1, sizeof *host);

    if (!host)
        return NULL;
    host->base = base;
    host->options = options;
    host->name = name;
    host->fn = fn;
    host->ctx = ctx;
    host->answer = event_new(base, -1, 0, on_answer, host);
    host->reopen = event_new(base, -1, 0, on_reopen, host);
    if (!host->answer || !host->reopen) {
        locate_host_free(host);
        return NULL;
    }
    open_mdns(host);
    return host;
}

void locate_host_free(struct locate_host *host)
{
    if (!host)
        return;
    mdns_close(host->mdns);
    if (host->answer)
        event_free(host->answer);
    if (host->reopen)
        event_free(host->reopen);
    free(host);
}
