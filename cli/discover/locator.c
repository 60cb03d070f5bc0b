#include "cli/discover/locator.h"

#include <stdlib.h>

static void on_device(void *ctx, enum finder_event event, const struct device *device)
{
    locate_heard(ctx, event, device);
}

static void on_log(void *ctx, const char *text)
{
    const struct locator_options *options = &((struct locator *)ctx)->options;

    options->log(options->log_ctx, text);
}

/* The searches go on without it, as far as they can. It must not be closed from here. */
static void on_lost(void *ctx, const struct failure *failure)
{
    struct locator *locator = ctx;

    locator->failure = *failure;
    event_active(locator->tidy, EV_TIMEOUT, 0);
}

void locator_open_finder(struct locator *locator)
{
    const struct finder_options options = {
        .mode = locator->options.mdns.mode,
        .interface = locator->options.mdns.interface,
        .family = locator->options.family,
        .insist = true,
        .log = locator->options.log ? on_log : NULL,
        .event = on_device,
        .lost = on_lost,
        .ctx = locator,
    };

    if (!locator->finder && !locator->failure.text[0] && options.mode != MDNS_OFF)
        locator->finder = finder_open(locator->base, &options, &locator->failure);
}

void locator_tidy(struct locator *locator)
{
    if (!locator->list)
        event_active(locator->tidy, EV_TIMEOUT, 0);
}

static void on_tidy(evutil_socket_t fd, short what, void *arg)
{
    struct locator *locator = arg;

    (void)fd;
    (void)what;
    if (locator->list && !locator->failure.text[0])
        return;
    finder_close(locator->finder);
    locator->finder = NULL;
}

bool locator_is_idle(const struct locator *locator)
{
    return !locator->list;
}

struct locator *locator_new(struct event_base *base, const struct locator_options *options)
{
    struct locator *locator = calloc(1, sizeof *locator);

    if (!locator)
        return NULL;
    locator->base = base;
    locator->options = *options;
    locator->tidy = event_new(base, -1, 0, on_tidy, locator);
    if (locator->tidy)
        return locator;
    free(locator);
    return NULL;
}

void locator_free(struct locator *locator)
{
    if (!locator)
        return;
    locate_cancel_all(locator);
    finder_close(locator->finder);
    event_free(locator->tidy);
    free(locator);
}
